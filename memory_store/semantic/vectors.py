"""The vectors, kept beside the words as float16, 768 bytes a turn: what Chroma is rebuilt from, and exact search."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy import text as sql

from memory_store.database.base import new_seq, plain_rows
from memory_store.embedding.base import Embedder, Vectors
from memory_store.schema import embedders, meta, vectors

EPOCH = "vectors_epoch"
"""Rises whenever a vector goes away, so that every process drops what it has read of them."""

ALL = 2**62

_SEEN = (
    "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'vectors_epoch'), 0),"
    " coalesce((SELECT max(stamp) FROM vectors), 0)"
)
_SOME = "SELECT v.turn_seq, v.vector FROM (@numbers) j @then vectors v ON v.turn_seq = j.value WHERE v.embedder_seq = ?"
_TOP = "SELECT coalesce(max(stamp), 0) FROM vectors"
_BATCH = "SELECT turn_seq, vector, stamp FROM vectors WHERE embedder_seq = ? AND stamp > ? ORDER BY stamp LIMIT ?"
_ENQUEUE_MISSING = sql(
    "INSERT INTO index_queue (turn_seq, op) SELECT t.seq, 'upsert' FROM turns t"
    " LEFT JOIN vectors v ON v.turn_seq = t.seq AND v.embedder_seq = :embedder"
    " WHERE v.stamp IS NULL AND t.seq NOT IN (SELECT turn_seq FROM index_queue)"
)
_OTHERS = "SELECT e.name FROM vectors v JOIN embedders e ON e.seq = v.embedder_seq WHERE v.embedder_seq <> ? LIMIT 1"
_COUNT = sql("SELECT count(*) FROM vectors WHERE embedder_seq = :embedder")


def embedder_seq(connection: Connection, embedder: Embedder) -> int | None:
    """The number this embedder's vectors are filed under; None when it has made none here."""
    found = connection.execute(select(embedders.c.seq).where(embedders.c.fingerprint == embedder.fingerprint)).scalar()
    return None if found is None else int(found)


def enlist(connection: Connection, embedder: Embedder) -> int:
    """The same, filed now if need be."""
    known = embedder_seq(connection, embedder)
    if known is not None:
        return known
    row = connection.execute(
        insert(embedders),
        {"name": embedder.name, "fingerprint": embedder.fingerprint, "dimensions": embedder.dimensions},
    )
    return new_seq(row)


def save(connection: Connection, embedder: int, seqs: Sequence[int], rows: Vectors) -> None:
    """Store unit vectors, shape (len(seqs), d), in place of what these turns had."""
    gone = connection.execute(delete(vectors).where(vectors.c.turn_seq.in_(seqs))).rowcount
    if gone:
        new_epoch(connection)
    halves = rows.astype(np.float16)
    connection.execute(
        insert(vectors),
        [
            {"turn_seq": seq, "embedder_seq": embedder, "vector": halves[place].tobytes()}
            for place, seq in enumerate(seqs)
        ],
    )


def new_epoch(connection: Connection) -> None:
    """Tell every reader that vectors went away."""
    raised = sql(
        "INSERT INTO meta (key, value) VALUES (:key, '1')"
        " ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT)"
    )
    connection.execute(raised, {"key": EPOCH})


def enqueue_missing(connection: Connection, embedder: Embedder) -> None:
    """Queue every turn that has no vector of ``embedder`` and does not wait for one."""
    connection.execute(_ENQUEUE_MISSING, {"embedder": embedder_seq(connection, embedder) or 0})


def count(connection: Connection, embedder: int | None) -> int:
    """Vectors that ``embedder`` made."""
    return 0 if embedder is None else int(connection.execute(_COUNT, {"embedder": embedder}).scalar_one())


def of_others(connection: Connection, embedder: int | None) -> str:
    """The name of an embedder that made vectors here, where ``embedder`` made none; empty when there is no such."""
    if count(connection, embedder):
        return ""
    found = plain_rows(connection, _OTHERS, embedder or 0)
    return str(found[0][0]) if found else ""


