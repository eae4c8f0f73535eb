"""One schema on a PostgreSQL server: two kinds of transaction, and what happens when the server goes away."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine

from memory_store import faults
from memory_store.database.base import Database
from memory_store.database.locks import IndexLock
from memory_store.errors import ConnectionLost, MnemeError, StoreUnavailable
from memory_store.postgresql.complaints import COMPLAINTS, is_loss, told_of, translated
from memory_store.postgresql.connecting import LOCK_WAIT, connect
from memory_store.postgresql.locks import ServerLock
from memory_store.postgresql.place import Place
from memory_store.postgresql.statistics import collect_no_words

log = logging.getLogger(__name__)

OLDEST = 14
PATIENCE_S = 20.0
"""How long a server that went away is waited for: a restart takes a few seconds."""
PAUSE_S = 0.2
MOST_ATTEMPTS = 4
MOST_COMPACTED = 512 * 1024 * 1024
"""Bytes of tables that are written anew after a purge; nobody can read them meanwhile."""

SEEN = "seen"
"""In a connection's ``info``: single rows that this transaction has read. A view that does not change gives them again
without asking the server; None in a transaction that writes."""
WRITER = "writer "
"""In ``meta``: before the name of an open store, whose row says which transaction was its last."""
FORGOTTEN_NS = 24 * 3600 * 10**9
"""A writer that ended without taking its row away is forgotten after a day."""

_VERSION = "(SELECT version_num FROM alembic_version)"

Result = TypeVar("Result")


class _StaysAway(ConnectionLost):
    """The server was waited for, and did not come back."""


class ServerDatabase(Database):
    """The memory of one profile. Any number of machines may have it open; writers take turns at a lock of the server,
    so that what is numbered is committed in the order of its numbers."""

    out_of_reach = "the server's write-ahead log, its backups and its replicas, which are not mneme's to erase"

    def __init__(self, place: Place) -> None:
        self.at = place
        self.place = str(place)
        self.engine = _engine(place)
        self._readers = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writing = threading.RLock()
        self._name = secrets.token_hex(8)
        self._shape = ""
        self._patience = 0.0  # until it was reached once: a wrong URL is to be told at once
        try:
            with translated(place):
                self._make_schema()
        except BaseException:
            self.engine.dispose()
            raise
        self._patience = PATIENCE_S

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with translated(self.at), self._begun(self._readers, "SELECT ''") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        # Writers of this process queue here, so that they do not use up the connections while they wait.
        with translated(self.at), self._writing:
            mark = f"{time.time_ns()}"
            with self._begun(self.engine, f"{self._lock()}; {self._marking(mark)}") as connection:
                yield connection
                faults.reached("commit:before")
                try:
                    connection.commit()
                except COMPLAINTS as error:
                    connection.invalidate()
                    if not is_loss(error) or not self._committed(mark):
                        raise
        faults.reached("commit:after")

    def written(self, work: Callable[[Connection], Result]) -> Result:
        return self._tried(lambda: super(ServerDatabase, self).written(work))

    def asked(self, work: Callable[[Connection], Result]) -> Result:
        return self._tried(lambda: super(ServerDatabase, self).asked(work))

    def index_lock(self) -> IndexLock:
        return ServerLock(self.at)

    def forget_deleted(self, *, compact: bool = False) -> bool:
        """Vacuum the tables: deleted rows leave them. ``compact``: and their files are written anew."""
        return self._tried(lambda: self._vacuum(compact=compact))

    def _vacuum(self, *, compact: bool) -> bool:
        full = compact and self.size() <= MOST_COMPACTED
        with translated(self.at), self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            raw = driver(connection)
            raw.execute("SET lock_timeout = '5s'")
            try:
                if full:
                    collect_no_words(raw)
                for (table,) in raw.execute(
                    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()"
                ).fetchall():
                    raw.execute(f"VACUUM {'(FULL)' if full else ''} {table}".encode())
            except psycopg.errors.LockNotAvailable:
                log.warning("the tables are in use and were not written anew")
                return False
            finally:
                raw.execute(f"SET lock_timeout = '{LOCK_WAIT}'".encode())
        return True

    def size(self) -> int:
        measured = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
        with self.read() as connection:
            row = driver(connection).execute(
                f"{measured} WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'".encode()
            )
            return int((row.fetchone() or (0,))[0])

    def close(self) -> None:
        with suppress(MnemeError), translated(self.at):
            self._patience = 0.0
            self._forget_writers()
        self.engine.dispose()

    def _forget_writers(self) -> None:
        """Take this writer's row away, and those of others that ended without doing so."""
        if self.changed is not None:
            with self._begun(self.engine, "SELECT ''") as connection:
                gone = "DELETE FROM meta WHERE key = %s OR (starts_with(key, %s) AND value::bigint < %s)"
                old = time.time_ns() - FORGOTTEN_NS
                driver(connection).execute(gone.encode(), (WRITER + self._name, WRITER, old))
                connection.commit()

    @contextmanager
    def _begun(self, engine: Engine, first: str) -> Iterator[Connection]:
        """A connection inside a transaction that began with the statement ``first``."""
        connection = self._connected(engine, first)
        try:
            yield connection
        except BaseException as error:
            if isinstance(error, COMPLAINTS) and is_loss(error):
                connection.invalidate()
            raise
        finally:
            with suppress(*COMPLAINTS):
                connection.close()  # which takes back what was not committed

    def _connected(self, engine: Engine, first: str) -> Connection:
        until = time.monotonic() + self._patience
        said = False
        while True:
            try:
                return self._try_to_begin(engine, first)
            except COMPLAINTS as error:
                told = told_of(error, self.at)
                if not isinstance(told, ConnectionLost) or not self._patience:
                    raise
                if time.monotonic() >= until:
                    raise _StaysAway(str(told)) from error
                if not said:
                    log.warning("waiting for the database server at %s", self.place)
                said = True
            time.sleep(PAUSE_S)

    def _try_to_begin(self, engine: Engine, first: str) -> Connection:
        connection = engine.connect()
        try:
            connection.begin()
            # Several statements in one: one way there and back. Those after the lock see what its last holder did.
            cursor = driver(connection).execute(f"{first}; SELECT {self._shape_now()}".encode(), prepare=False)
            answers = _answers(cursor)
            connection.info[SEEN] = {} if engine is self._readers else None
            if self.changed is not None and answers[-1] != self._shape:
                self.changed(connection)
                self._shape = str(answers[-1])
        except BaseException as error:
            if isinstance(error, COMPLAINTS) and is_loss(error):
                self.engine.dispose()  # the others of the pool are as dead
                connection.invalidate()
            connection.close()
            raise
        return connection

    def _shape_now(self) -> str:
        return "''" if self.changed is None else _VERSION

    def _lock(self) -> str:
        return f"SELECT pg_advisory_xact_lock({self.at.key})"

    def _marking(self, mark: str) -> str:
        """What writes into this writer's own row which transaction it is, and is committed with it."""
        if self.changed is None:  # the tables are only being made
            return "SELECT ''"
        row = f"('{WRITER}{self._name}', '{mark}')"
        return f"INSERT INTO meta VALUES {row} ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING ''"

    def _committed(self, mark: str) -> bool:
        """Whether a transaction came through, though the server went away before it said so. Its number would not tell:
        a server that crashed may give it to another. Raises StoreUnavailable while nobody can tell."""
        try:
            # Behind the lock, which that transaction holds as long as the server may still commit it.
            with self._begun(self.engine, self._lock()) as connection:
                found = driver(connection).execute("SELECT value FROM meta WHERE key = %s", (WRITER + self._name,))
                return found.fetchone() == (mark,)
        except (*COMPLAINTS, ConnectionLost) as error:
            raise StoreUnavailable(
                f"The connection to {self.place} was lost at the very end, so the last change may be there or not:"
                " look before you do it again."
            ) from error

    def _tried(self, work: Callable[[], Result]) -> Result:
        for attempt in range(1, MOST_ATTEMPTS):
            try:
                return work()
            except _StaysAway:  # it was waited for already
                raise
            except ConnectionLost:
                log.warning("the connection to %s was lost: once more (%d)", self.place, attempt)
        return work()

    def _make_schema(self) -> None:
        with self._begun(self.engine, "SELECT ''") as connection:
            raw = driver(connection)
            version = raw.info.server_version
            if version < OLDEST * 10_000:
                raise StoreUnavailable(
                    f"{self.place} is PostgreSQL {version // 10_000}; mneme needs {OLDEST} or later. Upgrade it."
                )
            found = raw.execute("SELECT current_setting('server_encoding'), current_schema()").fetchone()
            if found is None or found[0] != "UTF8":
                raise StoreUnavailable(f"{self.place} is not in UTF-8. Make the database with createdb -E UTF8.")
            if found[1] is None:
                name = self.at.schema.replace('"', '""')
                raw.execute(self._lock().encode())
                raw.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"'.encode())
                if raw.execute("SELECT current_schema()").fetchone() == (None,):
                    raise StoreUnavailable(
                        f"{self.place} belongs to another user of the server. Use a profile of your own, or ask its"
                        " owner."
                    )
                connection.commit()


def driver(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    """psycopg's own connection underneath, in the same transaction."""
    inner: psycopg.Connection[tuple[Any, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    return inner


def _answers(cursor: psycopg.Cursor[tuple[Any, ...]]) -> list[Any]:
    """The first value of each statement's first row."""
    found = []
    while True:
        row = cursor.fetchone() if cursor.description is not None else None
        found.append(None if row is None else row[0])
        if not cursor.nextset():
            return found


def _engine(place: Place) -> Engine:
    # An error's message would name the parameters of its statement, which are words; and messages are logged.
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(place),
        pool_size=place.pool_size,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,
    )
