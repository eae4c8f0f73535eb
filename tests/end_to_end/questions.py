"""Questions for ``mneme bench answers`` about a life of facts, in mneme's own format, for the tiny model.

    python -m tests.end_to_end.questions FOLDER [COUNT]      writes names.jsonl, numbers.jsonl and letters.jsonl

``names`` are values like those of the training, of words it never saw. ``numbers`` (telephone numbers, number plates)
and ``letters`` (Polish, Turkish, Icelandic ones) are unlike anything it was trained on: pieces it has no practice in
copying.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.end_to_end.life import held_out_facts
from tests.tiny_model.world import Fact

SEED = 11
CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ONSETS = "Łu Źd Śc Ön Äg Øst Ås Ñu Çe Ğü Ţi Ře Þo Čá Ãr Dż".split()
MIDDLES = "ka ðri ğan żel ål œr ễn üş ña ção ęk ół ström ýr ßel ťan íř".split()
ENDS = "sz k ć n s ž ff y ő rð ø ń".split()


def _number(random: Random) -> str:
    digits, letters = (lambda count: "".join(random.choices("0123456789", k=count))), random.choices
    kinds: list[Callable[[], str]] = [
        lambda: f"{digits(3)} {digits(3)} {digits(4)}",
        lambda: f"{''.join(letters(CAPITALS, k=2))}-{digits(4)}-{random.choice(CAPITALS)}",
        lambda: f"{digits(2)}.{digits(3)}.{digits(3)}",
        lambda: f"{''.join(letters(CAPITALS, k=3))}{digits(random.choice((2, 3, 4)))}",
    ]
    return random.choice(kinds)()


def _letters(random: Random) -> str:
    def word() -> str:
        return random.choice(ONSETS) + "".join(random.choices(MIDDLES, k=random.choice((1, 2)))) + random.choice(ENDS)

    return f"{word()} {word()}" if random.random() < 0.4 else word()


VALUES: dict[str, Callable[[Random], str] | None] = {"names": None, "numbers": _number, "letters": _letters}


def write_questions(file: Path, kind: str, count: int, seed: int = SEED) -> None:
    """``count`` facts with values of ``kind``, each with a question, and the value and the sentence that answer it."""
    random, draw = Random(seed), VALUES[kind]
    facts = held_out_facts(count, random)
    if draw is not None:
        facts = [Fact(fact.attribute, fact.person, draw(random)) for fact in facts]
    rows: list[dict[str, Any]] = [{"format": "mneme-memory", "version": 1}]
    for number, fact in enumerate(facts):
        said_at = f"2026-10-{1 + number // 60:02}T09:{number % 60:02}:00Z"
        told = {"id": f"m{number}", "conversation": "october", "speaker": "user", "said_at": said_at}
        rows.append({"type": "memory", "text": fact.tell(random), **told})
    for number, fact in enumerate(facts):
        answer = [fact.answer, fact.value]
        rows.append({"type": "question", "text": fact.ask(random), "evidence": [f"m{number}"], "answer": answer})
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    for name in VALUES:
        write_questions(Path(sys.argv[1]) / f"{name}.jsonl", name, int(sys.argv[2]) if len(sys.argv) > 2 else 100)
