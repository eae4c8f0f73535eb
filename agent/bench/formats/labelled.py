"""mneme's own format with questions in it: an export (docs/interchange.md) plus lines of ``"type": "question"``."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.bench.data import Corpus, DataError, DataSet, Question, as_data_error
from memory_store.interchange.entries import FieldError, a_list, instant, text
from memory_store.interchange.jsonl import read_jsonl
from memory_store.interchange.source import Source, opened
from memory_store.records import NewTurn

FIELDS = {"type", "text", "evidence", "answer", "category", "as_of"}


UNKNOWN = "question about a memory that is not in the file"


def load_labelled(path: Path, *, skip_unknown: bool = False) -> DataSet:
    """Memories and questions of one file: one store. ``skip_unknown``: evidence that is no memory there is passed over,
    instead of refused. Raises DataError naming the line."""
    with as_data_error(), opened(path) as source:
        asked = [(line, value) for line, value in source.values() if _is_question(value)]
        memories = Source(source.name, io.BytesIO(_without(source, {line for line, _ in asked})))
        turns = tuple(entry for entry in read_jsonl(memories) if isinstance(entry, NewTurn) and not entry.forgotten)
    keys = tuple(str(place) for place in range(len(turns)))
    answers = dict(_answers(turns))
    skipped = Counter[str]()
    if skip_unknown:
        asked = [(line, _without_unknown(value, answers, skipped)) for line, value in asked]
        asked = [(line, value) for line, value in asked if value.get("evidence") or "answer" in value]
    questions = tuple(_question(value, line, path, answers) for line, value in asked)
    if not questions:
        raise DataError(str(path), None, 'no line with "type": "question" in it, so nothing can be asked')
    return DataSet(path.stem, "turn", (Corpus(path.stem, turns, keys, questions),), dict(skipped))


def _without_unknown(value: dict[str, Any], answers: dict[str, str], skipped: Counter[str]) -> dict[str, Any]:
    evidence = value.get("evidence")
    if not isinstance(evidence, list):
        return value
    known = [name for name in evidence if str(name) in answers]
    skipped[UNKNOWN] += len(known) < len(evidence)
    return {**value, "evidence": known}


def _is_question(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "question"


def _without(source: Source, lines: set[int]) -> bytes:
    """The file with these lines blank, so that the others keep their numbers."""
    kept = {number: words for number, words in source.lines() if number not in lines}
    return "\n".join(kept.get(number, "") for number in range(1, max(kept, default=0) + 1)).encode()


def _answers(turns: tuple[NewTurn, ...]) -> Iterator[tuple[str, str]]:
    """What evidence may be called -> its key: memories' ids, and source ids that only one memory has."""
    sources = Counter(turn.source_id for turn in turns)
    for place, turn in enumerate(turns):
        if turn.source_id is not None and sources[turn.source_id] == 1:
            yield turn.source_id, str(place)
    for place, turn in enumerate(turns):
        if turn.id is not None:
            yield turn.id, str(place)


def _question(value: dict[str, Any], line: int, path: Path, answers: dict[str, str]) -> Question:
    try:
        unknown = sorted(value.keys() - FIELDS)
        if unknown:
            raise FieldError(f'unknown field "{unknown[0]}": expected {", ".join(sorted(FIELDS))}')
        right = _right_answers(value.get("answer"))
        evidence = [str(name) for name in a_list(value.get("evidence", [] if right else None), '"evidence"')]
        if not evidence and not right:
            raise FieldError('"evidence" is empty: name the memories that answer the question, or give its "answer"')
        for name in evidence:
            if name not in answers:
                raise FieldError(f"{json.dumps(name)} is the id or source id of no memory, or of several")
        found = frozenset(answers[name] for name in evidence)
        return Question(text(value, "text"), found, str(value.get("category") or ""), instant(value, "as_of"), right)
    except FieldError as bad:
        raise DataError(str(path), line, str(bad)) from bad


def _right_answers(value: Any) -> tuple[str, ...]:
    """One text, or several of which any is right. Raises FieldError."""
    if value is None:
        return ()
    texts = a_list(value, '"answer"') if isinstance(value, list) else [value]
    if not texts or not all(isinstance(one, str) and one.strip() for one in texts):
        raise FieldError('"answer" must be a text that is not blank, or an array of such')
    return tuple(texts)
