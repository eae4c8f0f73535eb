"""Bringing a backup back. What it replaces is kept aside; a kill at any instant leaves the one memory or the other."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from memory_store import faults
from memory_store.backups import making, shelf
from memory_store.backups.archive import Backup, Progress, sync, unpack
from memory_store.database.location import database_file, make_private
from memory_store.database.migrating import HEAD, migrate
from memory_store.encryption.cipher import Kind, key_for, kind_of
from memory_store.encryption.converting import rekeyed
from memory_store.encryption.keys import Key
from memory_store.errors import InvalidInput, StoreDamaged, StoreTooNew, StoreUnavailable
from memory_store.semantic import vectors
from memory_store.semantic.index_filling import GENERATION, REBUILD_WANTED
from memory_store.sqlite.database import PRAGMAS, FileDatabase, bare, translated

ASIDE = "replaced"
"""Where the files of a damaged database are kept when a backup takes their place."""

ATTEMPTS = 5
EPOCHS = 1_000
"""More than a memory can have grown by between two reads."""
FIRST_PAGES = 16
"""Fewer than any memory has: the first step must not be the last one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    backup: Backup
    kept: Path | None
    """Where what was there before is: a backup, or for a damaged database a folder with its files. None: there was
    nothing."""


def restore(
    folder: Path,
    backup: Backup,
    *,
    now: datetime,
    progress: Progress | None = None,
    passphrase: str | None = None,
    passphrases: Sequence[str] = (),
    set_aside: bool = False,
) -> Restored:
    """Make a profile's memory what it was when the backup was made.

    The backup is verified first. A memory that is sound is backed up and then replaced in one transaction, also under
    processes that have it open. One that is damaged is moved aside, file by file: nothing else may have it open then.
    The index of meaning is filled anew, from the vectors in the backup, by the next to open it.

    ``passphrase``: the memory's, where that is encrypted; it stays so, whatever the backup was. ``passphrases``: more
    that may open the backup. Into a profile without a memory an encrypted backup brings its own. ``set_aside``: the
    memory that is there cannot be opened, since its passphrase is lost or the beginning of its file is damaged: its
    files are moved aside as they are, and the backup, which must be encrypted then, keeps its own passphrase.

    Raises BackupDamaged, StoreTooNew, StoreUnavailable, StoreLocked, InvalidInput. Nothing was changed then.
    """
    _known_schema(backup)
    file = database_file(folder)
    own = None if set_aside or kind_of(file) not in {"plain", "encrypted"} else key_for(file, passphrase)
    known = [*passphrases, *([] if passphrase is None else [passphrase])]
    with shelf.at_work(folder) as place:
        fresh = place / f".restore-{os.getpid()}.db"
        unpack(backup, fresh, progress)
        key = making.key_of(fresh, known)
        making.hold_to(backup, fresh, key)
        _bring_up(fresh, _under(fresh, key, own, kind_of(file), set_aside=set_aside))
        faults.reached("restore:unpacked")
        aside = folder / ASIDE / shelf.name_of(shelf.next_number(place), now).removesuffix(".zip")
        present = FileDatabase(file, own)
        try:
            kept = _poured(place, fresh, present, now) if file.stat().st_size and not set_aside else None
        except StoreDamaged:
            kept = aside
        finally:
            present.close()
        kept = aside if set_aside else kept
        if kept is None or kept.suffix != ".zip":
            _replaced(fresh, file, kept)
        faults.reached("restore:replaced")
    shelf.thin_out(folder, shelf.BEFORE_RESTORE, shelf.KEPT_OF_ITS_OWN)
    return Restored(backup, kept)


def _known_schema(backup: Backup) -> None:
    if backup.manifest.schema > HEAD:
        raise StoreTooNew(
            f"{backup.file} was made by a newer mneme (schema {backup.manifest.schema}; this one knows {HEAD})."
            " Update mneme."
        )


