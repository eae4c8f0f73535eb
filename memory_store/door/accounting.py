"""The part of the door that says what was done to the memory, and takes it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from memory_store.clock import Clock
from memory_store.database.base import Database
from memory_store.door.transactions import in_one_transaction
from memory_store.episodic import reading
from memory_store.errors import InvalidInput, UnknownId
from memory_store.journal import audit, undoing
from memory_store.journal.acts import REDO, UNDO, Act, AuditEntry, AuditFilter, TakenBack, Way
from memory_store.journal.changes import Change
from memory_store.journal.keeping import Journal
from memory_store.semantic.indexer import Indexer

EVERYTHING = AuditFilter()


class Accounting:
    """Acts, undo and redo. Everything that changes what is remembered is an act, whichever process did it."""

    clock: Clock
    _database: Database
    _indexer: Indexer
    _journal: Journal

    def acts(self, limit: int | None = 20, *, actor: str = "") -> list[Act]:
        """What was done, newest first: by anybody, or by one ``actor``. Turns of a conversation are no acts."""
        with self._database.read() as connection:
            condition = " AND (? = '' OR a.actor = ?) ORDER BY a.seq DESC LIMIT ?"
            found = undoing.heads(connection, condition, actor, actor, sys.maxsize if limit is None else limit)
            return [head.act for head in found]

    @property
    def actor(self) -> str:
        """In whose name this opening of the store does what it does."""
        return self._journal.actor

    def audit(self, wanted: AuditFilter = EVERYTHING, *, limit: int | None = None) -> list[AuditEntry]:
        """What was done and what was read into which prompt, newest first; ids and instants, never words.

        It is append-only: the database refuses to change or delete a line, but for what a purge takes with it (what
        was read for a purged reply). A memory may be named by a unique beginning of its id while it is there.
        Raises AmbiguousId.
        """
        with self._database.read() as connection:
            return audit.entries(connection, replace(wanted, memory=_whole_id(connection, wanted.memory)), limit)

    def next_undo(self, *, actor: str = "") -> Act | None:
        """What :meth:`undo` would take back, whether or not it can be; None: there is nothing."""
        with self._database.read() as connection:
            return undoing.next_act(connection, UNDO, actor)

    def undo(self, n: int = 1, *, acts: Sequence[int] = (), actor: str = "", dry_run: bool = False) -> list[TakenBack]:
        """Take the last ``n`` acts back, newest first; or those numbered ``acts``. What was taken back, in order.

        Fewer, or none, when there are no more. ``actor``: only what this one did. ``dry_run``: say it, and change
        nothing. All of it is one transaction, and each undo is an act of its own: :meth:`redo` does again what was
        undone. What was edited gets its earlier wording as a new revision; what was added is forgotten, not erased.

        Raises CannotUndo, and changes nothing, where one of them cannot be taken back: its memories were purged, or
        (with ``acts`` or ``actor``) something newer stands on it. Raises InvalidInput for ``n`` below 1.
        """
        return self._take_back(UNDO, n, acts, actor, dry_run)

    def redo(self, n: int = 1, *, acts: Sequence[int] = (), actor: str = "", dry_run: bool = False) -> list[TakenBack]:
        """Do again what :meth:`undo` took back, the last undone first. Arguments and errors as there."""
        return self._take_back(REDO, n, acts, actor, dry_run)

    def _note(
        self, connection: Connection, act: str, now: datetime, subjects: Sequence[str], changes: Sequence[Change]
    ) -> None:
        if changes:
            self._journal.note(connection, act, now, subjects, changes)

    def _take_back(self, way: Way, n: int, acts: Sequence[int], actor: str, dry_run: bool) -> list[TakenBack]:
        if n < 1:
            raise InvalidInput("The number of acts must be at least 1.")
        done = self._taken_back(way, acts or [None] * n, actor, dry_run)
        self._indexer.wake()
        return done

    @in_one_transaction
    def _taken_back(
        self, connection: Connection, way: Way, numbers: Sequence[int | None], actor: str, dry_run: bool
    ) -> list[TakenBack]:
        done: list[TakenBack] = []
        for number in numbers:
            one = undoing.take_back(connection, self._journal, way, self.clock(), number=number, actor=actor)
            if one is None:
                break
            done.append(one)
        if dry_run:
            connection.rollback()
        return done

    @contextmanager
    def as_one_act(self) -> Iterator[None]:
        """What this thread changes inside counts as one act: it is listed once and taken back together."""
        with self._journal.as_one():
            yield

    @in_one_transaction
    def note_act(self, connection: Connection, act: str, subjects: Sequence[str] = ()) -> int:
        """Put something into the audit that changes no memory, such as an export: its number. ``subjects``: ids.

        Raises StoreUnavailable.
        """
        return self._journal.note(connection, act, self.clock(), subjects)


def _whole_id(connection: Connection, id: str) -> str:
    """The id that ``id`` is the beginning of; itself where there is none: it may have been purged."""
    try:
        seq = reading.seq_of(connection, id)
    except UnknownId:
        return id
    return reading.turns_by_seq(connection, [seq])[seq].id
