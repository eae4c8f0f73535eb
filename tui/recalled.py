"""What was recalled for one reply, in the form the panel shows: the same for a live reply and for one of last year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.citations import Citation
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
    number: int | None = None
    """By which the reply cites it; None: it does not."""


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


def with_citations(recalled: RecalledSet | None, citations: Sequence[Citation]) -> RecalledSet | None:
    """The same once the reply is known: what it cites bears its number. A pinned memory need not have been recalled."""
    if not citations:
        return recalled
    known = recalled or RecalledSet()
    numbers = {citation.memory.id: citation.number for citation in citations}
    rows = [replace(row, number=numbers.pop(row.memory.id, None)) if row.memory else row for row in known.rows]
    rows += [
        RecalledRow(rank, citation.memory, 0.0, {}, in_prompt=True, number=citation.number)
        for rank, citation in enumerate((one for one in citations if one.memory.id in numbers), start=len(rows) + 1)
    ]
    return replace(known, rows=tuple(rows))


def from_ledger(entries: Iterable[LedgerEntry]) -> RecalledSet:
    ordered = sorted(entries, key=lambda entry: entry.rank)
    return RecalledSet(
        tuple(
            RecalledRow(
                rank,
                entry.memory,
                entry.score,
                entry.reasons,
                entry.in_prompt,
                number=entry.number if entry.cited else None,
            )
            for rank, entry in enumerate(ordered, start=1)
        )
    )
