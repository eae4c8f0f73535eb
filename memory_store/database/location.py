"""Where a store lives: a profile's folder, or a database URL."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from memory_store.errors import StoreUnavailable

DATABASE = "memory.db"
_FAR = 1 << 40
"""A byte of the lock file that nobody else locks."""


def database_file(path_or_url: str | Path) -> Path:
    """The SQLite file meant, its folder made (mode 0700) if need be. Raises StoreUnavailable."""
    file = _file(path_or_url)
    try:
        make_private(file.parent)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"{file.parent} cannot be used for memories: {error.strerror or error}. Choose another place with --home."
        ) from error
    _assert_locks(file.with_name("index.lock"))
    return file


def _assert_locks(file: Path) -> None:
    """Raises StoreUnavailable where locks do nothing or fail: SQLite would take it for a database that is in use."""
    try:
        import fcntl
    except ImportError:  # Windows, whose filesystems all have them
        return
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # read-only, perhaps: told of by whoever needs to write
        return
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _FAR)
    except BlockingIOError:
        pass  # another process tries the same
    except OSError as error:
        if error.errno in {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}:
            raise StoreUnavailable(
                f"{file.parent} is on a filesystem without file locks ({os.strerror(error.errno)}): two programs could"
                " ruin a memory there. Choose a place on a local disk with --home."
            ) from error
    finally:
        os.close(descriptor)


def make_private(folder: Path) -> None:
    """``mkdir -p`` with mode 0700 for every folder it makes. Those that are there keep their mode. Raises OSError."""
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def _file(path_or_url: str | Path) -> Path:
    if isinstance(path_or_url, Path) or "://" not in path_or_url:
        return Path(path_or_url).expanduser().absolute() / DATABASE
    kind, _, rest = path_or_url.partition("://")
    if kind.split("+")[0] != "sqlite":
        raise StoreUnavailable(f"'{kind}' databases are not supported. Give a folder, or sqlite:///path/to/file.db.")
    if not rest.startswith("/") or rest in {"/", "/:memory:"}:
        raise StoreUnavailable("A database URL needs a file: sqlite:///path/to/file.db.")
    return Path(rest[1:]).expanduser().absolute()
