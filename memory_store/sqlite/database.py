"""One SQLite file: durable settings, two kinds of transaction, and errors a person can read."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from memory_store import faults
from memory_store.database.base import Database
from memory_store.database.locks import FileLock, IndexLock
from memory_store.encryption import cipher
from memory_store.encryption.keys import Key
from memory_store.errors import InvalidInput, StoreDamaged, StoreUnavailable
from memory_store.sqlite import open_files

BUSY_MS = 30_000

WAL = "PRAGMA journal_mode=WAL"

# synchronous=FULL: acknowledged means durable (DESIGN §3.2). secure_delete: a deleted word is overwritten with zeros.
# The cache is 16 MiB, in KiB and negative as SQLite wants it.
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    WAL,
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-16384",
    "PRAGMA temp_store=MEMORY",
)


NEARLY_FULL = 1024 * 1024
"""With fewer bytes free than this, what SQLite calls an I/O error is a full disk: its shared memory finds no room."""

MOST_COMPACTED = 512 * 1024 * 1024
"""Bytes of a database that is written anew after a purge, which SQLite does in memory."""

log = logging.getLogger(__name__)


class FileDatabase(Database):
    """One SQLite file, opened for any number of threads; under SQLCipher where there is a key."""

    def __init__(self, file: Path, key: Key | None = None) -> None:
        self.file = file
        self.place = str(file)
        self.key = key
        self.encrypted = key is not None
        self.engine = _engine(file, key)
        open_files.opened(file, "encrypted" if self.encrypted else "plain")
        self._shape = 0
        event.listen(self.engine, "connect", lambda connection, _: _prepare(connection, file))
        event.listen(self.engine, "begin", self._begin)
        self._writing = threading.RLock()
        self._writer: Connection | None = None
        self._kept_open: list[int] = []

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with translated(self.file), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        # In this process writers queue at a lock: SQLite would have them sleep and try again. The connection is kept,
        # because a turn waits for its transaction, and taking one from the pool costs a quarter of it.
        with translated(self.file), self._writing:
            if self._writer is None:
                self._writer = self.engine.connect().execution_options(immediate=True)
            try:
                with self._writer.begin():
                    yield self._writer
                    faults.reached("commit:before")
            except BaseException:
                self._drop_writer()  # in whatever state it is
                raise
        faults.reached("commit:after")

    def _begin(self, connection: Connection) -> None:
        raw = driver(connection)
        immediate = connection.get_execution_options().get("immediate", False)
        raw.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
        if self.changed is not None:
            (shape,) = raw.execute("PRAGMA schema_version").fetchone()
            if shape != self._shape:
                self.changed(connection)
                self._shape = shape

    def keep_open(self, descriptor: int) -> None:
        """Close this only with the database: closing it now would take the locks of its connections away."""
        self._kept_open.append(descriptor)

    def index_lock(self) -> IndexLock:
        return FileLock(self.file.parent)

    def forget_deleted(self, *, compact: bool = False) -> bool:
        """Merge the full-text segments that still name the terms, and empty the log. ``compact``: and write the file
        anew without its free pages, unless it is larger than :data:`MOST_COMPACTED` (they were overwritten with zeros
        when they were freed)."""
        with self.write() as connection:
            connection.exec_driver_sql("INSERT INTO turns_fts (turns_fts) VALUES ('optimize')")
        done = True
        with translated(self.file), self.engine.connect() as connection:
            raw = driver(connection)
            done = not compact or self._compacted(raw)
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return done

    def _compacted(self, raw: sqlite3.Connection) -> bool:
        if self.file.stat().st_size > MOST_COMPACTED:
            return True
        try:
            with translated(self.file):
                raw.execute("VACUUM")
        except StoreUnavailable as error:
            log.warning("the file is not compacted: %s", error)
            return False
        return True

    def size(self) -> int:
        return sum(file.stat().st_size for file in self.file.parent.glob(f"{self.file.name}*"))

    def close(self) -> None:
        with self._writing:
            self._drop_writer()
        self.engine.dispose()
        while self._kept_open:
            os.close(self._kept_open.pop())
        open_files.closed(self.file, "encrypted" if self.encrypted else "plain")

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _engine(file: Path, key: Key | None) -> Engine:
    # An error's message would name the parameters of its statement, which are words; and messages are logged.
    options: dict[str, Any] = {"pool_size": 8, "max_overflow": 24, "hide_parameters": True}
    if key is not None:
        options |= {"module": cipher.driver(), "creator": lambda: cipher.connect(file, key)}
    return create_engine(f"sqlite:///{file}", **options)


def bare(file: Path, key: Key | None) -> sqlite3.Connection:
    """The driver's own connection, without what :class:`Database` sets: to a copy of a memory, or to a backup's."""
    if key is not None:
        encrypted: sqlite3.Connection = cipher.connect(file, key)
        return encrypted
    return sqlite3.connect(file, isolation_level=None)


def driver(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection underneath, in the same transaction. It keeps its statements prepared."""
    inner: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return inner


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    connection.isolation_level = None  # transactions are begun by the database, not guessed by the driver
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        told = cursor.execute(pragma).fetchone()
        if pragma == WAL and told != ("wal",) and os.access(file, os.W_OK):
            raise StoreUnavailable(
                f"{file.parent} is on a filesystem without shared memory maps, such as a network's, where a memory"
                " would not be safe. Choose a place on a local disk with --home."
            )
    cursor.close()
    connection.create_function("folded", 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    """Without case, for SQL: SQLite's own ``lower`` knows only ASCII, and its ``LIKE`` stops at a NUL."""
    return None if text is None else text.casefold()


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """SQLite's complaints, as ours: one line that says what to do."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InvalidInput("That is not valid Unicode (a lone surrogate). Give it as UTF-8.") from error
    except complaints() as error:
        problem = error.orig if isinstance(error, DatabaseError) else error
        what = type(problem).__name__  # the drivers' exceptions are not related, but have the same names
        if what == "OperationalError":
            raise StoreUnavailable(_advice(file, str(problem))) from error
        if what == "DatabaseError":
            raise StoreDamaged(
                f"{file} is damaged ({problem}). Keep a copy; `mneme memory check` says more, and `mneme backup restore"
                " latest` brings a backup back."
            ) from error
        raise


def complaints() -> tuple[type[Exception], ...]:
    """What SQLAlchemy and the drivers in use raise."""
    other = sys.modules.get("sqlcipher3.dbapi2")
    return (DatabaseError, sqlite3.DatabaseError, *(() if other is None else (other.DatabaseError,)))


def _advice(file: Path, problem: str) -> str:
    lowered = problem.lower()
    if "full" in lowered:
        return f"The disk that holds {file} is full. Free some space and try again; nothing was lost."
    if "disk i/o" in lowered:
        if shutil.disk_usage(file.parent).free < NEARLY_FULL:
            return f"The disk that holds {file} is full. Free some space and try again; nothing was lost."
        return (
            f"The disk that holds {file} cannot be read or written (disk I/O error). Look at it, and at your backups."
        )
    if "readonly" in lowered or "read-only" in lowered:
        return f"{file} is read-only. Make it writable, or choose another place with --home."
    if "locked" in lowered:
        return f"{file} is being written by another process for too long. Close it, or try again."
    if "unable to open" in lowered:
        return f"{file} cannot be opened. Check that its folder exists and is yours, or choose another with --home."
    return f"{file} cannot be used: {problem}."
