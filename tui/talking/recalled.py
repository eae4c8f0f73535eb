"""What was recalled for one reply, in the form the panel shows: the same for a live reply and for one of last year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent.citations import Citation
from agent.events import Recalled
from memory_store.records import LedgerEntry, Signal, Turn
from tui.text.wording import count


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
    """By which the reply may cite it; None: it was not before the model."""
    cited: bool = False
    until: datetime | None = None
    """When it was superseded; None: it holds, as far as is known."""
    signal: Signal | None = None
    """What the user thinks of it here."""


@dataclass(frozen=True, slots=True)
class RecalledSet:
    """Everything that was recalled for one reply, best first."""

    rows: tuple[RecalledRow, ...] = ()
    found: bool | None = None
    """Whether the evidence was strong enough; None where that was not kept."""
    remarks: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    """Id of every memory that was before the model, pinned ones too -> its number there."""

    @property
    def in_prompt(self) -> int:
        return sum(row.in_prompt for row in self.rows)

    @property
    def best(self) -> float:
        return max((row.score for row in self.rows), default=0.0)


def from_event(event: Recalled) -> RecalledSet:
    found = event.recollections
    numbers = event.numbers
    rows = (
        RecalledRow(
            rank,
            item.memory,
            item.score,
            item.reasons,
            item.memory.id in event.in_prompt,
            item.matched,
            numbers.get(item.memory.id),
            until=item.superseded.since if item.superseded else None,
        )
        for rank, item in enumerate(found, start=1)
    )
    return RecalledSet(tuple(rows), found.found, found.remarks, numbers)


def with_citations(recalled: RecalledSet | None, citations: Sequence[Citation]) -> RecalledSet | None:
    """The same once the reply is known: what it cites is marked. A pinned memory need not have been recalled."""
    if not citations:
        return recalled
    known = recalled or RecalledSet()
    cited = {citation.memory.id: citation for citation in citations}
    rows = [_cited(row, cited.pop(row.memory.id, None)) if row.memory else row for row in known.rows]
    rows += [
        RecalledRow(rank, citation.memory, 0.0, {}, in_prompt=True, number=citation.number, cited=True)
        for rank, citation in enumerate(cited.values(), start=len(rows) + 1)
    ]
    return replace(known, rows=tuple(rows))


def _cited(row: RecalledRow, citation: Citation | None) -> RecalledRow:
    return row if citation is None else replace(row, cited=True, number=citation.number)


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
                number=entry.number,
                cited=entry.cited,
                until=entry.superseded.since if entry.superseded else None,
            )
            for rank, entry in enumerate(ordered, start=1)
        ),
        numbers={entry.memory_id: entry.number for entry in ordered if entry.number is not None},
    )


def summary(recalled: RecalledSet | None) -> str:
    """``3 memories recalled, 2 in the prompt``: the line below a reply."""
    if recalled is None or not recalled.rows:
        return ""
    said = f"{count(len(recalled.rows), 'memory', 'memories')} recalled"
    inside = recalled.in_prompt
    return said if inside == len(recalled.rows) else f"{said}, {inside or 'none'} in the prompt"
