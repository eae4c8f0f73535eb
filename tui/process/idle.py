"""When an encrypted memory that nobody uses is locked: the app ends, and with it all that it held of the memory."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

LOOK_S = 5.0
"""How often it is looked whether it is time."""


class IdleClock:
    """Counts from the last key, click or paste, or from the end of the last reply."""

    def __init__(self, minutes: float, now: Callable[[], float] = monotonic) -> None:
        """``minutes``: 0 is never."""
        self._limit = minutes * 60
        self._now = now
        self._since = now()

    def touched(self) -> None:
        """Somebody is there."""
        self._since = self._now()

    def due(self, *, busy: bool) -> bool:
        """Whether nothing has happened for that long; ``busy``: a reply is being made."""
        if busy:
            self.touched()
        return bool(self._limit) and self._now() - self._since >= self._limit
