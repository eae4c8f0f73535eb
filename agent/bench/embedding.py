"""An embedder that remembers: each distinct text is embedded once per run, whoever asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from memory_store.embedding.base import Embedder, Vectors


class CachingEmbedder:
    """Another embedder, with its vectors kept and its time taken."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.seconds = 0.0
        """Spent in :meth:`encode` altogether, so that it can be taken off what recall took."""
        self.singles: list[float] = []
        """Seconds that each new text embedded by itself took: queries."""
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.dimensions = embedder.dimensions
        self.scripts = embedder.scripts
        self.baseline = embedder.baseline

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the embedder does. Raises EmbedderError."""
        began = perf_counter()
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.encode(new), strict=True))
        rows = [self._known[text] for text in texts]
        took = perf_counter() - began
        self.seconds += took
        if len(new) == len(texts) == 1:
            self.singles.append(took)
        return np.stack(rows) if rows else np.empty((0, self.dimensions), np.float32)
