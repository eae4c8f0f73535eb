"""Vectors kept in memory once read. Where they are many, Chroma names the nearest and each of the others that a recall
compares lies on a page of its own: to read a hundred took a fifth of the recall.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store.addressing import Bools, Ints
from memory_store.database.base import plain_rows
from memory_store.embedding.base import Vectors
from memory_store.semantic import vectors
from memory_store.semantic.vectors import EPOCH

ROOM = 200_000
"""So many of the newest turns' vectors are kept at most: 154 MB where they have 384 numbers."""

AHEAD = 256
"""Vectors that are read ahead in one go: a query that comes meanwhile waits for them."""

ONE = 32_767
"""Numbers are kept in units of 1 / ONE, whole: in as many bytes as they are stored in, each to 1.5e-5, a cosine to
1e-4. They become float32 ten times as fast as float16 does."""

_SEEN = "SELECT coalesce((SELECT value FROM meta WHERE key = ?), '0'), coalesce((SELECT max(seq) FROM turns), 0)"

BLANK = np.zeros(0, np.int64)
Fixed = NDArray[np.int16]


class KeptVectors:
    """The vectors of one embedder, by the number of the turn. Thread-safe."""

    def __init__(self, dimensions: int, room: int = ROOM) -> None:
        self._lock = threading.Lock()
        self._room = room
        self._of: tuple[str, int] = "", 0
        """The epoch and the embedder of what is kept."""
        self._seqs = BLANK
        """Turn n is kept in place n modulo the length; 0 where nothing is."""
        self._rows: Fixed = np.zeros((0, dimensions), np.int16)
        self._ahead: tuple[tuple[str, int], int] = ("", 0), 0
        """What is read ahead, and the newest turn that is still to be read."""

    def of(self, connection: Connection, embedder: int, seqs: Ints) -> tuple[Bools, Fixed]:
        """Which of these turns' vectors are kept, shape (n,), and those, one after the other."""
        with self._lock:
            self._renewed(connection, embedder)
            places = seqs % max(len(self._seqs), 1)
            kept = self._seqs[places] == seqs if len(self._seqs) else np.zeros(len(seqs), np.bool_)
            return kept, self._rows.take(places[kept], axis=0)

    def read(self, connection: Connection, embedder: int, seqs: Ints) -> tuple[Ints, Fixed]:
        """The stored vectors of these turns, as far as there are any: numbers (n,), rows (n, d). They are kept."""
        with self._lock:
            newest = self._renewed(connection, embedder)
            known, stored = vectors.some(connection, embedder, seqs.tolist())
            if stored.shape[1] != self._rows.shape[1]:  # none there, or what is there is damaged
                return BLANK, self._rows[:0]
            rows = fixed(stored)
            lasting = (known > newest - len(self._seqs)) & (known <= newest)
            places = known[lasting] % max(len(self._seqs), 1)
            self._seqs[places], self._rows[places] = known[lasting], rows[lasting]
            return known, rows

    def read_ahead(self, connection: Connection, embedder: int) -> bool:
        """Read the newest few that were not read yet. False: there are no more to be kept."""
        with self._lock:
            newest = self._renewed(connection, embedder)
            begun, left = self._ahead
            top = left if begun == self._of else newest
            least = max(0, newest - len(self._seqs))
            self._ahead = self._of, max(least, top - AHEAD)
        few = np.arange(max(least, top - AHEAD) + 1, top + 1)
        unread = few[~self.of(connection, embedder, few)[0]]
        if len(unread):
            self.read(connection, embedder, unread)
        return top - AHEAD > least

    def forget(self) -> None:
        """Free the memory."""
        with self._lock:
            self._clear("", 0)

    def _renewed(self, connection: Connection, embedder: int) -> int:
        """The newest turn; what is kept is what this view may see, and there is a place for that turn."""
        epoch, newest = plain_rows(connection, _SEEN, EPOCH)[0]
        if (epoch, embedder) != self._of:
            self._clear(epoch, embedder)
        length = len(self._seqs)
        if newest >= length and length < self._room:  # until all the room is taken, a turn's place is its number
            larger = min(self._room, int(newest) + int(newest) // 4 + 64)
            grown = np.zeros(larger, np.int64), np.zeros((larger, self._rows.shape[1]), np.int16)
            grown[0][:length], grown[1][:length] = self._seqs, self._rows
            self._seqs, self._rows = grown
        return int(newest)

    def _clear(self, epoch: str, embedder: int) -> None:
        self._of = epoch, embedder
        self._seqs, self._rows = BLANK, np.zeros((0, self._rows.shape[1]), np.int16)


def fixed(rows: Vectors) -> Fixed:
    """Unit vectors in units of 1 / ONE."""
    return np.rint(np.clip(rows, -1, 1) * ONE).astype(np.int16)


def compared(rows: Fixed, vector: Vectors) -> NDArray[np.float32]:
    """Shape (n,): the cosines of rows (n, d) with a unit vector (d,)."""
    if not len(rows):
        return np.zeros(0, np.float32)
    return np.asarray(rows.astype(np.float32) @ (vector / np.float32(ONE)), np.float32)
