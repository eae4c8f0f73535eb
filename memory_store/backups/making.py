"""Making a backup while the memory is in use, and looking whether one is what it says."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from memory_store import faults
from memory_store.backups import shelf
from memory_store.backups.archive import Backup, Manifest, Progress, digest_of, ids_in, pack, unpack
from memory_store.database.base import Database
from memory_store.encryption.cipher import kind_of, unlock
from memory_store.encryption.keys import Key
from memory_store.errors import (
    BackupDamaged,
    InvalidInput,
    StoreDamaged,
    StoreLocked,
    StoreUnavailable,
    WrongPassphrase,
)
from memory_store.sqlite.database import FileDatabase, bare, driver, translated

ON_A_SERVER = (
    "This memory is on a database server, whose own backups keep it (pg_dump). `mneme memory migrate --to DIR` copies"
    " it into a folder."
)
PAGES = 2_000
"""Pages copied between two tellings of progress: 8 MB."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was just made and verified."""

    backup: Backup
    deleted: tuple[Path, ...] = ()
    """Older ones that were given up for it."""


def make(
    database: Database,
    folder: Path | None,
    *,
    now: datetime,
    reason: str = shelf.BY_HAND,
    to: Path | None = None,
    keep: int | None = None,
    progress: Progress | None = None,
) -> Made:
    """Copy the whole database as it is at one instant, compress it, read it back, and keep the newest ``keep``.

    Others may write meanwhile. ``to``: a file or folder to write it to instead of the profile's shelf; nothing is
    replaced and nothing deleted then. ``progress``: bytes done, and of how many.

    Raises StoreUnavailable, StoreDamaged (no backup is made of a damaged database), InvalidInput.
    """
    if not isinstance(database, FileDatabase) or folder is None:
        raise StoreUnavailable(ON_A_SERVER)
    if keep is not None and keep < 1:
        raise InvalidInput("A backup keeps at least itself: --keep 1 or more.")
    with shelf.at_work(folder) as place:
        backup = make_in(place, database, now=now, reason=reason, to=to, progress=progress)
        own = reason != shelf.BY_HAND
        most = keep if keep is not None else shelf.KEPT_OF_ITS_OWN if own else shelf.KEPT
        gone = shelf.thin_out(folder, reason, most) if to is None else []
    return Made(backup, tuple(gone))


def make_in(
    place: Path,
    database: FileDatabase,
    *,
    now: datetime,
    reason: str,
    to: Path | None = None,
    progress: Progress | None = None,
) -> Backup:
    """The same for who is at work on the shelf ``place`` already; nothing is thinned out."""
    number = shelf.next_number(place)
    file = _place(to, place, shelf.name_of(number, now))
    copy = place / f".copy-{os.getpid()}.db"
    copied(database, copy, _half(progress, 0))
    faults.reached("backup:copied")
    manifest, ids = surveyed(copy, number, now, reason, database.key)
    backup = pack(copy, ids, manifest, file, _half(progress, 1))
    copy.unlink()
    read_back(backup, place, database.key)
    faults.reached("backup:kept")
    return backup


def verify(folder: Path, backup: Backup, progress: Progress | None = None, *, passphrases: Sequence[str] = ()) -> None:
    """Take a backup out beside the profile and look at all of it. ``passphrases``: that may open an encrypted one.

    Raises BackupDamaged, StoreUnavailable, StoreLocked.
    """
    with shelf.at_work(folder) as place:
        read_back(backup, place, passphrases, progress)


def read_back(backup: Backup, place: Path, opens: Key | Sequence[str] | None, progress: Progress | None = None) -> None:
    """Whether a backup gives the database that was put in, sound and complete. ``opens``: its key, or passphrases that
    may open it.

    Raises BackupDamaged, StoreUnavailable, StoreLocked.
    """
    out = place / f".verify-{os.getpid()}.db"
    try:
        unpack(backup, out, progress)
        hold_to(backup, out, opens if opens is None or isinstance(opens, Key) else key_of(out, opens))
    finally:
        out.unlink(missing_ok=True)


def key_of(unpacked: Path, passphrases: Sequence[str]) -> Key | None:
    """What opens the database of a backup; None where it is plain. Raises StoreLocked, WrongPassphrase."""
    if kind_of(unpacked) != "encrypted":
        return None
    for passphrase in passphrases:
        try:
            return unlock(unpacked, passphrase)
        except WrongPassphrase:
            continue
    if passphrases:
        raise WrongPassphrase("This backup was made under another passphrase. Nothing was changed.")
    raise StoreLocked("This backup is encrypted: it needs the passphrase that the memory had then.")


def hold_to(backup: Backup, database: Path, key: Key | None) -> None:
    """Compare an unpacked database with its manifest and ids. Raises BackupDamaged."""
    said = backup.manifest
    try:
        seen, ids = surveyed(database, said.number, said.made_at, said.reason, key)
    except (StoreDamaged, StoreUnavailable) as error:
        raise BackupDamaged(f"The database in {backup.file} is damaged. Take another: `mneme backup list`.") from error
    if seen != said or set(ids) != ids_in(backup.file):
        raise BackupDamaged(f"{backup.file} does not hold what it says. Take another: `mneme backup list`.")


def copied(database: FileDatabase, to: Path, progress: Progress | None) -> None:
    """A copy of a database that is in use, as it is at one instant, in a file of its own. Raises as Database.read."""
    with translated(to), database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first()  # holds this instant, whoever writes
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(bare(to, database.key)) as copy:
            driver(connection).backup(copy, pages=PAGES, progress=_bytes(progress))
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def surveyed(
    database: Path, number: int, made_at: datetime, reason: str, key: Key | None
) -> tuple[Manifest, list[str]]:
    """The manifest and the ids of a database file that nobody else has open. Raises StoreDamaged."""
    with translated(database), closing(bare(database, key)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise StoreDamaged(f"{database} is damaged ({found[0]}). `mneme backup list` says what there is instead.")
        manifest = Manifest(
            number=number,
            made_at=made_at,
            reason=reason,
            schema=str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]),
            memories=_count(connection, "turns"),
            conversations=_count(connection, "conversations"),
            revisions=_count(connection, "revisions"),
            vectors=_count(connection, "vectors"),
            bytes=database.stat().st_size,
            sha256=digest_of(database),
            encrypted=key is not None,
        )
        return manifest, [str(row[0]) for row in connection.execute("SELECT id FROM turns ORDER BY seq")]


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _place(to: Path | None, place: Path, name: str) -> Path:
    if to is None:
        return place / name
    given = to.expanduser().absolute()
    file = given / name if given.is_dir() else given
    if file.exists():
        raise StoreUnavailable(f"{file} exists. Name another file; a backup never replaces anything.")
    if not file.parent.is_dir():
        raise StoreUnavailable(f"{file.parent} is no folder. Make it, or name another place.")
    return file


def _half(progress: Progress | None, which: int) -> Progress | None:
    """Copying and packing are about half of the work each."""
    if progress is None:
        return None
    return lambda done, total: progress(done + which * total, 2 * total)


def _bytes(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    if progress is None:
        return None
    return lambda _status, left, total: progress((total - left) * 4096, total * 4096)
