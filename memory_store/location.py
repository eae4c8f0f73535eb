"""Where a store lives: a profile's folder, or a database URL."""

from __future__ import annotations

from pathlib import Path

from memory_store.errors import StoreUnavailable

DATABASE = "memory.db"


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
    return file


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
