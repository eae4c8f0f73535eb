"""Where turns stand, kept in memory once read: what scoring must know of several hundred turns at every query.

A turn's place, speaker and date never change. What can (its words, its being there) raises the epoch, and then all is
read again; so a row is read once for many queries, and no query waits for more rows than it asks for. A process that
stays reads ahead, a little at a time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from memory_store.addressing import Ints
from memory_store.database.base import plain_rows
from memory_store.semantic.vectors import EPOCH

SEQ, CONVERSATION, POSITION, SESSION, SPEAKER, SAID_AT, STANDING, ASKS = range(8)
"""Columns of a table of places, shape (n, 8), int64. ASKS: whether the turn ends in a question."""

AHEAD = 256
"""Rows that are read ahead in one go: a query that comes meanwhile waits for them."""

_COLUMNS = "t.seq, coalesce(t.conversation_seq, -1), t.position, t.session, t.speaker_seq, t.said_at, t.standing, @tail"
_ROWS = f"SELECT {_COLUMNS} FROM (@numbers) j @then turns t ON t.seq = j.value"
_PLACED = f"SELECT {_COLUMNS} FROM (@pairs) j @then turns t ON t.conversation_seq = j.a AND t.position = j.b"
_SEEN = "SELECT coalesce((SELECT value FROM meta WHERE key = ?), '0'), coalesce((SELECT max(seq) FROM turns), 0)"


class Places:
    """The places of turns, by their number. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = ""
        self._table = np.empty((0, 8), np.int64)
        """Row i is turn i's; zeros where it was not read yet. Untouched pages of it cost no memory."""
        self._ahead: tuple[str, int] = "", 0
        """The epoch that is read ahead in, and the newest turn that is still to be read."""

    def of(self, connection: Connection, seqs: Ints) -> Ints:
        """The places of those of ``seqs`` (sorted, each once) that are there, shape (m, 8), in their order."""
        epoch, newest = plain_rows(connection, _SEEN, EPOCH)[0]
        seqs = seqs[(seqs > 0) & (seqs <= newest)]  # what is kept may be newer than this connection's view
        with self._lock:
            if epoch != self._epoch:
                self._epoch, self._table = epoch, np.zeros((newest + 1, 8), np.int64)
            elif newest >= len(self._table):
                self._grow(newest)
            found = self._table[seqs]
            unread = found[:, SEQ] == 0
            if unread.any():
                rows = _table(plain_rows(connection, _ROWS, json.dumps(seqs[unread].tolist())))
                self._table[rows[:, SEQ]] = rows
                found = self._table[seqs]
        return found[found[:, SEQ] > 0]

    def read_ahead(self, connection: Connection) -> bool:
        """Read the newest few that were not read yet. False: there are no more."""
        epoch, newest = plain_rows(connection, _SEEN, EPOCH)[0]
        begun, left = self._ahead
        top = left if begun == epoch else newest
        if top > 0:
            self.of(connection, np.arange(max(1, top - AHEAD + 1), top + 1))
        self._ahead = epoch, max(0, top - AHEAD)
        return bool(top > AHEAD)

    def _grow(self, newest: int) -> None:
        larger = np.zeros((newest + newest // 4 + 64, 8), np.int64)
        larger[: len(self._table)] = self._table
        self._table = larger


def placed(connection: Connection, places: Sequence[tuple[int, int]]) -> Ints:
    """The turns at these (conversation, position), in no particular order, shape (m, 8)."""
    return _table(plain_rows(connection, _PLACED, json.dumps(places)))


def _table(rows: Sequence[tuple[Any, ...]]) -> Ints:
    if not rows:
        return np.empty((0, 8), np.int64)
    *numbers, tails = zip(*rows, strict=True)
    return np.array([*numbers, [_asks(tail) for tail in tails]], np.int64).T


def _asks(tail: bytes) -> bool:
    """Whether the last bytes of a text hold a question mark among its last three characters."""
    if b"?" not in tail and b"\xef\xbc\x9f" not in tail:
        return False
    last = tail.decode("utf-8", "ignore")[-3:]
    return "?" in last or "？" in last
