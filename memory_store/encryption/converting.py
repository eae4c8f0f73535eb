"""Encrypts a memory, decrypts it, or changes its passphrase: a new file beside the old, compared, then in its place.

Killed at any instant, the memory is whole, and either as it was or as it was to be (:mod:`.remains`). No other mneme
may have it open meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from memory_store.database.location import database_file
from memory_store.encryption import remains, traces
from memory_store.encryption.cipher import NO_KEY, connect, driver, kind_of, unlock
from memory_store.encryption.keys import Key, accepted, derive, new_salt
from memory_store.errors import InvalidInput, StoreDamaged, StoreUnavailable
from memory_store.semantic.index_filling import SEAL
from memory_store.sqlite import open_files

Step = Literal["copying", "comparing", "replacing", "overwriting", "searching", "done"]
Reached = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion came to."""

    encrypted: bool
    rows: int
    """Rows of all tables, each compared with the one it was copied from."""
    files_searched: int = 0
    bytes_searched: int = 0
    traces: tuple[str, ...] = ()
    """Files of the profile in which words or vectors still stand in the plain."""


def encrypt(folder: Path | str, passphrase: str, *, reached: Reached | None = None) -> Converted:
    """Put a profile's whole memory under ``passphrase``; where nothing was remembered yet, begin it so.

    ``reached`` is told each step. Raises InvalidInput (encrypted already; a passphrase that is too short),
    StoreUnavailable (another mneme has it open; the disk is full), StoreDamaged. Then nothing was changed.
    """
    accepted(passphrase)
    file = database_file(folder)
    remains.settle(file)
    if kind_of(file) == "encrypted":
        raise InvalidInput("This memory is encrypted already. `mneme memory change-passphrase` gives it another one.")
    return _convert(file, None, derive(passphrase, new_salt()), reached or _nobody)


def decrypt(folder: Path | str, passphrase: str, *, reached: Reached | None = None) -> Converted:
    """Take the encryption away again. Raises WrongPassphrase, and as :func:`encrypt`."""
    file, key = _unlocked(folder, passphrase)
    return _convert(file, key, None, reached or _nobody)


def change_passphrase(folder: Path | str, old: str, new: str, *, reached: Reached | None = None) -> Converted:
    """Encrypt everything anew under another passphrase. Raises WrongPassphrase, and as :func:`encrypt`."""
    file, key = _unlocked(folder, old)
    return _convert(file, key, derive(accepted(new), new_salt()), reached or _nobody)


def rekeyed(file: Path, old: Key | None, new: Key | None) -> None:
    """Put a copy of a memory, which nobody else has open, under another key: all of it, or it stays as it is.

    Raises StoreUnavailable, StoreDamaged.
    """
    draft = remains.draft_of(file)
    try:
        with _complaints(file), closing(connect(file, old)) as source:
            _copy(source, draft, new)
            _compared(source, draft, new)
            source.close()
            remains.overwrite(file)
            draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _nobody(_: Step) -> None:
    pass


def _unlocked(folder: Path | str, passphrase: str) -> tuple[Path, Key]:
    file = database_file(folder)
    remains.settle(file)
    if kind_of(file) != "encrypted":
        raise InvalidInput("This memory is not encrypted.")
    return file, unlock(file, passphrase)


def _convert(file: Path, old: Key | None, new: Key | None, reached: Reached) -> Converted:
    if open_files.is_open(file):
        raise StoreUnavailable("This memory is open in this program: close it first.")
    draft = remains.draft_of(file)
    with remains.alone(file), _complaints(file):
        remains.clear(file)
        wanted = traces.wanted(file, old)
        with closing(connect(file, old)) as source:
            try:
                _take(source)
                reached("copying")
                _copy(source, draft, new)
                reached("comparing")
                rows = _compared(source, draft, new)
                _without_index(draft, new)
                reached("replacing")
                _replace(file, draft)
            except BaseException:  # also Ctrl+C: no draft is left behind
                remains.clear(file)
                raise
            reached("overwriting")
            # While `source` holds its lock on it, nobody else can read the old file or write to it.
            remains.clear(file)
        if new is not None:
            remains.clear_index(file.parent)
        reached("searching")
        found = traces.search(file.parent, wanted) if new is not None else traces.Found()
        reached("done")
    return Converted(new is not None, rows, found.files, found.size, found.names)


