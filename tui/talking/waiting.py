"""What the user has asked for and has not been answered yet, in order."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence

from tui.talking.notices import Asked, Notice, Withdrawn
from tui.talking.requests import Ask, AskKind


class Waiting:
    """Words that wait are either taken back or answered, never both. Any thread may call it."""

    def __init__(self, tell: Callable[[Notice], None]) -> None:
        self._tell = tell
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        """Held to change what waits."""
        self._asks: list[Ask] = []
        self._answering: Ask | None = None

    def __bool__(self) -> bool:
        return bool(self._asks)

    @property
    def unheard(self) -> list[str]:
        """What waits behind the present reply."""
        return [ask.words for ask in self._asks[1:]]

    def add(self, words: str, kind: AskKind, target: str, without: Sequence[str], queue: Callable[[Ask], None]) -> Ask:
        """One more, told as ``Asked``, and put into the ``queue`` of whoever answers in the same order."""
        ask = Ask(next(self._numbers), words, kind, target, tuple(without))
        with self._lock:
            self._asks.append(ask)
            self._tell(Asked(ask.request, words, kind, target))
            queue(ask)
        return ask

    def stop(self, request: int | None = None) -> bool:
        """Stop the present reply (or that of a request). False when there is none."""
        current = next((ask for ask in self._asks if request in (None, ask.request)), None)
        if current is None:
            return False
        current.cancel.set()
        return True

    def stop_all(self) -> None:
        for ask in list(self._asks):
            ask.cancel.set()

    def take_back(self, request: int | None = None) -> bool:
        """Take back words (the last ones, or those of a request) that nobody has heard yet; they are ``Withdrawn``."""
        with self._lock:
            unheard = [ask for ask in self._asks if ask is not self._answering]
            found = next((ask for ask in reversed(unheard) if request in (None, ask.request)), None)
            if found is None:
                return False
            found.cancel.set()
            self._asks.remove(found)
            self._tell(Withdrawn(found.request, found.words))
        return True

    def taken(self, ask: Ask) -> bool:
        """Whether it still waits; from now on it cannot be taken back."""
        with self._lock:
            self._answering = ask if ask in self._asks else None
            return self._answering is not None

    def over(self, ask: Ask) -> None:
        with self._lock:
            self._answering = None
            self._asks.remove(ask)
