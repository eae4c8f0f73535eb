"""The file of a backup: a zip archive of the database, the ids in it, and a manifest that says what it must hold.

Any unzip opens it. It is written beside its place and renamed, so that a file with a backup's name is whole; a copy
that was cut short, or changed, does not open or does not match its manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from memory_store import faults
from memory_store.errors import BackupDamaged, StoreUnavailable

FORMAT = "mneme-backup"
VERSION = 1
DATABASE = "memory.db"
IDS = "ids"
MANIFEST = "manifest.json"
BLOCK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error)
"""What Python raises for an archive that is not what was written."""

Progress = Callable[[int, int], None]
"""Bytes done so far, and of how many."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    number: int
    """Rises with every backup of a profile, whatever the clock says."""
    made_at: datetime
    reason: str
    """Why it was made, a few words."""
    schema: str
    memories: int
    conversations: int
    revisions: int
    vectors: int
    bytes: int
    """Of the database inside."""
    sha256: str
    """Of the database inside."""
    encrypted: bool = False
    """Whether that is under the passphrase which the memory had then."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that is there."""

    file: Path
    manifest: Manifest
    size: int
    """Bytes of the file."""


def pack(database: Path, ids: Sequence[str], manifest: Manifest, to: Path, progress: Progress | None) -> Backup:
    """Write a backup of a database file that nobody has open, complete or not at all, for its owner alone.

    Raises StoreUnavailable.
    """
    part = to.with_name(f".{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(MANIFEST, _encoded(manifest))
                archive.writestr(IDS, "\n".join(ids))
                with database.open("rb") as source, archive.open(DATABASE, "w", force_zip64=True) as target:
                    _copy(source, target.write, manifest.bytes, progress, faults.reached)
            stream.flush()
            os.fsync(descriptor)
        faults.reached("backup:packed")
        part.replace(to)
        sync(to.parent)
    except OSError as error:
        raise StoreUnavailable(f"{to} cannot be written: {error.strerror or error}. No backup was made.") from error
    finally:
        part.unlink(missing_ok=True)
    return Backup(to, manifest, to.stat().st_size)


def look(file: Path) -> Backup:
    """What a backup says of itself. Cheap. Raises BackupDamaged, StoreUnavailable."""
    with _opened(file) as archive:
        return Backup(file, _decoded(file, archive), file.stat().st_size)


def ids_in(file: Path) -> set[str]:
    """The ids of the memories it holds. Raises BackupDamaged, StoreUnavailable."""
    with _opened(file) as archive:
        return set(_read(file, archive, IDS).decode().split())


def unpack(backup: Backup, to: Path, progress: Progress | None = None) -> None:
    """Take the database out into a new file, and compare it with the manifest.

    Raises BackupDamaged, StoreUnavailable.
    """
    digest = hashlib.sha256()
    wanted = backup.manifest
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target, _opened(backup.file) as archive:

            def both(block: bytes) -> None:
                digest.update(block)
                target.write(block)

            with archive.open(DATABASE) as source:
                _copy(source, both, wanted.bytes, progress)
            target.flush()
            os.fsync(descriptor)
    except (KeyError, *_BROKEN) as error:
        raise _damaged(backup.file, str(error)) from error
    except OSError as error:
        raise StoreUnavailable(f"{to} cannot be written: {error.strerror or error}. Nothing was changed.") from error
    if digest.hexdigest() != wanted.sha256:
        raise _damaged(backup.file, "what is in it is not what was put in")


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(place: Path) -> None:
    """Make durable what was written to a file, or renamed in a folder. Raises OSError."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(
    source: IO[bytes],
    write: Callable[[bytes], object],
    total: int,
    progress: Progress | None,
    reached: Callable[[str], None] | None = None,
) -> None:
    done = 0
    while block := source.read(BLOCK):
        write(block)
        done += len(block)
        if reached is not None:
            reached("backup:packing")
        if progress is not None:
            progress(done, total)


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        raise _damaged(file, str(error)) from error
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be read: {error.strerror or error}.") from error


def _read(file: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError as error:
        raise BackupDamaged(f"{file} is no backup of mneme: it has no {name}.") from error
    except (*_BROKEN, OSError) as error:
        raise _damaged(file, str(error)) from error


def _damaged(file: Path, why: str) -> BackupDamaged:
    return BackupDamaged(f"{file} is cut short or damaged ({why}). Take another: `mneme backup list`.")


def _encoded(manifest: Manifest) -> str:
    value = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
    return json.dumps(value | {"made_at": manifest.made_at.astimezone(UTC).isoformat()}, indent=1)


def _decoded(file: Path, archive: zipfile.ZipFile) -> Manifest:
    raw = _read(file, archive, MANIFEST)
    try:
        value: dict[str, Any] = json.loads(raw)
        if value.pop("format") != FORMAT:
            raise BackupDamaged(f"{file} is no backup of mneme.")
        version = int(value.pop("version"))
        if version > VERSION:
            raise BackupDamaged(f"{file} was made by a newer mneme (format {version}, this one reads {VERSION}).")
        return Manifest(**(value | {"made_at": datetime.fromisoformat(value["made_at"])}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(file, f"its manifest cannot be read: {error}") from error
