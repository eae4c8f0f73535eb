"""What an act came to, small enough to keep and exact enough to take back: numbers and instants, no words.

Turns are named by their inner number, which is never given again. Instants are microseconds, as the tables keep them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

Ranges = tuple[tuple[int, int], ...]
"""Turns, as first and last of each run of consecutive numbers."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """Turns were pinned, forgotten, or freed of it: ``column`` went from ``was`` to ``now``."""

    column: str
    """``pinned_at`` or ``forgotten_at``."""
    was: int | None
    now: int | None
    turns: Ranges


@dataclass(frozen=True, slots=True)
class Reworded:
    """A turn's wording went from revision ``was`` to revision ``now``."""

    turn: int
    was: int
    now: int


@dataclass(frozen=True, slots=True)
class Retitled:
    """A conversation's title went from the ``was``-th to the ``now``-th."""

    conversation: str
    was: int
    now: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A conversation was archived or deleted, or brought back from there."""

    column: str
    """``archived_at`` or ``deleted_at``."""
    conversation: str
    was: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Added:
    """Turns were written, and conversations begun. Taking it back hides them; nothing is erased."""

    turns: Ranges
    conversations: tuple[str, ...] = ()
    onward: bool = False
    """What was said after them in their conversation goes with them: they took the place of other turns."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The user's word on a memory that was recalled for a reply (records.Signal) went from ``was`` to ``now``."""

    reply: int
    memory: int
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """The user's word on a contradiction (records.ConflictState) went from ``was`` to ``now``."""

    older: int
    newer: int
    was: str
    now: str


Change = Flagged | Reworded | Retitled | Marked | Added | Judged | Ruled

_KINDS: dict[str, type[Change]] = {
    kind.__name__.lower(): kind for kind in (Flagged, Reworded, Retitled, Marked, Added, Judged, Ruled)
}


def to_json(changes: Iterable[Change]) -> str:
    """For the table."""
    return json.dumps([{"change": type(change).__name__.lower(), **asdict(change)} for change in changes])


def from_json(text: str) -> tuple[Change, ...]:
    """The inverse of :func:`to_json`."""
    return tuple(_read(value) for value in json.loads(text))


def _read(value: dict[str, Any]) -> Change:
    kind = _KINDS[value.pop("change")]
    if "turns" in value:
        value["turns"] = tuple((first, last) for first, last in value["turns"])
    if "conversations" in value:
        value["conversations"] = tuple(value["conversations"])
    return kind(**value)


def ranges(seqs: Iterable[int]) -> Ranges:
    """``seqs`` as runs of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if runs and seq == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], seq)
        else:
            runs.append((seq, seq))
    return tuple(runs)


def numbers(turns: Ranges) -> list[int]:
    """The inverse of :func:`ranges`."""
    return [seq for first, last in turns for seq in range(first, last + 1)]


def turns_of(changes: Iterable[Change]) -> Iterator[int]:
    """Every turn that ``changes`` touch; one may come more than once."""
    for change in changes:
        if isinstance(change, Flagged | Added):
            yield from numbers(change.turns)
        elif isinstance(change, Reworded):
            yield change.turn
        elif isinstance(change, Judged):
            yield from (change.memory, change.reply)
        elif isinstance(change, Ruled):
            yield from (change.older, change.newer)


def conversations_of(changes: Iterable[Change]) -> Iterator[str]:
    """Every conversation that ``changes`` touch."""
    for change in changes:
        if isinstance(change, Retitled | Marked):
            yield change.conversation
        elif isinstance(change, Added):
            yield from change.conversations
