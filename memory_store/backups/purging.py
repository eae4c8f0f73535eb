"""What was purged, taken out of the backups on the shelf as well."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from memory_store.backups import making, shelf
from memory_store.backups.archive import Backup, ids_in, pack, unpack
from memory_store.database.migrating import HEAD, migrate
from memory_store.encryption import remains
from memory_store.encryption.keys import Key
from memory_store.episodic import reading
from memory_store.errors import BackupDamaged, StoreError
from memory_store.journal.keeping import Journal
from memory_store.knowledge.derived import drawn_from
from memory_store.purging import erasing, proving
from memory_store.purging.erasing import Needles
from memory_store.sqlite.database import FileDatabase, bare, translated


def holding(folder: Path | None, ids: Collection[str]) -> list[Path]:
    """The backups on a profile's shelf that hold one of these memories; damaged ones too, for nobody can tell."""
    if folder is None:
        return []
    sound, damaged = shelf.listed(folder)
    return [*(one.file for one in sound if _holds(one, ids)), *damaged]


def rewrite(
    folder: Path | None,
    ids: Sequence[str],
    wanted: Needles,
    *,
    journal: Journal,
    now: datetime,
    opens: Sequence[str] = (),
) -> tuple[list[str], list[str]]:
    """Take these memories out of every backup that holds them; each is whole at every instant, and the old one is
    overwritten. ``opens``: passphrases for those that are encrypted. A backup of an older schema comes out in the
    present one.

    Returns the names of those that were rewritten, and of those left as they are: damaged, made by a newer mneme, or
    under another passphrase. Raises StoreUnavailable.
    """
    done: list[str] = []
    if folder is None:
        return [], []
    left = [file.name for file in shelf.listed(folder)[1]]
    for backup in shelf.listed(folder)[0]:
        if not _holds(backup, ids):
            continue
        try:
            with shelf.at_work(folder) as place:
                _one(place, backup, ids, wanted, journal, now, opens)
            done.append(backup.file.name)
        except StoreError:
            left.append(backup.file.name)
    return done, left


def _holds(backup: Backup, ids: Collection[str]) -> bool:
    try:
        return not ids_in(backup.file).isdisjoint(ids)
    except StoreError:
        return True


def _one(
    place: Path,
    backup: Backup,
    ids: Sequence[str],
    wanted: Needles,
    journal: Journal,
    now: datetime,
    opens: Sequence[str],
) -> None:
    said = backup.manifest
    if said.schema > HEAD:
        raise BackupDamaged(f"{backup.file} was made by a newer mneme.")
    out = place / f".purge-{os.getpid()}.db"
    try:
        unpack(backup, out)
        key = making.key_of(out, opens)
        making.hold_to(backup, out, key)
        _erase(out, key, ids, wanted, journal, now)
        manifest, kept = making.surveyed(out, said.number, said.made_at, said.reason, key)
        aside = place / f".old-{backup.file.name}"  # a second name, under which it can be overwritten afterwards
        os.link(backup.file, aside)
        making.read_back(pack(out, kept, manifest, backup.file, None), place, key)
        remains.overwrite(aside)
    finally:
        remains.overwrite(out)


def _erase(file: Path, key: Key | None, ids: Sequence[str], wanted: Needles, journal: Journal, now: datetime) -> None:
    """Raises BackupDamaged when a trace is left in an unpacked database."""
    database = FileDatabase(file, key)
    try:
        migrate(database)
        with database.write() as connection:
            known = reading.turns_by_id(connection, ids)
            gone = {seq for seq, _ in known.values()}
            erasing.erase(connection, sorted(gone.union(drawn_from(connection, gone))))
            journal.note(connection, "purge", now, list(known))
        database.forget_deleted(compact=True)
        traces = proving.traces_in(database, file, wanted)
    finally:
        database.close()
    if traces:
        raise BackupDamaged(f"{file} still holds what was purged.")
    with translated(file), closing(bare(file, key)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
