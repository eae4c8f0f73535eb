"""The channel of meaning: exact cosines between a query and the turns, found by NumPy or with Chroma's help."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy import text as sql

from memory_store import addressing
from memory_store.addressing import Floats, Ints
from memory_store.database.base import plain_rows
from memory_store.embedding.base import Embedder, Vectors
from memory_store.embedding.multiplying import on_one_thread
from memory_store.language import scripts
from memory_store.lookups import among, distinct, lookup
from memory_store.recall.asking import Asking
from memory_store.recall.candidates import PER_CHANNEL, Scope, best
from memory_store.recall.kept_vectors import Fixed, KeptVectors, compared
from memory_store.recall.population import Population
from memory_store.semantic import vectors
from memory_store.semantic.chroma import Near, SemanticIndex
from memory_store.semantic.vectors import VectorCache

EXACT_UP_TO = 30_000
"""Up to this many vectors, NumPy over all of them is faster than Chroma, and exact (measured)."""

HELD_UP_TO = 200_000
"""More vectors than this (300 MB) are not held in memory while Chroma cannot be used, but read again for each query."""

PAGE = 20_000
"""Vectors of a page: 30 MB."""

NEWEST = 30_000
"""So many of the newest vectors are compared while the index of more than can be held is being opened."""

SAMPLE = 4_000
"""Vectors that the mean is estimated from where not all of them are in memory."""

BY_CHROMA = 100
"""Turns that Chroma is asked for. On labelled data 150 find no more (docs/scaling.md)."""

WAITING = 64
"""So many of the newest turns whose vector is not in Chroma yet are compared beside those it names."""

_WAITING = "SELECT DISTINCT turn_seq FROM index_queue ORDER BY turn_seq DESC LIMIT ?"
_QUEUED = "SELECT DISTINCT q.turn_seq FROM (@numbers) j @then index_queue q ON q.turn_seq = j.value"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the channel found: cosines (n,) of turns ``seqs`` (sorted), and what they compare with."""

    seqs: Ints
    cosines: NDArray[np.floating]
    vector: Vectors
    mean: float
    best: float
    gate: float
    """0 where the embedder cannot read the query; 1 where it can."""
    whole: bool = False
    """Whether ``seqs`` are all that have a vector."""
    partial: bool = False
    """Whether only the newest were compared."""
    farthest: float = 1.0
    """No turn that is not among ``seqs`` is nearer than this cosine, but for the few that Chroma overlooks."""


BLIND = Meaning(np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32), 0.0, 0.0, 0.0)


class _Named(NamedTuple):
    """Turns, their cosines, and how near the nearest of the others may be."""

    seqs: Ints
    cosines: NDArray[np.floating]
    farthest: float


class Search(NamedTuple):
    """What was begun: ``answer`` ends it, in the same transaction; meanwhile something else can be done, where Chroma
    is ``at_work``. Raises EmbedderError."""

    answer: Callable[[], Meaning]
    at_work: bool = False


class Read(NamedTuple):
    """Vectors that were read: of turns ``known``, sorted, shape (n,), and what they are, shape (n, d)."""

    known: Ints
    rows: Fixed


NOTHING_READ = Read(BLIND.seqs, np.empty((0, 1), np.int16))


