"""When Python looks for garbage: not in the midst of a word.

Its oldest generation is everything there is, libraries included: a tenth of a second and more at a time, and a reply
that streams brings it about once a second. Here that waits until nobody types and nothing is said.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import cast

YOUNG, MIDDLE, NEVER = 10_000, 10, 1_000_000
"""Objects before the youngest generation is looked at, looks at it before the middle one, and so on to the oldest."""
QUIET_S = 2.0
"""Without a key and without a reply: then a pause is nobody's."""
FEW, PAUSE_S = 5, 0.5
"""Looks at the middle generation that are worth one at the end of a reply, unless a key was pressed just before."""
MOST = 60
"""Looks at the middle generation after which the oldest has its turn whatever is going on."""


class Collector:
    """Has Python's collector in hand from :meth:`begin` on. It is the process's: one at a time."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._since = self._typed = now()
        self._begun = False

    def begin(self) -> None:
        """What is there by now is modules: it is not looked at again."""
        self._begun = True
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        gc.freeze()
        gc.enable()

    def touched(self) -> None:
        """Somebody types."""
        self._since = self._typed = self._now()

    def over(self) -> None:
        """A reply is over: much of what it took to stream is garbage, and few wait for anything just now."""
        if self._begun and gc.get_count()[2] >= FEW and self._now() - self._typed >= PAUSE_S:
            _collect()

    def look(self, *, busy: bool) -> bool:
        """Collect if it is time, and say so. To be called every second or so; ``busy``: a reply is being made."""
        if busy:
            self._since = self._now()
        waiting = gc.get_count()[2]
        due = waiting >= MOST or (waiting > 0 and self._now() - self._since >= QUIET_S)
        if due and self._begun:
            _collect()
        return due and self._begun


def _collect() -> None:
    """Look for garbage, and give the system back what lies between what is kept: the C library would hold on to it,
    some 15 MiB after 35 replies. That takes 2 ms."""
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """The C library's way of giving back; None where it has none (only glibc does)."""
    import ctypes  # not before the first picture

    try:
        return cast("Callable[[int], int]", ctypes.CDLL(None).malloc_trim)
    except (OSError, AttributeError, TypeError):  # TypeError: Windows, where a library has to be named
        return None
