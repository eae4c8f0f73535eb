"""A disk that is full, or fails: shim.c, compiled here, preloaded into the harness, asleep until a victim wakes it."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
VARIABLE = "LD_PRELOAD"


def built(place: Path) -> Path | None:
    """The library; None where there is no C compiler, or it cannot build this."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = place / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    ended = subprocess.run(command, capture_output=True, check=False)
    return library if ended.returncode == 0 else None


def loaded() -> bool:
    """Whether it is in this process."""
    return hasattr(ctypes.CDLL(None), "mneme_shim_fail")


def fail(kind: str, pattern: str, after: int, times: int) -> None:
    """Let writes (ENOSPC), or in turns writes and syncs (EIO), to files with ``pattern`` in their path fail."""
    number = getattr(errno, kind)
    on_sync = kind == "EIO" and after % 2
    ctypes.CDLL(None).mneme_shim_fail(os.fsencode(pattern), ctypes.c_long(after), ctypes.c_long(times), number, on_sync)


def stop() -> None:
    ctypes.CDLL(None).mneme_shim_stop()


def failed() -> int:
    """How many calls failed so far."""
    return int(ctypes.CDLL(None).mneme_shim_failed())