def _take(source: Any) -> None:
    """Have the file alone. Leaving the write-ahead log is refused while any other connection is there."""
    try:
        mode = source.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        source.execute("PRAGMA locking_mode = EXCLUSIVE")
        source.execute("BEGIN EXCLUSIVE")
        source.execute("COMMIT")
    except driver().OperationalError as error:
        if "locked" not in str(error):
            raise
        mode = "locked"
    if mode != "delete":
        raise StoreUnavailable("Another mneme is using this memory. Close it, then try again. Nothing was changed.")


def _copy(source: Any, draft: Path, new: Key | None) -> None:
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with _attached(source, draft, new):
        source.execute("SELECT sqlcipher_export('target')").fetchall()
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())


def _compared(source: Any, draft: Path, new: Key | None) -> int:
    """How many rows there are, once every one of them was found equal. Raises StoreDamaged."""
    with closing(connect(draft, new)) as copy:
        complaints = copy.execute("PRAGMA integrity_check(1)").fetchall()
        if complaints != [("ok",)] or (new and copy.execute("PRAGMA cipher_integrity_check").fetchall()):
            raise StoreDamaged("The copy does not pass its check, so it was not used. Nothing was changed.")
    rows = 0
    with _attached(source, draft, new):
        here, there = (_shapes(source, schema) for schema in ("main", "target"))
        if here != there:
            raise StoreDamaged("The copy's tables are not those of the memory, so it was not used.")
        for name, _, root in source.execute("SELECT name, type, rootpage FROM main.sqlite_master ORDER BY name"):
            if (name, "table") in here and root:
                rows += _same_rows(source, name)
    return rows


def _without_index(draft: Path, new: Key | None) -> None:
    """The index that is there, or was, is not that of the new file: one is built where one is wanted."""
    with closing(connect(draft, new)) as copy:
        copy.execute("DELETE FROM meta WHERE key = ?", (SEAL,))


def _same_rows(source: Any, table: str) -> int:
    counts = [source.execute(f'SELECT count(*) FROM {schema}."{table}"').fetchone()[0] for schema in ("main", "target")]
    only = f'SELECT EXISTS (SELECT * FROM main."{table}" EXCEPT SELECT * FROM target."{table}")'
    if counts[0] != counts[1] or source.execute(only).fetchone()[0]:
        raise StoreDamaged(f"The copy's rows in {table} are not those of the memory, so it was not used.")
    return int(counts[0])


def _shapes(source: Any, schema: str) -> dict[tuple[str, str], str | None]:
    rows = source.execute(f"SELECT name, type, sql FROM {schema}.sqlite_master").fetchall()
    return {(name, kind): text for name, kind, text in rows}


@contextmanager
def _attached(source: Any, draft: Path, new: Key | None) -> Iterator[None]:
    key = NO_KEY if new is None else f'"{new.literal()}"'
    source.execute(f"ATTACH DATABASE ? AS target KEY {key}", (str(draft),))
    try:
        source.execute("PRAGMA target.synchronous = FULL")
        yield
    finally:
        source.execute("DETACH DATABASE target")


def _replace(file: Path, draft: Path) -> None:
    """Under its second name the old file can be overwritten after the rename, even by whoever comes after a kill."""
    old = remains.old_of(file)
    os.link(file, old)
    remains.sync_folder(file.parent)
    draft.replace(file)
    remains.sync_folder(file.parent)


@contextmanager
def _complaints(file: Path) -> Iterator[None]:
    """The system's and SQLite's complaints, as ours."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{file.parent}: {error.strerror or error}. The memory is as it was.") from error
    except driver().OperationalError as error:
        problem = "the disk is full" if "full" in str(error) else str(error)
        raise StoreUnavailable(f"{file}: {problem}. The memory is as it was.") from error
    except driver().DatabaseError as error:
        raise StoreDamaged(f"{file} is damaged ({error}): `mneme memory check` says more. It is as it was.") from error