class DenseChannel:
    """Searches one store's vectors. Which way is decided here and nowhere else. Thread-safe."""

    def __init__(
        self,
        embedder: Embedder,
        index: Callable[[], SemanticIndex | None],
        exact_up_to: int = EXACT_UP_TO,
        held_up_to: int = HELD_UP_TO,
        coming: Callable[[], bool] = lambda: False,
    ) -> None:
        """``index``: as it can be asked now; ``coming``: whether it will be there in a moment."""
        on_one_thread()
        self.embedder = embedder
        self.population = Population()
        self._index = index
        self._coming = coming
        self._exact_up_to = exact_up_to
        self._held_up_to = held_up_to
        self._asking = Asking(embedder)
        self._cache = VectorCache()
        self._kept = KeptVectors(embedder.dimensions)
        self._number: int | None = None
        self._sampled: tuple[int, int, Vectors] | None = None

    def way(self, connection: Connection) -> str:
        """``exact`` or ``chroma``: how the next unfiltered query is answered."""
        return "exact" if self._usable(connection) is None else "chroma"

    def warm(self, connection: Connection) -> None:
        """Read into memory what will be searched there, so that no query waits for it."""
        filed = self._filed(connection)
        if filed is not None and self.population.vectors(connection, filed) <= self._held_up_to:
            self._cache.current(connection, filed)

    def begin(
        self,
        connection: Connection,
        words: str,
        written_in: Mapping[str, float],
        where: Scope,
        vector: Vectors | None = None,
    ) -> Search:
        """Look for the turns nearest in meaning to ``words``. ``written_in``: script -> its share of the letters;
        ``vector``: that of the words, where it is known."""
        gate = scripts.gate(written_in, self.embedder.scripts)
        filed = self._filed(connection)
        if filed is None or gate <= 0 or not any(mark.isalnum() for mark in words):
            return Search(lambda: BLIND)
        index = self._usable(connection) if where.allowed is None else None
        if index is None:
            return Search(
                lambda: self._compared(
                    connection, filed, self.embedder.encode([words])[0] if vector is None else vector, gate, where
                )
            )
        limit = BY_CHROMA + min(len(where.barred), PER_CHANNEL)
        asked = self._asking.begin(index, words, limit, vector)

        def answer() -> Meaning:
            # Chroma is still at work
            waiting = [row[0] for row in plain_rows(connection, _WAITING, WAITING)]
            mean = self._mean(connection, filed)
            found = asked()
            meaning = None
            if found.near is not None:
                near = self._named(connection, filed, found.vector, found.near, limit, waiting)
                meaning = _admitted(found.vector, near, float(mean @ found.vector), gate, where)
            if meaning is None:
                return self._compared(connection, filed, found.vector, gate, where)
            self._cache.forget()  # what was held until Chroma could be used
            return meaning

        return Search(answer, at_work=True)

    def ahead(self, connection: Connection, seqs: Ints) -> Read:
        """The vectors of those of these turns, likely to be asked for, that are not kept: read while Chroma is at
        work."""
        filed = self._filed(connection)
        if filed is None:
            return NOTHING_READ
        known, rows = self._kept.read(connection, filed, seqs[~self._kept.of(connection, filed, seqs)[0]])
        order = np.argsort(known)
        return Read(known[order], rows[order])

    def read_ahead(self, connection: Connection) -> bool:
        """Read a few of the vectors that will be compared beside what Chroma names. False: there are no more."""
        filed = self._filed(connection)
        return filed is not None and self._usable(connection) is not None and self._kept.read_ahead(connection, filed)

    def cosines(self, connection: Connection, seqs: Ints, more: bool, meaning: Meaning, ahead: Read) -> Floats:
        """Shape (n,): cosines of these turns from their vectors; NaN where none is stored yet. ``more``: also of those
        that are neither kept nor were read ``ahead``."""
        near = np.full(len(seqs), np.nan)
        filed = self._filed(connection)
        if filed is None:
            return near
        kept, rows = self._kept.of(connection, filed, seqs)
        near[kept] = compared(rows, meaning.vector)
        if kept.all():
            return near
        near[~kept] = lookup(seqs[~kept], ahead.known, compared(ahead.rows, meaning.vector), np.nan)
        unknown = np.isnan(near)
        if more and unknown.any():
            known, rows = self._kept.read(connection, filed, seqs[unknown])
            order = np.argsort(known)
            near[unknown] = lookup(seqs[unknown], known[order], compared(rows[order], meaning.vector), np.nan)
        return near

    def rows(self, connection: Connection, seqs: Sequence[int]) -> Vectors:
        """Shape (n, d): the stored vectors of these turns, in their order; NaN where there is none yet."""
        table = np.full((len(seqs), self.embedder.dimensions), np.nan, np.float32)
        filed = self._filed(connection)
        if filed is not None:
            known, found = vectors.some(connection, filed, seqs)
            places = {seq: place for place, seq in enumerate(seqs)}
            table[[places[seq] for seq in known.tolist()]] = found if len(known) else table[:0]
        return table

    def stranger(self, connection: Connection) -> str:
        """The name of another embedder that made all the vectors here; empty when there is no such."""
        return vectors.of_others(connection, self._filed(connection))

    def let_go(self) -> None:
        """Free what is held of the vectors; the next query reads them again."""
        self._cache.forget()
        self._kept.forget()

    def close(self) -> None:
        """End the threads."""
        self._asking.close()

    def _filed(self, connection: Connection) -> int | None:
        """The number of the embedder, once it has made a vector here; it never changes after that."""
        if self._number is None:
            self._number = vectors.embedder_seq(connection, self.embedder)
        return self._number

    def _usable(self, connection: Connection) -> SemanticIndex | None:
        """The index, where an unfiltered query is given to it."""
        filed = self._filed(connection)
        few = filed is None or self.population.vectors(connection, filed) <= self._exact_up_to
        return None if few else self._index()

    def _compared(self, connection: Connection, filed: int, vector: Vectors, gate: float, where: Scope) -> Meaning:
        if self.population.vectors(connection, filed) > self._held_up_to:
            newest = where.allowed is None and self._coming()
            return self._page_by_page(connection, filed, vector, gate, where, NEWEST if newest else vectors.ALL)
        return self._exactly(connection, filed, vector, gate, where)

    def _exactly(self, connection: Connection, filed: int, vector: Vectors, gate: float, where: Scope) -> Meaning:
        snapshot = self._cache.current(connection, filed)
        if not len(snapshot.seqs):
            return BLIND
        seqs, cosines = snapshot.seqs, snapshot.matrix @ vector
        mean = addressing.smoothed_mean(float(snapshot.mean @ vector), len(cosines), self.embedder.baseline)
        if where.limits:
            admitted = where.admits(seqs)
            seqs, cosines = seqs[admitted], cosines[admitted]
        if not len(seqs):
            return BLIND
        return Meaning(seqs, cosines, vector, mean, float(cosines.max()), gate, whole=True)

    def _page_by_page(
        self, connection: Connection, filed: int, vector: Vectors, gate: float, where: Scope, newest: int
    ) -> Meaning:
        """The same in bounded memory: the nearest of all or of the newest, and their mean cosine."""
        seqs, cosines, count, total = BLIND.seqs, BLIND.cosines, 0, 0.0
        for page, rows in vectors.batches(connection, filed, PAGE, newest):
            near = rows @ vector
            count, total = count + len(near), total + float(near.sum(dtype=np.float64))
            admitted = where.admits(page)
            every = np.concatenate([seqs, page[admitted]])
            values = np.concatenate([cosines, near[admitted]])
            kept = best(np.arange(len(every)), values)
            seqs, cosines = every[kept], values[kept]
        if not len(seqs):
            return BLIND
        mean = addressing.smoothed_mean(total / count, count, self.embedder.baseline)
        order = np.argsort(seqs)
        partial = newest < vectors.ALL
        farthest = float(cosines.min()) if len(cosines) == PER_CHANNEL and not partial else 1.0
        top = float(cosines.max())
        return Meaning(seqs[order], cosines[order], vector, mean, top, gate, partial=partial, farthest=farthest)

    def _named(
        self, connection: Connection, filed: int, vector: Vectors, near: Near, limit: int, waiting: list[int]
    ) -> _Named:
        """What Chroma names, and the newest that wait to be put into it. What it holds of turns that wait is passed
        over: their stored vectors are read."""
        farthest = float(near.cosines[-1]) if len(near.seqs) == limit else 1.0
        if not waiting:
            return _Named(*near, farthest)
        queued = [row[0] for row in plain_rows(connection, _QUEUED, json.dumps(near.seqs.tolist()))]
        anew = distinct(np.array([*waiting, *queued], np.int64))
        stays = ~among(near.seqs, anew)
        known, rows = vectors.some(connection, filed, anew.tolist())
        compared = rows @ vector if len(known) else np.empty(0)
        return _Named(
            np.concatenate([near.seqs[stays], known]),
            np.concatenate([near.cosines[stays], compared]),
            farthest if len(waiting) < WAITING else 1.0,
        )

    def _mean(self, connection: Connection, filed: int) -> Vectors:
        """The mean vector, shape (d,), of an even sample; taken again when the store has grown by a quarter."""
        total = self.population.vectors(connection, filed)
        if self._sampled is None or self._sampled[0] != filed or total > 1.25 * self._sampled[1]:
            top = int(connection.execute(sql("SELECT coalesce(max(turn_seq), 0) FROM vectors")).scalar_one())
            _, rows = vectors.some(connection, filed, np.linspace(1, top, SAMPLE).astype(np.int64).tolist())
            mean = rows.mean(0) if len(rows) else np.zeros(self.embedder.dimensions, np.float32)
            self._sampled = (filed, total, mean)
        return self._sampled[2]


def _admitted(vector: Vectors, near: _Named, mean: float, gate: float, where: Scope) -> Meaning | None:
    order = np.argsort(near.seqs)
    seqs = near.seqs[order]
    if where.limits:
        order = order[where.admits(seqs)]
        seqs = near.seqs[order]
    if not len(order):
        return None
    cosines = near.cosines[order]
    return Meaning(seqs, cosines, vector, mean, float(cosines.max()), gate, farthest=near.farthest)
