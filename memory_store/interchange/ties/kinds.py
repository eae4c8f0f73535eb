"""The kinds of ties. Memories are named by their ids; those that the file does not hold may be in the store already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from memory_store.records import ConflictState, DerivedKind, Signal

Part = tuple[int, int] | None
"""Where in a text something stands: first character and how many."""


@dataclass(frozen=True, slots=True)
class Given:
    """A memory that was recalled for a reply: a line of the ledger."""

    memory: str
    rank: int
    score: float
    reasons: Mapping[str, float]
    in_prompt: bool = False
    number: int | None = None
    """As the model saw it numbered."""
    cited: bool = False


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was recalled for a reply, and what of it was read and cited."""

    reply: str
    at: datetime
    """When the reply was recorded."""
    memories: tuple[Given, ...]
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The user's word on a memory that was recalled for a reply."""

    reply: str
    memory: str
    signal: Signal
    at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """A search that the memory was opened from."""

    memory: str
    query: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """Since when a memory is pinned, and since when it is forgotten."""

    memory: str
    pinned_at: datetime | None
    forgotten_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A newer memory that contradicts an older one, and what the user thinks of it."""

    older: str
    newer: str
    state: ConflictState
    why: str
    older_part: Part
    newer_part: Part
    found_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DerivedFrom:
    """A note that a language model derived, and the turns it was drawn from."""

    note: str
    kind: DerivedKind
    model: str
    at: datetime
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consolidated:
    """A conversation was read by a language model up to this turn."""

    through: str
    at: datetime


Tie = Recalled | Mark | Search | Since | Contradiction | DerivedFrom | Consolidated

CALLED: dict[type[Tie], tuple[str, str]] = {
    Recalled: ("record of what was recalled for a reply", "records of what was recalled for a reply"),
    Mark: ("mark", "marks"),
    Search: ("search", "searches"),
    Contradiction: ("contradiction", "contradictions"),
    DerivedFrom: ("derived note", "derived notes"),
}
"""For a person: one, and many. Of the others nothing is said."""
