"""Keeps the screen whole while native code writes to file descriptor 2.

Textual draws on ``sys.__stderr__``, which is descriptor 2. Tokenizers, CUDA and malloc write there, past Python, and
would leave their words in the middle of the picture. So the terminal moves to another descriptor and 2 becomes the log.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def stderr_to(file: Path) -> Iterator[None]:
    """Meanwhile, whatever writes to descriptor 2 writes to ``file``; Textual still reaches the terminal."""
    sys.stderr.flush()
    terminal = os.dup(2)
    sink = _open_sink(file)
    original = sys.__stderr__
    screen = os.fdopen(os.dup(terminal), "w", encoding="utf-8", errors="backslashreplace")
    try:
        os.dup2(sink, 2)
        sys.__stderr__ = screen  # type: ignore[misc]  # Textual takes the terminal from here
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        sys.__stderr__ = original  # type: ignore[misc]
        with suppress(OSError):  # the terminal was closed before us
            screen.close()
        os.close(sink)
        os.close(terminal)


def _open_sink(file: Path) -> int:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
