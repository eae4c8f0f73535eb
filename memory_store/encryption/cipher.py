"""SQLCipher's connections: the driver, a connection with its key, and what a file on the disk is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from memory_store.encryption.keys import Key, accepted, derive, is_salt, new_salt
from memory_store.errors import InvalidInput, StoreDamaged, StoreLocked, StoreUnavailable, WrongPassphrase
from memory_store.sqlite.open_files import is_open

Kind = Literal["empty", "plain", "encrypted", "unreadable"]

NO_KEY = "''"

PAGE = 4096
PAGES_SEEN = 64
FEWEST_PAGES = 4
PLAIN_FIRSTS = (0, 2, 5, 10, 13)
"""What a page of a plain database begins with; a random one does one time in fifty."""


def driver() -> Any:
    """SQLCipher's DB-API module. Raises StoreUnavailable, with what to install, where it is missing."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise StoreUnavailable(
            f"Encrypted memories need the package sqlcipher3, which cannot be used here ({error}). "
            "Install it: pip install sqlcipher3"
        ) from None
    return dbapi2


def connect(file: Path, key: Key | None, query: str = "") -> Any:
    """A connection in autocommit that any thread may use; to a plain file where there is no key.

    ``query``: parameters of SQLite's file URI, such as ``mode=ro``.
    """
    name = f"{file.absolute().as_uri()}?{query}"
    connection = driver().connect(name, isolation_level=None, check_same_thread=False, uri=True)
    # It would report a wrong key on standard error, in its own words.
    connection.execute("PRAGMA cipher_log_level = NONE")
    if key is not None:
        connection.execute(f'PRAGMA key = "{key.literal()}"')
    return connection


def kind_of(file: Path) -> Kind:
    """What lies there. Read through SQLite: a file that is opened and closed past it loses this process's locks."""
    if (known := is_open(file)) is not None:
        return known
    try:
        if not file.stat().st_size:
            return "empty"
    except OSError:
        return "empty"
    try:
        # Immutable: only the file's first page is looked at, and nothing is left beside it.
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        return "unreadable"
    except sqlite3.DatabaseError:
        return "encrypted" if is_salt(_salt(file)) and not _has_plain_pages(file) else "unreadable"
    return "plain"


def _has_plain_pages(file: Path) -> bool:
    """Whether the pages behind the first look like those of a plain database: then only its beginning is damaged.

    Every page of a b-tree begins with its kind, and most others with a zero (SQLite's file format, 1.6); an encrypted
    one begins with any byte. Nothing in this process has the file open, so that no lock is lost by closing it.
    """
    firsts: list[int] = []
    with file.open("rb") as stream:
        for page in range(1, PAGES_SEEN + 1):
            stream.seek(page * PAGE)
            firsts += stream.read(1)
    return len(firsts) >= FEWEST_PAGES and sum(first in PLAIN_FIRSTS for first in firsts) > len(firsts) / 2


def unlock(file: Path, passphrase: str) -> Key:
    """The key of an encrypted file. Raises WrongPassphrase, and has changed nothing then; StoreDamaged."""
    key = derive(passphrase, _salt(file))
    try:
        with closing(connect(file, key)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except driver().OperationalError as error:
        raise StoreUnavailable(f"{file} cannot be opened: {error}.") from error
    except driver().DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise StoreDamaged(
                f"{file} is damaged ({error}). Keep a copy; `mneme backup restore latest` brings a backup back."
            ) from error
        raise WrongPassphrase(
            "That is not the passphrase of this memory, or the beginning of its file is damaged (where you are sure of"
            " the passphrase: `mneme backup restore latest --set-aside`). Nothing was changed."
        ) from None
    return key


def key_for(file: Path, passphrase: str | None) -> Key | None:
    """The key to open ``file`` with: None for a plain one. A new file is begun encrypted where a passphrase is given.

    Raises StoreLocked, WrongPassphrase, InvalidInput (a passphrase for a plain store), StoreUnavailable.
    """
    kind = kind_of(file)
    if kind == "empty" and passphrase is not None:
        return _begin(file, passphrase)
    if kind == "encrypted":
        if passphrase is None:
            raise StoreLocked("This memory is encrypted: it needs its passphrase.")
        return unlock(file, passphrase)
    if kind == "plain" and passphrase is not None:
        raise InvalidInput(f"{file} is not encrypted, so no passphrase opens it: `mneme memory encrypt` encrypts it.")
    return None


def _begin(file: Path, passphrase: str) -> Key:
    """Give an empty file its salt; of several processes that do so in the same instant, one."""
    from filelock import FileLock

    with FileLock(file.with_name("convert.lock"), mode=0o600):
        if not file.stat().st_size:
            key = derive(accepted(passphrase), new_salt())
            with closing(connect(file, key)) as connection:
                connection.execute("PRAGMA journal_mode=WAL").fetchone()
            return key
    return unlock(file, passphrase)


def _salt(file: Path) -> bytes:
    """The first bytes of the file, as SQLCipher reads them."""
    with closing(connect(file, None)) as connection:
        connection.execute("PRAGMA key = 'none yet'")
        row = connection.execute("PRAGMA cipher_salt").fetchone()
    return bytes.fromhex(row[0]) if row and row[0] else b""
