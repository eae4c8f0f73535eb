"""Which databases this process has open. POSIX locks are a process's, not a connection's: who opens such a file past
SQLite, or by another copy of SQLite, and closes it again, takes the locks of all its connections away."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

OpenAs = Literal["plain", "encrypted"]

_GUARD = threading.Lock()
_OPEN: dict[Path, list[OpenAs]] = {}


def opened(file: Path, kind: OpenAs) -> None:
    with _GUARD:
        _OPEN.setdefault(_place(file), []).append(kind)


def closed(file: Path, kind: OpenAs) -> None:
    with _GUARD:
        left = _OPEN.get(_place(file), [])
        if kind in left:
            left.remove(kind)
        if not left:
            _OPEN.pop(_place(file), None)


def is_open(file: Path) -> OpenAs | None:
    """How this process has the file open; None when it has not."""
    with _GUARD:
        return next(iter(_OPEN.get(_place(file), [])), None)


def _place(file: Path) -> Path:
    return file.parent.resolve() / file.name
