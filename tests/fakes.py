"""Stand-ins for the embedder and for rerankers, where meaning itself is not the point: fast, and always the same."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from memory_store.errors import EmbedderError
from memory_store.language.scripts import ALL
from memory_store.language.words import terms


class HashedWords:
    """A text's vector is the sum of its words' pseudo-random vectors: shared words, near vectors."""

    scripts = ALL
    baseline = 0.0

    def __init__(self, dimensions: int = 32, kind: str = "hashed") -> None:
        self.dimensions = dimensions
        self.name = self.fingerprint = f"{kind}-{dimensions}"
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        table = np.array([self._row(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)
        return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True), np.float32)

    def _row(self, text: str) -> NDArray[np.float64]:
        words = [*terms(text)] or [text]
        return np.sum([self._word(word) for word in words], axis=0)

    def _word(self, word: str) -> NDArray[np.float64]:
        return np.random.default_rng(zlib.crc32(f"{self.fingerprint} {word}".encode())).standard_normal(self.dimensions)


class Broken(HashedWords):
    """An embedder that cannot be loaded."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise EmbedderError("The embedding model is not installed. Reinstall mneme.")


class Liking:
    """A reranker that has its own taste."""

    reason = "taste"
    sees_speakers = False
    scripts = ALL

    def __init__(self, liked: str = "", *, fails: bool = False) -> None:
        self.liked, self.fails = liked, fails
        self.seen: list[tuple[str, list[str]]] = []

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        self.seen.append((query, list(texts)))
        if self.fails:
            raise EmbedderError("It is gone.")
        return np.array([float(self.liked in text) for text in texts])

    def let_go(self) -> None:
        """It keeps nothing."""
