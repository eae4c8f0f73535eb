"""What a peer is told and asked, in which order: no product's own idea of time has a part in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from agent.bench.data import Corpus


@dataclass(frozen=True, slots=True)
class Step:
    """Turns to add, by their place in the corpus; then questions to ask, by theirs."""

    add: tuple[int, ...]
    ask: tuple[int, ...]


def steps(corpus: Corpus) -> Iterator[Step]:
    """Turns in the order they were said; a question with an ``as_of`` is asked when only what was said by then is in.

    So peers that know no time see what mneme is allowed to see. What is not dated was said last.
    """
    said = [turn.said_at or corpus.now for turn in corpus.turns]
    places = sorted(range(len(said)), key=lambda place: (said[place] is None, said[place]))
    moments = {question.as_of for question in corpus.questions}
    added = 0
    for moment in sorted(moments, key=lambda moment: (moment is None, moment)):
        until = added
        while until < len(places) and _by(said[places[until]], moment):
            until += 1
        asked = tuple(number for number, question in enumerate(corpus.questions) if question.as_of == moment)
        yield Step(tuple(places[added:until]), asked)
        added = until


def _by(said: datetime | None, moment: datetime | None) -> bool:
    return moment is None or (said is not None and said <= moment)


def write_job(file: Path, corpus: Corpus, depth: int) -> None:
    """The neutral file that an adapter reads: every turn as "speaker: words", and the questions as they were put."""
    job = {
        "folder": str(file.parent / "store"),
        "depth": depth,
        "texts": texts(corpus),
        "questions": [question.text for question in corpus.questions],
        "steps": [asdict(step) for step in steps(corpus)],
    }
    file.write_text(json.dumps(job), "utf-8")


def texts(corpus: Corpus) -> list[str]:
    """What every peer stores of each turn: the same words, so the same vectors."""
    return [f"{turn.speaker}: {turn.text}" for turn in corpus.turns]
