"""Whose files these are, and who else may read them: looked at when a profile is opened, mended where it is ours."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from memory_store.errors import StoreUnavailable

OTHERS = 0o077
"""What group and everybody else may do."""
ROOT = 0


def assert_own(place: Path, *, or_roots: bool = False) -> None:
    """Raises StoreUnavailable for a file or folder, or what a link points to, that somebody else owns.

    ``or_roots``: what root owns is trusted, such as a configuration that an administrator laid there.
    """
    if not hasattr(os, "geteuid"):  # Windows, where a user's folders are the user's by inheritance
        return
    try:
        owner = place.stat().st_uid
    except OSError:  # not there, or not to be seen: told of by whoever needs it
        return
    if owner not in {os.geteuid(), *([ROOT] if or_roots else [])}:
        link = f" (a link to {place.resolve()})" if place.is_symlink() else ""
        raise StoreUnavailable(
            f"{place}{link} belongs to {_name(owner)}, not to you: whoever owns it could read or change what is "
            f"remembered. Use it as {_name(owner)}, or choose a place of your own with --home."
        )


def made_private(folder: Path) -> bool:
    """Take from everybody else what they may do with a folder of ours and all below it; links are not followed.

    True when others could look into the folder itself; what was open in a closed folder nobody could reach. Raises
    StoreUnavailable for anything in it that somebody else owns.
    """
    assert_own(folder)
    was_open = _closed(folder)
    for place in _below(folder):
        assert_own(place)
        if not place.is_symlink():
            _closed(place)
    return was_open


def file_made_private(file: Path) -> bool:
    """The same for one file. True when others could read or write it."""
    assert_own(file, or_roots=True)
    return not file.is_symlink() and _closed(file)


def _below(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path))


def _closed(place: Path) -> bool:
    """Whether others could do anything with it, and no longer can."""
    try:
        mode = stat.S_IMODE(place.lstat().st_mode)
        if not mode & OTHERS or os.name == "nt":
            return False
        place.chmod(mode & ~OTHERS)
        return not place.lstat().st_mode & OTHERS  # some filesystems know no modes, and say nothing
    except OSError:  # gone in the meantime, or a root's configuration
        return False


def _name(owner: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return f"user {owner}"
