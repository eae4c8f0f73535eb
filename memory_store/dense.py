"""The channel of meaning: exact cosines between a query and the turns, found by NumPy or with Chroma's help."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection
from sqlalchemy import text as sql

from memory_store import addressing, vectors
from memory_store.addressing import Floats, Ints
from memory_store.candidates import PER_CHANNEL, Scope, lookup
from memory_store.embedding.base import Embedder, Vectors
from memory_store.population import Population
from memory_store.semantic import IndexDamaged, SemanticIndex
from memory_store.vectors import VectorCache

log = logging.getLogger(__name__)

EXACT_UP_TO = 30_000
"""Up to this many vectors, NumPy over all of them is faster than Chroma, and exact (measured)."""

SAMPLE = 4_000
"""Vectors that the mean is estimated from where not all of them are in memory."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the channel found: cosines (n,) of turns ``seqs`` (sorted), and what they compare with."""

    seqs: Ints
    cosines: Floats
    vector: Vectors
    mean: float
    best: float
    gate: float
    """0 where the embedder cannot read the query; 1 where it can."""


BLIND = Meaning(np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32), 0.0, 0.0, 0.0)


class DenseChannel:
    """Searches one store's vectors. Which way is decided here and nowhere else. Thread-safe."""

    def __init__(
        self, embedder: Embedder, index: Callable[[], SemanticIndex | None], exact_up_to: int = EXACT_UP_TO
    ) -> None:
        self.embedder = embedder
        self.population = Population()
        self._index = index
        self._exact_up_to = exact_up_to
        self._cache = VectorCache()
        self._number: int | None = None
        self._sampled: tuple[int, int, Vectors] | None = None

    def way(self, connection: Connection) -> str:
        """``exact`` or ``chroma``: how the next unfiltered query is answered."""
        filed = self._filed(connection)
        few = filed is None or self.population.vectors(connection, filed) <= self._exact_up_to
        return "exact" if few or self._index() is None else "chroma"

    def search(self, connection: Connection, words: str, cjk: float, where: Scope) -> Meaning:
        """The turns nearest in meaning to ``words``. Raises EmbedderError."""
        gate = 1.0 if self.embedder.reads_cjk else 1.0 - cjk
        filed = self._filed(connection)
        if filed is None or gate <= 0 or not words.strip():
            return BLIND
        vector = self.embedder.encode([words])[0]
        near = None
        if where.allowed is None and self.way(connection) == "chroma":
            near = self._by_chroma(connection, filed, vector, gate, where)
        return near if near is not None else self._exactly(connection, filed, vector, gate, where)

    def cosines(self, connection: Connection, seqs: Ints, meaning: Meaning) -> Floats:
        """Shape (n,): exact cosines of these turns; NaN where no vector is stored yet."""
        absent = seqs[~np.isin(seqs, meaning.seqs)]
        known, values = meaning.seqs, meaning.cosines
        filed = self._filed(connection)
        if len(absent) and meaning.gate > 0 and filed is not None:
            more, rows = vectors.some(connection, filed, absent.tolist())
            if len(more):
                known = np.concatenate([known, more])
                values = np.concatenate([values, (rows @ meaning.vector).astype(np.float64)])
                order = np.argsort(known)
                known, values = known[order], values[order]
        return lookup(seqs, known, values, np.nan)

    def _filed(self, connection: Connection) -> int | None:
        """The number of the embedder, once it has made a vector here; it never changes after that."""
        if self._number is None:
            self._number = vectors.embedder_seq(connection, self.embedder)
        return self._number

    def _exactly(self, connection: Connection, filed: int, vector: Vectors, gate: float, where: Scope) -> Meaning:
        snapshot = self._cache.current(connection, filed)
        admitted = where.admits(snapshot.seqs)
        if not admitted.any():
            return BLIND
        cosines = (snapshot.matrix @ vector).astype(np.float64)
        mean = addressing.smoothed_mean(float(snapshot.mean @ vector), len(cosines), self.embedder.baseline)
        seqs, cosines = snapshot.seqs[admitted], cosines[admitted]
        return Meaning(seqs, cosines, vector, mean, float(cosines.max()), gate)

    def _by_chroma(
        self, connection: Connection, filed: int, vector: Vectors, gate: float, where: Scope
    ) -> Meaning | None:
        index = self._index()
        if index is None:
            return None
        try:
            found = index.nearest(vector, PER_CHANNEL + min(len(where.barred), PER_CHANNEL))
        except IndexDamaged as error:
            log.warning("Chroma failed; the stored vectors are searched instead: %s", error)
            return None
        seqs, rows = vectors.some(connection, filed, found.tolist())
        order = np.argsort(seqs)
        admitted = order[where.admits(seqs[order])] if len(seqs) else order
        if not len(admitted):
            return None
        cosines = (rows[admitted] @ vector).astype(np.float64)
        mean = float(self._mean(connection, filed) @ vector)
        return Meaning(seqs[admitted], cosines, vector, mean, float(cosines.max()), gate)

    def _mean(self, connection: Connection, filed: int) -> Vectors:
        """The mean vector, shape (d,), of an even sample; taken again when the store has grown by a quarter."""
        total = self.population.vectors(connection, filed)
        if self._sampled is None or self._sampled[0] != filed or total > 1.25 * self._sampled[1]:
            top = int(connection.execute(sql("SELECT coalesce(max(turn_seq), 0) FROM vectors")).scalar_one())
            _, rows = vectors.some(connection, filed, np.linspace(1, top, SAMPLE).astype(np.int64).tolist())
            mean = rows.mean(0) if len(rows) else np.zeros(self.embedder.dimensions, np.float32)
            self._sampled = (filed, total, mean)
        return self._sampled[2]
