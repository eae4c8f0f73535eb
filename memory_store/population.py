"""How many there are, without counting everything at every query."""

from __future__ import annotations

import threading

from sqlalchemy import Connection
from sqlalchemy import text as sql

from memory_store.vectors import EPOCH

_TURNS = sql(
    "SELECT coalesce((SELECT value FROM meta WHERE key = :epoch), '0'), coalesce((SELECT max(seq) FROM turns), 0)"
)
_TURNS_ABOVE = sql("SELECT count(*) FROM turns WHERE seq > :top")
_VECTORS_TOP = sql("SELECT coalesce(max(stamp), 0) FROM vectors")
_VECTORS_ABOVE = sql("SELECT count(*) FROM vectors WHERE embedder_seq = :embedder AND stamp > :top")


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
            top = self._begin(connection)
            if top != self._turns_top:
                self._turns += int(connection.execute(_TURNS_ABOVE, {"top": self._turns_top}).scalar_one())
                self._turns_top = top
            return self._turns

    def vectors(self, connection: Connection, embedder: int) -> int:
        """Stored vectors of ``embedder``."""
        with self._lock:
            self._begin(connection)
            if embedder != self._embedder:
                self._embedder, self._vectors, self._vectors_top = embedder, 0, 0
            top = int(connection.execute(_VECTORS_TOP).scalar_one())
            if top != self._vectors_top:
                values = {"embedder": embedder, "top": self._vectors_top}
                self._vectors += int(connection.execute(_VECTORS_ABOVE, values).scalar_one())
                self._vectors_top = top
            return self._vectors

    def _begin(self, connection: Connection) -> int:
        """The highest turn there is. Counts begin anew when something was edited or purged."""
        row = connection.execute(_TURNS, {"epoch": EPOCH}).one()
        epoch = str(row[0])
        if epoch != self._epoch:
            self._epoch = epoch
            self._turns = self._turns_top = self._vectors = self._vectors_top = 0
        return int(row[1])
