"""The part of the door that says which memories contradict each other, and what the user thinks of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from memory_store import reading
from memory_store.accounting import Accounting
from memory_store.clock import in_utc
from memory_store.knowledge import arranging, conflicts
from memory_store.records import Conflict, ConflictState, Superseded

OPEN: tuple[ConflictState, ...] = ("open",)


class Knowing(Accounting):
    """Contradictions are found by rule, behind the conversation (:mod:`memory_store.knowledge`). They hide nothing."""

    def conflicts(
        self, states: Collection[ConflictState] = OPEN, *, memory: str | None = None, limit: int | None = None
    ) -> list[Conflict]:
        """Contradictions in these states, the newest first; about one ``memory``, or all there are.

        Those of forgotten memories are left out. Raises UnknownId, AmbiguousId.
        """
        with self._database.read() as connection:
            about = None if memory is None else reading.seq_of(connection, memory)
            return conflicts.listed(connection, states, memory=about, limit=limit)

    def open_conflicts(self) -> int:
        """How many contradictions wait for the user's word."""
        with self._database.read() as connection:
            return conflicts.open_count(connection)

    def conflict(self, id: str) -> Conflict:
        """One contradiction, by its id or a unique beginning of it. Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return conflicts.of_pair(connection, *conflicts.pair_of(connection, id))

    def resolve(self, id: str, state: ConflictState) -> Conflict:
        """Decide a contradiction: ``newer`` holds, ``both`` hold, it is none (``dismissed``), or it is ``open`` again.

        Both memories stay as they are. Where the newer holds, and while it is open, recall gives the newer one first
        and the older one as earlier. Raises UnknownId, AmbiguousId, InvalidInput.
        """
        with self._database.write() as connection:
            now, pair = self.clock(), conflicts.pair_of(connection, id)
            changes = conflicts.rule(connection, *pair, state, now)
            decided = conflicts.of_pair(connection, *pair)
            self._note(connection, "resolve", now, [decided.older.id, decided.newer.id], changes)
            return decided

    def superseded(self, ids: Collection[str], *, as_of: datetime | None = None) -> dict[str, Superseded]:
        """Id of each of these memories that a newer one supersedes -> since when, and what holds now.

        ``as_of``: only by what was said by then.
        """
        with self._database.read() as connection:
            known = {turn.id: seq for seq, turn in reading.turns_by_id(connection, [*ids]).values()}
            return arranging.superseded(connection, known, None if as_of is None else in_utc(as_of))
