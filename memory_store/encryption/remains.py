"""What a kill in the middle of a conversion leaves: finished at the next open, whichever way it went.

The one instant that decides is the rename of the new file over the old. Before it, the new file is only a draft; after
it, the old one only waits to be overwritten, under another name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memory_store.encryption.cipher import kind_of
from memory_store.errors import StoreUnavailable
from memory_store.semantic.index_safety import ASIDE, MARK

BLOCK = 1 << 20
INDEX = "chroma"


def draft_of(file: Path) -> Path:
    """Where a conversion writes."""
    return file.with_name(f"{file.name}.converting")


def old_of(file: Path) -> Path:
    """What was there before, until it is overwritten."""
    return file.with_name(f"{file.name}.old")


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """While it lasts no other process converts this memory or begins it. Raises StoreUnavailable when one does."""
    from filelock import FileLock, Timeout

    lock = FileLock(file.with_name("convert.lock"), mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreUnavailable(
            "This memory is being encrypted or decrypted by another mneme. Wait until it is done, then try again."
        ) from None
    except OSError as error:
        raise StoreUnavailable(f"{file.parent} cannot be written: {error.strerror or error}.") from error
    try:
        yield
    finally:
        lock.release()


def settle(file: Path) -> None:
    """Finish what was killed. Costs a look at two names when nothing was. Raises StoreUnavailable."""
    if not draft_of(file).exists() and not old_of(file).exists():
        return
    with alone(file):
        clear(file)


def clear(file: Path) -> None:
    """Overwrite and delete what is no longer, or never became, this memory. The caller holds :func:`alone`."""
    draft, old = draft_of(file), old_of(file)
    for beside in ("", "-journal", "-wal", "-shm"):
        overwrite(draft.with_name(draft.name + beside))
    if old.exists():
        if file.exists() and old.samefile(file):
            old.unlink()  # a second name of the memory itself: it was killed before the rename
            return
        if kind_of(file) == "encrypted":
            clear_index(file.parent)
        overwrite(old)


def clear_index(folder: Path) -> None:
    """Overwrite and delete the index of meaning, whose vectors lie in the plain; one that was set aside as well."""
    for index in (folder / INDEX, folder / ASIDE):
        for place in sorted(index.rglob("*")) if index.is_dir() else ():
            if place.is_file() and not place.is_symlink():
                overwrite(place)
        shutil.rmtree(index, ignore_errors=True)
    (folder / MARK).unlink(missing_ok=True)


def overwrite(file: Path) -> None:
    """Zeros over every byte, onto the disk, before the name goes. What the disk itself keeps apart is out of reach."""
    try:
        descriptor = os.open(file, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, bytes(min(BLOCK, left)))
        os.fsync(descriptor)
        file.unlink()
        sync_folder(file.parent)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a rename or a deletion durable, where the system knows how."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
