"""What was recalled, with the present first: where a memory is superseded, what holds now comes with it, before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.episodic.reading import seqs_of, turns_by_seq
from memory_store.knowledge.conflicts import successors
from memory_store.records import Recollection, Recollections, Superseded, Turn

REASON = "holds now"
"""What a recollection owes to the earlier one that it comes before."""

LONGEST_CHAIN = 50

_ANY = "SELECT 1 FROM conflicts LIMIT 1"


def arranged(
    connection: Connection,
    found: Recollections,
    *,
    as_of: datetime | None,
    exclude: Collection[str],
    leave_out: Callable[[Turn], bool] | None,
) -> Recollections:
    """``found``, best first, with each memory that holds now before those it supersedes, recalled or not.

    What is superseded says since when. A memory in ``exclude``, or that ``leave_out`` tells, is not brought along.
    Where nothing is superseded, ``found`` itself comes back.
    """
    if not found or not plain_rows(connection, _ANY):
        return found
    seqs = seqs_of(connection, [item.memory.id for item in found])
    lines = _Lines.of(connection, seqs, as_of)
    if not lines.next:
        return found
    recalled = dict(zip(seqs, found, strict=True))
    placed: dict[int, Recollection] = {}
    for seq, item in recalled.items():
        for newer in lines.after(seq)[-1:]:
            memory = lines.turns[newer]
            out = memory.id in exclude or (leave_out is not None and leave_out(memory))
            if newer not in placed and (newer in recalled or not out):
                placed[newer] = _before(item, recalled.get(newer), memory)
        placed.setdefault(seq, lines.said(seq, item))
    return found.having(placed.values())


def superseded(connection: Connection, known: Mapping[str, int], as_of: datetime | None) -> dict[str, Superseded]:
    """Id of each memory of ``known`` (id -> number) that is superseded -> since when, and what holds now."""
    lines = _Lines.of(connection, list(known.values()), as_of)
    told = {memory: lines.told(seq) for memory, seq in known.items()}
    return {memory: one for memory, one in told.items() if one is not None}


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of memories that superseded one another."""

    next: Mapping[int, int]
    """A superseded memory's number -> that of the newest which supersedes it."""
    since: Mapping[int, int]
    """... of the first which did."""
    turns: Mapping[int, Turn]

    @classmethod
    def of(cls, connection: Connection, seqs: Collection[int], as_of: datetime | None) -> _Lines:
        following: dict[int, list[int]] = {}
        asked = set(seqs)
        for _ in range(LONGEST_CHAIN):
            more = successors(connection, asked, as_of)
            following |= more
            asked = {seq for found in more.values() for seq in found} - following.keys()
            if not asked:
                break
        turns = turns_by_seq(connection, {seq for found in following.values() for seq in found})
        newest = {seq: found[-1] for seq, found in following.items()}
        return cls(newest, {seq: found[0] for seq, found in following.items()}, turns)

    def after(self, seq: int) -> list[int]:
        """What superseded ``seq``, what superseded that, and so on; the last holds now."""
        line: list[int] = []
        while seq in self.next and self.next[seq] not in line:
            seq = self.next[seq]
            line.append(seq)
        return line

    def told(self, seq: int) -> Superseded | None:
        line = self.after(seq)
        return Superseded(self.turns[self.since[seq]].said_at, self.turns[line[-1]].id) if line else None

    def said(self, seq: int, item: Recollection) -> Recollection:
        told = self.told(seq)
        return item if told is None else replace(item, superseded=told)


def _before(older: Recollection, own: Recollection | None, memory: Turn) -> Recollection:
    """What holds now, as worth recalling as the earlier one that was found."""
    if own is None:
        return Recollection(memory, older.score, {REASON: older.score})
    if own.score >= older.score:
        return own
    return replace(own, score=older.score, reasons={**own.reasons, REASON: older.score - own.score})