def some(connection: Connection, embedder: int, seqs: Iterable[int]) -> tuple[NDArray[np.int64], Vectors]:
    """The stored vectors of these turns, as far as there are any: numbers (n,), rows (n, d)."""
    return _arrays(plain_rows(connection, _SOME, json.dumps(list(seqs)), embedder))


def batches(
    connection: Connection, embedder: int, size: int = 5000, newest: int = ALL
) -> Iterable[tuple[NDArray[np.int64], Vectors]]:
    """All vectors of ``embedder``, in batches, by rising stamp; of all that were ever stored, the ``newest``."""
    last = max(0, int(plain_rows(connection, _TOP)[0][0]) - newest)
    while rows := plain_rows(connection, _BATCH, embedder, last, size):
        last = int(rows[-1][2])
        yield _arrays(rows)


def _arrays(rows: Sequence[Sequence[object]]) -> tuple[NDArray[np.int64], Vectors]:
    if not rows:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    joined = b"".join([row[1] for row in rows])  # type: ignore[misc]
    if len(joined) % (len(rows) * 2):
        return _arrays(_whole(rows))
    matrix = np.frombuffer(joined, np.float16).reshape(len(rows), -1).astype(np.float32)
    seqs = np.array([row[0] for row in rows], np.int64)
    if not np.isfinite(matrix.sum()):  # one that is no number would make every comparison none
        whole = np.isfinite(matrix).all(1)
        return seqs[whole], matrix[whole]
    return seqs, matrix


def _whole(rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """Without the vectors that are damaged, so that the others can be searched; a check finds and mends them."""
    sizes = Counter(len(row[1]) for row in rows)  # type: ignore[arg-type]
    usual = sizes.most_common(1)[0][0]
    return [row for row in rows if len(row[1]) == usual]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All vectors at one instant: ``seqs`` (n,), rising; ``matrix`` (n, d), float32, unit rows; their mean (d,)."""

    seqs: NDArray[np.int64]
    matrix: Vectors
    mean: Vectors


class VectorCache:
    """All vectors in memory, kept up to date with what any process writes: exact search without an index."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._embedder = 0
        self._epoch = -1
        self._stamp = 0
        self._snapshot: Snapshot | None = None

    def current(self, connection: Connection, embedder: int) -> Snapshot:
        """What is stored now. Reads only what is new since the last time."""
        with self._lock:
            epoch, stamp = plain_rows(connection, _SEEN)[0]
            if (epoch, embedder) != (self._epoch, self._embedder) or self._snapshot is None:
                self._snapshot, self._stamp = None, 0
            if self._snapshot is None or stamp > self._stamp:
                self._snapshot = self._grown(connection, embedder)
                self._epoch, self._embedder, self._stamp = epoch, embedder, stamp
            return self._snapshot

    def forget(self) -> None:
        """Free the memory."""
        with self._lock:
            self._snapshot = None

    def _grown(self, connection: Connection, embedder: int) -> Snapshot:
        rows = plain_rows(connection, _BATCH, embedder, self._stamp, ALL)
        seqs, matrix = _arrays(rows)
        if self._snapshot is not None and len(self._snapshot.seqs) and len(seqs):
            seqs = np.concatenate([self._snapshot.seqs, seqs])
            matrix = np.concatenate([self._snapshot.matrix, matrix])
        elif self._snapshot is not None and not len(seqs):
            return self._snapshot
        order = np.argsort(seqs, kind="stable")
        mean = matrix.mean(0) if len(seqs) else np.empty(0, np.float32)
        return Snapshot(seqs[order], matrix[order], mean)


def read_meta(connection: Connection, key: str) -> str | None:
    """A value of the ``meta`` table."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if found is None else str(found)


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Set a value of the ``meta`` table."""
    connection.execute(
        sql("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value"),
        {"key": key, "value": value},
    )
