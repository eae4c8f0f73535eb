"""The folder ``backups/`` of a profile: what is there, under which names, and how many are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from memory_store.backups.archive import Backup, look
from memory_store.database.location import make_private
from memory_store.errors import BackupDamaged, StoreUnavailable

KEPT = 10
"""Backups made by hand that are kept, where nobody says how many."""
KEPT_OF_ITS_OWN = 3
"""Of those that mneme makes by itself, for each reason."""
WAIT_S = 60.0
"""How long a backup that another process makes is waited for."""

BY_HAND = "by hand"
BEFORE_MIGRATION = "before a migration"
BEFORE_RESTORE = "before a restore"


def shelf_of(folder: Path) -> Path:
    """Where a profile's backups lie."""
    return folder / "backups"


@contextmanager
def at_work(folder: Path) -> Iterator[Path]:
    """The shelf, made if need be, for this process alone; what a kill left half-done there is cleared away.

    Raises StoreUnavailable.
    """
    from filelock import FileLock, Timeout

    shelf = shelf_of(folder)
    try:
        make_private(shelf)
        with FileLock(shelf / ".lock", mode=0o600, timeout=WAIT_S):
            for left in _half_done(shelf):
                left.unlink(missing_ok=True)
            try:
                yield shelf
            finally:
                for left in _half_done(shelf):
                    left.unlink(missing_ok=True)
    except Timeout as error:
        raise StoreUnavailable(f"Another process is working in {shelf}. Try again when it is done.") from error
    except OSError as error:
        raise StoreUnavailable(f"{shelf} cannot be written: {error.strerror or error}.") from error


def listed(folder: Path) -> tuple[list[Backup], list[Path]]:
    """The backups on a profile's shelf, newest first, and the files there that are damaged."""
    sound, damaged = [], []
    for file in sorted(shelf_of(folder).glob("*.zip")):
        try:
            sound.append(look(file))
        except (BackupDamaged, StoreUnavailable):
            damaged.append(file)
    return sorted(sound, key=lambda one: (one.manifest.number, one.file.name), reverse=True), damaged


def found(folder: Path, named: str) -> Backup:
    """The backup that a person means: a number or name on the shelf, ``latest``, or a file anywhere.

    Raises BackupDamaged, StoreUnavailable.
    """
    file = Path(named).expanduser()
    if file.is_file():
        return look(file)
    on_shelf = shelf_of(folder) / (named if named.endswith(".zip") else f"{named}.zip")
    if "/" not in named and on_shelf.is_file():
        return look(on_shelf)
    sound, _ = listed(folder)
    if named == "latest" and sound:
        return sound[0]
    same = [one for one in sound if named.isdigit() and one.manifest.number == int(named)]
    if same:
        return same[0]
    raise StoreUnavailable(f"There is no backup {named!r}: give a number of `mneme backup list`, or a file.")


def next_number(shelf: Path) -> int:
    """Above every number on the shelf: the order of backups does not hang on the clock."""
    names = (file.name.partition("-")[0] for file in shelf.glob("*.zip"))
    return max((int(name) for name in names if name.isdigit()), default=0) + 1


def name_of(number: int, made_at: datetime) -> str:
    return f"{number:04d}-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


def thin_out(folder: Path, reason: str, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` backups made for this reason; the files that went."""
    sound, _ = listed(folder)
    old = [one.file for one in sound if one.manifest.reason == reason][keep:]
    for file in old:
        file.unlink(missing_ok=True)
    return old


def _half_done(shelf: Path) -> list[Path]:
    return [file for file in shelf.glob(".*") if file.name != ".lock" and file.is_file()]
