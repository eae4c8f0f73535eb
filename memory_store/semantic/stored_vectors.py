"""In the place of the Chroma folder where a store is encrypted (no index on the disk, and no vector in the plain), or
on a database server with no Chroma server beside it.

The vectors themselves, decrypted into memory, are searched: exactly, by one multiplication. At 100,000 turns that takes
9 ms on one core and is ready a second after the memory was unlocked (measured), so there is nothing to build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy import text as sql

from memory_store.database.base import Database
from memory_store.embedding.base import Embedder, Vectors
from memory_store.schema import vectors as vectors_table
from memory_store.semantic import vectors
from memory_store.semantic.index_filling import REBUILD_WANTED

_COVERED = sql(
    "DELETE FROM index_queue WHERE op = 'delete' OR turn_seq IN"
    " (SELECT turn_seq FROM vectors WHERE embedder_seq = :embedder)"
)


class StoredVectors:
    """Answers as :class:`~memory_store.semantic.index_filling.IndexFolder` does. Each process has its own, so none
    waits; the lock only says whose embedder makes the vectors."""

    out_of_reach = ""
    away = ""
    refusal = "Another mneme is using this memory's index. Close it and try again."
    held = True
    checked = True
    filling = None
    refused = False

    def __init__(self, root: Path | None, database: Database, embedder: Embedder) -> None:
        self.root = root
        self._lock = database.index_lock()
        self._database = database
        self._embedder = embedder

    def acquire(self) -> bool:
        """Nobody else can be in the way. What a purge left to do is done."""
        if not self.in_step():
            self.rebuild()
        return True

    def without_purged(self) -> bool:
        return self.acquire()

    def lock(self) -> bool:
        """Take the lock if it is free. Raises StoreUnavailable when the folder cannot be written."""
        return self._lock.take()

    def condition(self) -> str:
        """For a person."""
        return "in memory only" if self._database.encrypted else "none: the stored vectors are searched"

    def in_step(self) -> bool:
        with self._database.read() as connection:
            return vectors.read_meta(connection, REBUILD_WANTED) in {None, "0"}

    def open(self) -> StoredVectors:
        return self

    def look(self) -> None:
        """There is nothing to make ready."""

    def opened(self) -> None:
        """Never a Chroma index: recall searches the vectors."""

    def quarantine(self, damage: Exception) -> None:
        """There is nothing that could be damaged apart from the database itself."""

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Take off the queue what has its vector, and make the file forget what was purged."""
        self._database.forget_deleted()

        def settle(connection: Connection) -> int:
            filed = vectors.enlist(connection, self._embedder)
            total = vectors.count(connection, filed)
            connection.execute(_COVERED, {"embedder": filed})
            vectors.write_meta(connection, REBUILD_WANTED, "0")
            return total

        total = self._database.written(settle)
        if progress is not None:
            progress(total, total)

    def close(self) -> None:
        """Let the lock go."""
        self._lock.release()

    # As an index, which it is by being stored

    def put(self, seqs: Sequence[int], rows: Vectors) -> None:
        """They are stored already."""

    def drop(self, seqs: Iterable[int]) -> None:
        """They went with their rows."""

    def ids(self) -> set[int]:
        """The turns that have a vector."""
        with self._database.read() as connection:
            mine = vectors_table.c.embedder_seq == (vectors.embedder_seq(connection, self._embedder) or 0)
            found: set[int] = set(connection.execute(select(vectors_table.c.turn_seq).where(mine)).scalars())
            return found
