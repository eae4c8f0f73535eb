"""Ties out of the lines of an exported file. Every function raises FieldError."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import get_args

from memory_store.interchange.entries import (
    FieldError,
    Row,
    a_list,
    an_object,
    checked,
    flag,
    instant,
    kind,
    name,
    required,
    text,
)
from memory_store.interchange.ties.kinds import (
    Consolidated,
    Contradiction,
    DerivedFrom,
    Given,
    Mark,
    Part,
    Recalled,
    Search,
    Tie,
)
from memory_store.learning.openings import LONGEST
from memory_store.records import ConflictState, DerivedKind, Signal

LARGEST = 10_000_000
"""No place in a text, rank or score is beyond it."""


def tie(row: Row) -> Tie | None:
    """The tie that a line tells of; None: its ``type`` is none that is known."""
    read = _READERS.get(str(row.get("type")))
    return None if read is None else read(row)


def when(row: Row, key: str) -> datetime:
    """An instant."""
    value = instant(row, key)
    if value is None:
        raise FieldError(f'"{key}" is missing')
    return value


def _one_of(row: Row, key: str, known: Collection[str]) -> str:
    value = row.get(key)
    if value not in known:
        raise FieldError(f'"{key}" must be {" or ".join(known)}')
    return str(value)


def _whole(row: Row, key: str) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise FieldError(f'"{key}" must be a whole number, not {kind(value)}')
    return value


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST:
        raise FieldError(f'"{key}" must be a number of at most {LARGEST:,}, not {kind(value)}')
    return float(value)


def _recalled(row: Row) -> Recalled:
    checked(row, {"type", "reply", "at", "memories", "actor"})
    given = [_given(an_object(one, "a memory")) for one in a_list(row.get("memories"), '"memories"')]
    if len({one.rank for one in given}) < len(given):
        raise FieldError('"memories" has a rank twice')
    return Recalled(required(row, "reply"), when(row, "at"), tuple(given), name(row, "actor"))


def _given(row: Row) -> Given:
    checked(row, {"id", "rank", "score", "reasons", "in_prompt", "number", "cited"})
    rank = _whole(row, "rank")
    if rank is None:
        raise FieldError('"rank" is missing')
    reasons = an_object(row.get("reasons", {}), '"reasons"')
    return Given(
        required(row, "id"),
        rank,
        _number(row.get("score"), "score"),
        {term: _number(value, "reasons") for term, value in reasons.items()},
        flag(row, "in_prompt"),
        _whole(row, "number"),
        flag(row, "cited"),
    )


def _mark(row: Row) -> Mark:
    checked(row, {"type", "reply", "memory", "signal", "at"})
    signal: Signal = "helpful" if _one_of(row, "signal", get_args(Signal)) == "helpful" else "wrong"
    return Mark(required(row, "reply"), required(row, "memory"), signal, when(row, "at"))


def _search(row: Row) -> Search:
    checked(row, {"type", "memory", "query", "at"})
    query = text(row, "query")
    if len(query) > LONGEST:
        raise FieldError(f'"query" must have at most {LONGEST} characters')
    return Search(required(row, "memory"), query, when(row, "at"))


def _contradiction(row: Row) -> Contradiction:
    checked(row, {"type", "older", "newer", "state", "why", "older_part", "newer_part", "found_at", "decided_at"})
    older, newer = required(row, "older"), required(row, "newer")
    if older == newer:
        raise FieldError("a memory does not contradict itself")
    wanted = _one_of(row, "state", get_args(ConflictState))
    state: ConflictState = next(one for one in get_args(ConflictState) if one == wanted)
    decided = instant(row, "decided_at")
    parts = _part(row, "older_part"), _part(row, "newer_part")
    return Contradiction(older, newer, state, required(row, "why"), *parts, when(row, "found_at"), decided)


def _part(row: Row, key: str) -> Part:
    if row.get(key) is None:
        return None
    values = a_list(row[key], f'"{key}"')
    numbers = [_whole({key: one}, key) for one in values]
    if len(numbers) != 2 or None in numbers:
        raise FieldError(f'"{key}" must be two whole numbers: where it begins, and how many characters it has')
    return numbers[0] or 0, numbers[1] or 0


def _derived(row: Row) -> DerivedFrom:
    checked(row, {"type", "note", "kind", "model", "at", "sources"})
    wanted = _one_of(row, "kind", get_args(DerivedKind))
    made: DerivedKind = next(one for one in get_args(DerivedKind) if one == wanted)
    sources = tuple(required({"sources": one}, "sources") for one in a_list(row.get("sources"), '"sources"'))
    return DerivedFrom(required(row, "note"), made, text(row, "model"), when(row, "at"), sources)


def _consolidated(row: Row) -> Consolidated:
    checked(row, {"type", "through", "at"})
    return Consolidated(required(row, "through"), when(row, "at"))


_READERS: dict[str, Callable[[Row], Tie]] = {
    "recalled": _recalled,
    "mark": _mark,
    "search": _search,
    "contradiction": _contradiction,
    "derived": _derived,
    "consolidated": _consolidated,
}
TYPES = frozenset(_READERS)
"""What ``type`` may be."""
