"""How many there are, without counting everything at every query."""

from __future__ import annotations

import threading

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.semantic.vectors import EPOCH

_TOPS = (
    "SELECT coalesce((SELECT value FROM meta WHERE key = ?), '0'), coalesce((SELECT max(seq) FROM turns), 0),"
    " coalesce((SELECT max(stamp) FROM vectors), 0)"
)
_ALL_TURNS = "SELECT count(*) FROM turns"
_TURNS_ABOVE = "SELECT count(*) FROM turns WHERE seq > ?"
_VECTORS_ABOVE = "SELECT count(*) FROM vectors WHERE embedder_seq = ? AND stamp > ?"


class Population:
    """Counts of turns and vectors, brought up to date by counting only what is new. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = ""
        self._turns = self._turns_top = 0
        self._vectors = self._vectors_top = 0
        self._embedder = -1

    def turns(self, connection: Connection) -> int:
        """All turns and notes, forgotten ones included: the documents of the full-text index."""
        with self._lock:
            top, _ = self._tops(connection)
            if top < self._turns_top:  # this connection's view is older than what was counted
                return int(plain_rows(connection, _ALL_TURNS)[0][0])
            if not self._turns_top:  # of all turns, the engine counts the entries of the smallest index
                self._turns, self._turns_top = int(plain_rows(connection, _ALL_TURNS)[0][0]), top
            elif top > self._turns_top:
                self._turns += int(plain_rows(connection, _TURNS_ABOVE, self._turns_top)[0][0])
                self._turns_top = top
            return self._turns

    def vectors(self, connection: Connection, embedder: int) -> int:
        """Stored vectors of ``embedder``."""
        with self._lock:
            _, top = self._tops(connection)
            if embedder != self._embedder:
                self._embedder, self._vectors, self._vectors_top = embedder, 0, 0
            if top < self._vectors_top:
                return int(plain_rows(connection, _VECTORS_ABOVE, embedder, 0)[0][0])
            if top > self._vectors_top:
                self._vectors += int(plain_rows(connection, _VECTORS_ABOVE, embedder, self._vectors_top)[0][0])
                self._vectors_top = top
            return self._vectors

    def _tops(self, connection: Connection) -> tuple[int, int]:
        """The newest turn and vector there are. Counts begin anew when something was edited or purged."""
        epoch, turn, vector = plain_rows(connection, _TOPS, EPOCH)[0]
        if epoch != self._epoch:
            self._epoch = epoch
            self._turns = self._turns_top = self._vectors = self._vectors_top = 0
        return int(turn), int(vector)