def _under(fresh: Path, key: Key | None, own: Key | None, present: Kind, *, set_aside: bool) -> Key | None:
    """Put the database of a backup under the key of the memory whose place it takes. Raises InvalidInput."""
    if present == "plain" and key is not None:
        raise InvalidInput(
            "The backup is encrypted and this memory is not: `mneme memory encrypt` first, or restore it into another"
            " profile. Nothing was changed."
        )
    if set_aside and present == "encrypted" and key is None:
        raise InvalidInput(
            "This memory is encrypted and the backup is not: restore it into another profile. Nothing was changed."
        )
    if own is None or key == own:
        return key
    rekeyed(fresh, key, own)
    return own


def _bring_up(file: Path, key: Key | None) -> None:
    """Give the database of a backup the present schema, and have the index of meaning filled anew from it."""
    database = FileDatabase(file, key)
    try:
        migrate(database)
        with database.write() as connection:
            vectors.write_meta(connection, REBUILD_WANTED, f"restore {secrets.token_hex(8)}")
    finally:
        database.close()
    with translated(file), closing(bare(file, key)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _poured(place: Path, fresh: Path, present: FileDatabase, now: datetime) -> Path:
    """Back a sound memory up and overwrite it, in one transaction of its own log. Where the backup is.

    What others write in between is not lost: then all of it is done again. Raises StoreDamaged when it is not sound.
    """
    for _ in range(ATTEMPTS):
        with translated(present.file), closing(bare(present.file, present.key)) as watch:
            before = _version(watch)
            kept = making.make_in(place, present, now=now, reason=shelf.BEFORE_RESTORE)
            _outdate(fresh, present)
            faults.reached("restore:aside")
            if _overwritten(fresh, present, lambda: _version(watch) == before):  # noqa: B023 - called at once
                return kept.file
            kept.file.unlink()
    raise StoreUnavailable(f"{present.file} is being written all the time. Close the other mneme, and try again.")


def _outdate(fresh: Path, present: FileDatabase) -> None:
    """Give what comes a newer epoch than anybody has seen, and a generation that is there."""
    with present.read() as connection:
        known = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'meta'").first()
        epoch = int(vectors.read_meta(connection, vectors.EPOCH) or 0) if known else 0
        generation = vectors.read_meta(connection, GENERATION) if known else None
    database = FileDatabase(fresh, present.key)
    try:
        with database.write() as connection:
            own = int(vectors.read_meta(connection, vectors.EPOCH) or 0)
            vectors.write_meta(connection, vectors.EPOCH, str(max(own, epoch) + EPOCHS))
            vectors.write_meta(connection, GENERATION, generation or "1")
    finally:
        database.close()


def _overwritten(fresh: Path, present: FileDatabase, unchanged: Callable[[], bool]) -> bool:
    """Write one database over another that may be open elsewhere. False, and nothing done, when that one changed."""
    checked: list[bool] = []

    def once(_status: int, _left: int, _total: int) -> None:
        if not checked:  # the first pages are written: the write lock is ours, and nobody can change it any more
            checked.append(unchanged())
            if not checked[0]:
                raise _ChangedMeanwhile

    key = present.key
    with closing(bare(fresh, key)) as source, closing(bare(present.file, key)) as target:
        for pragma in PRAGMAS:
            target.execute(pragma)
        try:
            source.backup(target, pages=FIRST_PAGES, progress=once, sleep=0.05)
        except _ChangedMeanwhile:
            return False
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return True


class _ChangedMeanwhile(Exception):
    pass


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _replaced(fresh: Path, file: Path, aside: Path | None) -> None:
    """Put a database in the place of a damaged one, or of none. Raises StoreUnavailable while it is in use."""
    from filelock import FileLock, Timeout

    logs = [file.with_name(f"{file.name}{ending}") for ending in ("-wal", "-shm")]
    try:
        with FileLock(file.with_name("index.lock"), mode=0o600, timeout=0):
            if aside is not None:
                make_private(aside)
                for old in (file, *logs):
                    if old.exists():
                        shutil.copy2(old, aside / old.name)
                        sync(aside / old.name)
            faults.reached("restore:aside")
            for log in logs:  # of the old one: SQLite would play it into the new one
                log.unlink(missing_ok=True)
            fresh.replace(file)
            sync(file.parent)
    except Timeout as error:
        raise StoreUnavailable("Another mneme has this memory open. Close it and try again.") from error
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be replaced: {error.strerror or error}.") from error
