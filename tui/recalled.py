"""What was recalled for one reply, in the form the panel shows: the same for a live reply and for one of last year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.events import Recalled
from memory_store.records import LedgerEntry, Turn


@dataclass(frozen=True, slots=True)
class RecalledRow:
    """One memory that was recalled. ``memory`` is None once it has been purged."""

    rank: int
    memory: Turn | None
    score: float
    reasons: Mapping[str, float]
    in_prompt: bool
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecalledSet:
    """Everything that was recalled for one reply, best first."""

    rows: tuple[RecalledRow, ...] = ()
    found: bool | None = None
    """Whether the evidence was strong enough; None where that was not kept."""
    remarks: tuple[str, ...] = ()

    @property
    def in_prompt(self) -> int:
        return sum(row.in_prompt for row in self.rows)

    @property
    def best(self) -> float:
        return max((row.score for row in self.rows), default=0.0)


def from_event(event: Recalled) -> RecalledSet:
    found = event.recollections
    rows = (
        RecalledRow(rank, item.memory, item.score, item.reasons, item.memory.id in event.in_prompt, item.matched)
        for rank, item in enumerate(found, start=1)
    )
    return RecalledSet(tuple(rows), found.found, found.remarks)


def from_ledger(entries: Iterable[LedgerEntry]) -> RecalledSet:
    ordered = sorted(entries, key=lambda entry: entry.rank)
    return RecalledSet(
        tuple(
            RecalledRow(rank, entry.memory, entry.score, entry.reasons, entry.in_prompt)
            for rank, entry in enumerate(ordered, start=1)
        )
    )
