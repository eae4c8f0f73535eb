"""The writing half of an import: one transaction per batch, each safe to repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from memory_store import faults
from memory_store.episodic import appending, conversing, writing
from memory_store.interchange.entries import Heading
from memory_store.interchange.ties.kinds import Tie
from memory_store.interchange.ties.writing import Tied, Ties
from memory_store.journal.changes import Added, Change, ranges
from memory_store.records import NewTurn
from memory_store.schema import conversations, turns

if TYPE_CHECKING:
    from memory_store.interchange.importing import Survey
    from memory_store.store import MemoryStore


@dataclass(slots=True)
class _Did:
    """What one transaction did."""

    new: int = 0
    otherwise: int = 0
    hidden: int = 0
    tied: Tied = field(default_factory=Tied)


class Writer:
    """Writes what a survey announced. A deleted or archived conversation is so again together with its last turn,
    so that at no instant an interrupted import leaves it in a state that a second run would not complete."""

    def __init__(self, store: MemoryStore, survey: Survey) -> None:
        self.new = 0
        """Turns written that were not there before."""
        self.otherwise = 0
        """Turns that were there, in other words."""
        self.hidden = 0
        """Turns that were there and are forgotten, which the file does not say of them."""
        self._store = store
        self._survey = survey
        self._left = Counter(survey.sizes)
        self._changed: set[str] = set()
        self.came: Counter[type[Tie]] = Counter()
        """Ties that were not there before, by kind."""
        self.alone = 0
        """Ties of memories that are neither in the file nor here."""
        with store._database.read() as connection:
            self._ties = Ties(connection)

    def write(self, batch: Sequence[NewTurn | Tie]) -> int:
        """One transaction: how many turns were in it. Raises StoreUnavailable."""
        said = [entry for entry in batch if isinstance(entry, NewTurn)]
        ties = [entry for entry in batch if isinstance(entry, Tie)]
        threads = {turn.conversation for turn in said if turn.conversation is not None}
        left, changed = {thread: self._left[thread] for thread in threads}, self._changed & threads

        def work(connection: Connection) -> _Did:
            # What an attempt whose connection was lost had counted. (A Counter's own update would add.)
            dict.update(self._left, left)
            self._changed = self._changed - threads | changed
            return self._write(connection, said, ties)

        did = self._store._database.written(work)
        faults.reached("import:batch")
        self.new += did.new
        self.otherwise += did.otherwise
        self.hidden += did.hidden
        self.came += did.tied.came
        self.alone += did.tied.alone
        self._store._indexer.wake()
        return len(said)

    def _write(self, connection: Connection, batch: Sequence[NewTurn], ties: Sequence[Tie]) -> _Did:
        now, did = self._store.clock(), _Did()
        new: list[appending.Written] = []
        begun: list[str] = []
        for said in batch:
            turn = self._store._screening.turn(said)
            if turn.conversation is not None and self._begin(connection, turn.conversation, now):
                begun.append(turn.conversation)
            written = appending.write_turn(connection, turn, now, self._store._ids, self._store._screening)
            if written.new:
                new.append(written)
            else:
                did.otherwise += written.turn.text != turn.text
                did.hidden += written.turn.forgotten and not turn.forgotten
                self._ties.known(said, written)
            if turn.conversation is not None:
                self._count(connection, turn.conversation, now, new=written.new)
        did.tied = self._ties.write(connection, ties, self._store._screening)
        self._note(connection, now, new, begun, did.tied.changes)
        did.new = len(new)
        return did

    def finish(self) -> None:
        """Conversations without turns. Raises StoreUnavailable."""
        empty = [heading for heading in self._survey.headings.values() if not self._survey.sizes[heading.id]]
        if empty:
            self._store._database.written(partial(self._write_empty, empty))

    def _write_empty(self, empty: Sequence[Heading], connection: Connection) -> None:
        self._changed.difference_update(heading.id for heading in empty)
        begun = []
        for heading in empty:
            now = self._store.clock()
            if self._begin(connection, heading.id, now):
                begun.append(heading.id)
                self._put_away(connection, heading, now)
        self._note(connection, self._store.clock(), [], begun)

    def _note(
        self,
        connection: Connection,
        now: datetime,
        new: Sequence[appending.Written],
        begun: Sequence[str],
        changes: Sequence[Change] = (),
    ) -> None:
        """One part of the act that the whole import is."""
        if new or begun or changes:
            added = [Added(ranges(one.seq for one in new), tuple(begun))] if new or begun else []
            self._store._journal.note(connection, "import", now, [one.turn.id for one in new], [*added, *changes])

    def _begin(self, connection: Connection, conversation: str, now: datetime) -> bool:
        """Begin a conversation unless there is one already, or this run has seen to it. True when it was begun."""
        heading = self._survey.headings[conversation]
        if heading.id in self._changed or self._left[heading.id] != self._survey.sizes[heading.id]:
            return False
        known = connection.execute(select(conversations.c.seq).where(conversations.c.id == heading.id)).scalar()
        if known is not None:
            return False
        began = heading.created_at or self._survey.began.get(heading.id) or now
        title = None if heading.title is None else self._store._screening.words(heading.title)
        appending.ensure_conversation(connection, heading.id, began, title)
        if heading.branched_after is not None:
            conversing.share(connection, heading.id, heading.branched_after)
        self._changed.add(heading.id)
        return True

    def _count(self, connection: Connection, conversation: str, now: datetime, *, new: bool) -> None:
        self._left[conversation] -= 1
        if new:
            self._changed.add(conversation)
        last = self._left[conversation] == 0
        if last and conversation in self._changed:
            self._put_away(connection, self._survey.headings[conversation], now)

    def _put_away(self, connection: Connection, heading: Heading, now: datetime) -> None:
        if heading.archived:
            conversing.archive(connection, heading.id, now, on=True)
        if heading.deleted:
            conversing.put_away(connection, heading.id, heading.deleted_at or now)
            spared = self._survey.spared.get(heading.id, [])
            seqs: list[int] = list(connection.execute(select(turns.c.seq).where(turns.c.id.in_(spared))).scalars())
            writing.set_flag(connection, seqs, "forgotten_at", None)
