"""Chroma is asked in a thread of its own: meanwhile SQLite is asked for the words."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from memory_store.embedding.base import Embedder, Vectors
from memory_store.semantic.chroma import IndexDamaged, Near, SemanticIndex

log = logging.getLogger(__name__)

THREADS = 4
"""Queries of one store that are given to Chroma at the same time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Chroma names for a query, and the query's vector, shape (d,). ``near`` is None where Chroma failed."""

    vector: Vectors
    near: Near | None


class Asking:
    """Threads that embed a query and give it to Chroma, which lets the others run meanwhile. Thread-safe."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._guard = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    def begin(
        self, index: SemanticIndex, words: str, limit: int, vector: Vectors | None = None
    ) -> Callable[[], Answer]:
        """Ask for the ``limit`` nearest; what is returned waits for the answer. That raises EmbedderError. ``vector``:
        that of the words, where it is known."""
        with self._guard:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mneme-meaning")
            return self._threads.submit(self._ask, index, words, limit, vector).result

    def _ask(self, index: SemanticIndex, words: str, limit: int, vector: Vectors | None) -> Answer:
        if vector is None:
            vector = self._embedder.encode([words])[0]
        try:
            return Answer(vector, index.nearest(vector, limit))
        except IndexDamaged as error:
            log.warning("Chroma failed; the stored vectors are searched instead: %s", error)
            return Answer(vector, None)

    def close(self) -> None:
        """End the threads."""
        with self._guard:
            if self._threads is not None:
                self._threads.shutdown()
                self._threads = None
