"""MADial-Bench (He et al. 2024): dialogues in which an assistant should bring up one of 160 memories, zh and en.

The query is what was said up to the turn that should remember, the speakers' names left out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.bench.data import Corpus, DataError, DataSet, Question
from agent.bench.formats.files import a_list, a_text, an_object, read_lines
from memory_store.records import NewTurn

MEMORIES, DIALOGUES = "-memories.jsonl", "-dialogues.jsonl"
_LINE = re.compile(r'^<(?:\w+)>\s*[:：]\s*"?(.*?)"?\s*$', re.DOTALL)


def load_madial(path: Path) -> list[DataSet]:
    """Every language in the folder (or beside the file named) as a set of its own. Raises DataError."""
    folder = path if path.is_dir() else path.parent
    found = sorted(folder.glob(f"*{MEMORIES}"))
    if not path.is_dir():
        found = [file for file in found if path.name.startswith(file.name.removesuffix(MEMORIES))]
    if not found:
        raise DataError(str(path), None, f"no *{MEMORIES} there: this is not MADial-Bench")
    return [_language(file) for file in found]


def is_madial(path: Path) -> bool:
    """Whether the folder holds MADial-Bench, or the file is one of its two."""
    return any(path.glob(f"*{MEMORIES}")) if path.is_dir() else path.name.endswith((MEMORIES, DIALOGUES))


def _language(file: Path) -> DataSet:
    language = file.name.removesuffix(MEMORIES)
    dialogues = file.with_name(language + DIALOGUES)
    if not dialogues.exists():
        raise DataError(str(dialogues), None, "this file is missing: it holds the questions")
    memories = _memories(file)
    asked = tuple(_question(row, dialogues, f"line {line}", memories) for line, row in read_lines(dialogues))
    corpus = Corpus(f"MADial {language}", tuple(memories.values()), tuple(memories), asked)
    return DataSet(corpus.name, "turn", (corpus,))


def _memories(file: Path) -> dict[str, NewTurn]:
    """Each line is an object of memories by id. They become notes."""
    found = {}
    for line, row in read_lines(file):
        for name, value in row.items():
            memory = an_object(value, file, f"line {line}")
            words = a_text(memory, "event", file, f"line {line}")
            found[name] = NewTurn(words, said_at=_day(memory), source_id=name)
    return found


def _day(memory: dict[str, Any]) -> datetime | None:
    """Some are dated with a phrase only, which is no date."""
    try:
        return datetime.fromisoformat(str(memory.get("time"))[:10]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _question(row: dict[str, Any], file: Path, what: str, memories: dict[str, NewTurn]) -> Question:
    said = a_list(row.get("dialogue"), file, f'"dialogue" in {what}')
    [until, *_] = a_list(row.get("test-turn"), file, f'"test-turn" in {what}') or [None]
    if not isinstance(until, int) or not 2 <= until <= len(said):
        raise DataError(str(file), None, f'"test-turn" in {what} must name a turn of the dialogue after its first')
    lines = [_LINE.sub(r"\1", str(line).strip()) for line in said[1:until]]
    evidence = {str(one) for one in a_list(row.get("relevant-id"), file, f'"relevant-id" in {what}')}
    unknown = sorted(evidence - memories.keys())
    if unknown or not evidence:
        raise DataError(str(file), None, f'"relevant-id" in {what}: {unknown or "nothing"} is no memory')
    return Question("\n".join(lines), frozenset(evidence))
