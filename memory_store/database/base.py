"""The record of truth, whichever database keeps it: two kinds of transaction, and plain statements inside them.

What is not the same in SQLite and PostgreSQL is behind :class:`~memory_store.database.dialects.Dialect`. The hot paths
speak SQL themselves, in words both know; where they differ, a statement says ``@numbers`` and the like (dialects.py
lists them).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine

from memory_store.database import dialects
from memory_store.database.dialects import Value
from memory_store.database.locks import IndexLock

Result = TypeVar("Result")


class Database(ABC):
    """The tables of one profile, open for any number of threads."""

    engine: Engine
    place: str
    """Where it is, for a message; never a password."""
    encrypted = False
    """Whether everything in it is under a passphrase."""
    out_of_reach = ""
    """What may hold what was purged and cannot be searched from here; empty: nothing."""
    changed: Callable[[Connection], None] | None = None
    """Called in a transaction that finds the tables' shape changed since the last one: by another process."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """A consistent view. Raises StoreUnavailable, StoreDamaged, InvalidInput (a lone surrogate)."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Connection]:
        """One transaction that holds the write lock from its start, so that it can never fail half-way for want of it.

        Raises StoreUnavailable (disk full, read-only, locked for too long, connection lost), StoreDamaged.
        """

    def written(self, work: Callable[[Connection], Result]) -> Result:
        """``work`` in a transaction that writes. Where the server goes away before it is committed, it is done once
        more from the beginning, so it must keep nothing of what it did."""
        with self.write() as connection:
            return work(connection)

    def asked(self, work: Callable[[Connection], Result]) -> Result:
        """The same for what only reads."""
        with self.read() as connection:
            return work(connection)

    @abstractmethod
    def index_lock(self) -> IndexLock:
        """The lock whose holder keeps the index of meaning."""

    @abstractmethod
    def forget_deleted(self, *, compact: bool = False) -> bool:
        """See to it that what was deleted is not merely free space. False: ``compact`` was asked for and could not be
        done because the database is in use."""

    @abstractmethod
    def size(self) -> int:
        """Bytes it takes."""

    @abstractmethod
    def close(self) -> None:
        """Let go of every file and connection."""


def plain_rows(connection: Connection, sql: str, *values: Value) -> Sequence[tuple[Any, ...]]:
    """The rows of a query as bare tuples. For the hot paths: what SQLAlchemy wraps around each statement costs more
    than SQLite takes to run it."""
    return dialects.of(connection).rows(connection, sql, values)


def insert_row(connection: Connection, sql: str, *values: Value) -> int:
    """Insert one row into a table that has a ``seq``; its number."""
    return dialects.of(connection).insert(connection, sql, values)


def change_rows(connection: Connection, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
    """Run a statement for each of ``rows``."""
    if rows:
        dialects.of(connection).change(connection, sql, rows)


def new_seq(result: CursorResult[Any]) -> int:
    """The number that an insert of one row gave it."""
    key = result.inserted_primary_key
    if key is None:
        raise AssertionError("not an insert of one row")
    return int(key[0])
