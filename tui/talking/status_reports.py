"""How full the memory is and what the index does, told when it changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from memory_store.errors import MnemeError
from tui.talking.notices import Status

if TYPE_CHECKING:
    from memory_store import MemoryStore

log = logging.getLogger("mneme.tui")


class StatusReports:
    """Called by the session's thread alone."""

    def __init__(self, store: MemoryStore, tell: Callable[[Status], None]) -> None:
        self._store, self._tell = store, tell
        self._last: Status | None = None

    def full(self) -> None:
        """Count everything, which takes longer the more there is."""
        try:
            stats = self._store.stats()
            index, conflicts = self._store.index_state(), self._store.open_conflicts()
            held = stats.memories - stats.forgotten
            self._told(Status(held, stats.conversations, index, stats.encrypted, conflicts))
        except MnemeError as error:
            log.warning("the status could not be read: %s", error)

    def index(self) -> None:
        """Only what the indexer is doing, and what it found to contradict: cheap enough for once a second."""
        if self._last is None:
            self.full()
            return
        try:
            conflicts = self._store.open_conflicts()
            self._told(replace(self._last, index=self._store.index_state(), conflicts=conflicts))
        except MnemeError as error:
            log.warning("the index's state could not be read: %s", error)

    def _told(self, status: Status) -> None:
        if status != self._last:
            self._last = status
            self._tell(status)
