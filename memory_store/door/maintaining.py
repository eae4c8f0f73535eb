"""The half of the door that keeps words and meaning in step, and says how they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from memory_store.checking import health, spread
from memory_store.checking.findings import Finding
from memory_store.clock import Clock
from memory_store.database.base import Database
from memory_store.door.transactions import in_one_transaction
from memory_store.embedding.base import Vectors
from memory_store.episodic import lexical, reading
from memory_store.journal.keeping import Journal
from memory_store.recall.recaller import Recaller
from memory_store.records import HealthReport, IndexState, StoreStats
from memory_store.retention.usage import Floats
from memory_store.semantic import vectors
from memory_store.semantic.indexer import Indexer, Progress

if TYPE_CHECKING:
    from memory_store.backups.making import Made


class Maintaining:
    """Index, health, backups and counts."""

    path: Path | None
    clock: Clock
    _database: Database
    _indexer: Indexer
    _recaller: Recaller
    _journal: Journal

    def index_now(self, *, progress: Progress | None = None) -> IndexState:
        """Embed and index everything queued, in this thread. Raises EmbedderError, StoreUnavailable."""
        self._indexer.drain(progress)
        return self._indexer.state()

    def embed_now(self, *, progress: Progress | None = None) -> IndexState:
        """Embed everything queued, in this thread, and leave Chroma to whoever stays longer: from here on it is
        searched by meaning, exactly. Raises EmbedderError, StoreUnavailable."""
        self._indexer.embed(progress)
        return self._indexer.state()

    def vectors_of(self, ids: Sequence[str]) -> tuple[str, dict[str, Vectors]]:
        """The fingerprint of the embedder, and the unit vectors, shape (dimensions,), of those memories that it has
        embedded by now: id -> vector."""
        embedder = self._indexer.embedder
        with self._database.read() as connection:
            filed = vectors.embedder_seq(connection, embedder)
            seqs = {seq: one for one, (seq, _) in reading.turns_by_id(connection, ids).items()}
            if filed is None or not seqs:
                return embedder.fingerprint, {}
            found, rows = vectors.some(connection, filed, seqs)
        return embedder.fingerprint, {seqs[int(seq)]: row for seq, row in zip(found, rows, strict=True)}

    def index_state(self) -> IndexState:
        """What the indexer is doing, for a status line."""
        return self._indexer.state()

    def check(self, *, repair: bool = False, thorough: bool = False, progress: Progress | None = None) -> HealthReport:
        """Compare words, full-text rows, vectors, ledger, queue and index row by row, and look for some by their own
        words and vectors (docs/durability.md). Changes nothing but what was waiting: the queue is drained first.

        ``repair``: mend what is wrong, without touching the words, and compare once more. ``thorough``: embed every
        memory again, not a few of them, and compare; takes as long as embedding them did.

        Raises EmbedderError, StoreUnavailable.
        """
        self._indexer.drain(progress)
        report, found = self._examined(progress, thorough)
        if not repair or not any(one.curable for one in found):
            return report
        done = []
        for one in found:
            if one.mend is not None:
                self._database.written(one.mend)
                done.append(one.mended)
        self._indexer.embed(progress)
        if any(one.index for one in found):
            self._indexer.rebuild(progress)
            done.append("the index of meaning was built anew")
        self._recaller.let_go()
        self._indexer.look_again()
        self._indexer.drain(progress)
        return replace(self._examined(progress, thorough)[0], repaired=tuple(done))

    def _examined(self, progress: Progress | None, thorough: bool) -> tuple[HealthReport, list[Finding]]:
        with self._indexer.still(), self._database.read() as connection:
            return health.examine(connection, self._indexer, progress, thorough=thorough)

    def rebuild(self, *, progress: Progress | None = None) -> HealthReport:
        """Make the full-text rows anew from the words, and the index anew from the stored vectors. No word is touched.

        Raises StoreUnavailable when another process holds the index.
        """
        self._full_text_anew()
        self._indexer.rebuild(progress)
        return self.check()

    @in_one_transaction
    def _full_text_anew(self, connection: Connection) -> None:
        lexical.make_anew(connection, reading.keys(connection))
        vectors.enqueue_missing(connection, self._indexer.embedder)

    def backup(self, *, to: Path | None = None, keep: int | None = None, progress: Progress | None = None) -> Made:
        """Keep a verified copy of the whole memory in one file; see :mod:`memory_store.backups.making`.

        ``to``: a file or a folder; None: the profile's own ``backups/``, of which the newest ``keep`` (10) stay.

        Raises StoreUnavailable, StoreDamaged, InvalidInput.
        """
        from memory_store.backups.making import make

        made = make(self._database, self.path, now=self.clock(), to=to, keep=keep, progress=progress)
        with self._database.write() as connection:
            self._journal.note(connection, "backup", self.clock(), ())
        return made

    def said_when(self) -> list[tuple[datetime, int]]:
        """The beginning of each quarter of an hour in which something was said, and how many turns; in order.

        Forgotten ones count. A quarter, because every zone's days begin on one.
        """
        with self._database.read() as connection:
            return spread.said_when(connection)

    def strengths(self) -> Floats:
        """Present strength of each memory that a prune could take: neither forgotten nor pinned. Shape (n,)."""
        with self._database.read() as connection:
            return spread.strengths_held(connection, self.clock())

    def stats(self) -> StoreStats:
        """Counts and bytes."""
        size = self._database.size()
        self._indexer.index.look()
        with self._database.read() as connection:
            way = self._recaller.dense.way(connection)
            counted = health.statistics(connection, self.path, self._indexer, way, size)
        return replace(counted, encrypted=self._database.encrypted)
