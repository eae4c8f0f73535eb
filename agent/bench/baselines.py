"""What plain tools would find: vectors as Chroma's users make them, BM25, and both by reciprocal rank fusion.

All three see "speaker: words" of every turn, and the question as it was put.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory_store.addressing import K1, B
from memory_store.embedding.base import Embedder
from memory_store.language.words import stem, terms

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

VECTORS, WORDS, FUSED = "vectors only", "BM25 only", "RRF k=60"
RRF_K = 60
_BATCH = 256


class Bm25:
    """BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = .75) over stems, no stop words; CJK: characters and pairs."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [Counter(map(stem, terms(text))) for text in texts]
        lengths = np.array([words.total() for words in documents], np.float64)
        norm = K1 * (1 - B + B * lengths / max(lengths.mean() if len(lengths) else 0.0, 1.0))
        places: dict[str, list[int]] = {}
        for place, words in enumerate(documents):
            for word in words:
                places.setdefault(word, []).append(place)
        self._count = len(documents)
        self._postings: dict[str, tuple[Ints, Floats]] = {}
        for word, held in places.items():
            at = np.array(held, np.int64)
            often = np.array([documents[place][word] for place in held], np.float64)
            idf = math.log(1 + (self._count - len(held) + 0.5) / (len(held) + 0.5))
            self._postings[word] = (at, idf * often * (K1 + 1) / (often + norm[at]))

    def scores(self, query: str) -> Floats:
        """Shape (n,): 0 where no word of the query occurs."""
        found = np.zeros(self._count)
        for word in {stem(term) for term in terms(query)}:
            if word in self._postings:
                places, values = self._postings[word]
                found[places] += values
        return found


class Baselines:
    """The three, over the turns of one store. ``texts``: "speaker: words" of each."""

    def __init__(self, texts: Sequence[str], embedder: Embedder, progress: Callable[[int, int], None]) -> None:
        self._embedder = embedder
        self._words = Bm25(texts)
        self._matrix: NDArray[Any] = np.empty((len(texts), embedder.dimensions), np.float32)
        for start in range(0, len(texts), _BATCH):
            part = texts[start : start + _BATCH]
            self._matrix[start : start + len(part)] = embedder.encode(part)
            progress(start + len(part), len(texts))

    def rankings(self, query: str, allowed: Bools, depth: int) -> dict[str, Ints]:
        """Places of turns, best first, at most ``depth``, by each of the three; only ``allowed`` ones, shape (n,)."""
        cosines = (self._matrix @ self._embedder.encode([query])[0]).astype(np.float64)
        by_vectors = _best(cosines, allowed)
        words = self._words.scores(query)
        by_words = _best(words, allowed & (words > 0))
        fused = np.zeros(len(cosines))
        for ranking in (by_vectors, by_words):
            fused[ranking] += 1 / (RRF_K + 1 + np.arange(len(ranking)))
        by_both = _best(fused, fused > 0)
        return {VECTORS: by_vectors[:depth], WORDS: by_words[:depth], FUSED: by_both[:depth]}


def _best(scores: Floats, allowed: Bools) -> Ints:
    """Places by falling score; ties go to the earlier turn."""
    order = np.argsort(-scores, kind="stable")
    return order[allowed[order]]
