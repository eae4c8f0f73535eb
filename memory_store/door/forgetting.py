"""The part of the door that forgets many memories by a policy: planned, foretold, done, or done daily by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.door.accounting import Accounting
from memory_store.door.transactions import in_one_transaction
from memory_store.episodic import reading, writing
from memory_store.errors import InvalidInput
from memory_store.journal.changes import Flagged, from_json, numbers
from memory_store.records import Forecast, PrunePlan, PrunePolicy, PruneReceipt, Turn
from memory_store.retention import freeing, planning
from memory_store.retention.usage import Uses
from memory_store.schema import from_micros, to_micros
from memory_store.semantic import vectors
from memory_store.semantic.indexer import Indexer

DAILY = timedelta(days=1)
LAST = "retention_at"
"""When a policy was last applied by itself."""
_BROUGHT_BACK = "SELECT changes FROM acts WHERE act <> 'discard' AND changes LIKE '%forgotten_at%'"


@dataclass(frozen=True, slots=True)
class _Considered:
    """Everything that a prune looks at, read at one instant."""

    memories: dict[int, Turn]
    used: dict[str, Uses]
    vectors: NDArray[np.float32] | None


class Forgetting(Accounting):
    """Prunes. What they take is forgotten: hidden, restorable, one act to undo."""

    _indexer: Indexer

    def plan_prune(self, policy: PrunePolicy) -> PrunePlan:
        """What ``policy`` would forget, with a reason for each. Changes nothing. Raises InvalidInput."""
        return self._plan(policy, self._considered(policy), timedelta(0))

    def forecast(self, policy: PrunePolicy, ahead: Sequence[timedelta]) -> list[Forecast]:
        """What ``policy`` would forget after each of these times, if nothing were said, recalled or pinned meanwhile.

        Changes nothing. Raises InvalidInput for a policy that cannot be meant, or a time that is not ahead.
        """
        if any(time < timedelta(0) for time in ahead):
            raise InvalidInput("A forecast looks ahead: its times cannot be negative.")
        found = self._considered(policy)
        return [Forecast(time, self.clock() + time, self._plan(policy, found, time)) for time in ahead]

    @in_one_transaction
    def apply(self, connection: Connection, plan: PrunePlan) -> PruneReceipt:
        """Forget what ``plan`` names, in one transaction; what was pinned, edited or purged since is skipped."""
        return self._apply(connection, plan, "prune")

    def prune_if_due(self, policy: PrunePolicy, *, every: timedelta = DAILY) -> PruneReceipt | None:
        """Apply ``policy`` unless that was done less than ``every`` ago; None then. For a policy that works by itself.

        What somebody brought back after it had been forgotten is spared: nobody has to bring it back twice. It is an
        act of kind ``retention``. Raises InvalidInput.
        """
        with self._database.read() as connection:
            if not self._due(connection, every):
                return None
        return self._apply_if_due(self.plan_prune(policy), every)

    @in_one_transaction
    def _apply_if_due(self, connection: Connection, plan: PrunePlan, every: timedelta) -> PruneReceipt | None:
        if not self._due(connection, every):  # another process has done it meanwhile
            return None
        vectors.write_meta(connection, LAST, str(to_micros(self.clock())))
        spared = {turn.id for turn in reading.turns_by_seq(connection, _brought_back(connection)).values()}
        rows = tuple(row for row in plan.rows if row.memory.id not in spared)
        return self._apply(connection, PrunePlan(plan.policy, rows, plan.considered), "retention")

    def _due(self, connection: Connection, every: timedelta) -> bool:
        last = vectors.read_meta(connection, LAST)
        return last is None or abs(self.clock() - from_micros(int(last))) >= every

    def _apply(self, connection: Connection, plan: PrunePlan, act: str) -> PruneReceipt:
        now = self.clock()
        present = reading.turns_by_id(connection, [row.memory.id for row in plan.rows])
        same = [row.memory.id for row in plan.rows if present.get(row.memory.id, (0, None))[1] == row.memory]
        changes = writing.set_flag(connection, [present[known][0] for known in same], "forgotten_at", now)
        self._note(connection, act, now, same, changes)
        chosen = set(same)
        return PruneReceipt(tuple(same), tuple(row.memory.id for row in plan.rows if row.memory.id not in chosen))

    def _considered(self, policy: PrunePolicy) -> _Considered:
        planning.check(policy)
        with self._database.read() as connection:
            memories = reading.numbered_memories(connection)
            used = reading.uses_of(connection)
            stored = self._vectors_of(connection, list(memories)) if _needs_vectors(policy) else None
        return _Considered(memories, {turn.id: used[seq] for seq, turn in memories.items() if seq in used}, stored)

    def _plan(self, policy: PrunePolicy, found: _Considered, ahead: timedelta) -> PrunePlan:
        memories, now = list(found.memories.values()), self.clock() + ahead
        return planning.plan(
            policy,
            memories,
            used=found.used,
            now=now,
            vectors=found.vectors,
            vector_bytes=2 * self._indexer.embedder.dimensions,
        )

    def _vectors_of(self, connection: Connection, seqs: list[int]) -> NDArray[np.float32] | None:
        filed = vectors.embedder_seq(connection, self._indexer.embedder)
        if filed is None:
            return None
        known, rows = vectors.some(connection, filed, seqs)
        table = np.full((len(seqs), self._indexer.embedder.dimensions), np.nan, np.float32)
        place = {seq: number for number, seq in enumerate(seqs)}
        table[[place[seq] for seq in known.tolist()]] = rows
        return table


def _needs_vectors(policy: PrunePolicy) -> bool:
    return policy.similar is not None or freeing.needs_vectors(policy)


def _brought_back(connection: Connection) -> set[int]:
    """Turns that were forgotten and that an act brought back."""
    found: set[int] = set()
    for (changes,) in plain_rows(connection, _BROUGHT_BACK):
        for change in from_json(changes):
            if isinstance(change, Flagged) and change.column == "forgotten_at" and change.now is None:
                found.update(numbers(change.turns))
    return found
