"""What Chroma writes to its files of memory it has not used: no words.

Its graph (hnswlib) asks for more memory than it fills, and writes all of it. What stands there is whatever the process
last freed: of 286 purges 16 found a piece of what was purged in the new index and had to fill it again, and once in a
thousand such a piece was cut so that the search did not know it. glibc can fill memory as it is handed out (mallopt(3),
M_PERTURB): of 290 purges, none found anything. Elsewhere the search after a purge is what there is.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

M_PERTURB = -6
FILLED_WITH = 0xA5
"""Memory is handed out full of its complement."""


class _Filling:
    """Counts who is inside: the setting is the whole process's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                _perturb(FILLED_WITH)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                _perturb(0)


_filling = _Filling()


@contextmanager
def overwritten() -> Iterator[None]:
    """While it lasts, memory that this process asks for holds nothing of what was there before. Thread-safe."""
    _filling.enter()
    try:
        yield
    finally:
        _filling.leave()


def _perturb(value: int) -> None:
    if (mallopt := _mallopt()) is not None:
        mallopt(M_PERTURB, value)


@cache
def _mallopt() -> Callable[[int, int], int] | None:
    try:
        found: Callable[[int, int], int] = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return None
    return found
