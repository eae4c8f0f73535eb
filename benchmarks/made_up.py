"""Made-up conversations with the statistics of real ones, and an embedder that costs nothing.

Words follow Zipf's law with Mandelbrot's correction, p(rank) ~ 1 / (rank + 2.7)^1.07; the commonest are the English
stop words, the rest are invented and pronounceable. Turns are log-normal in length, 18 words in the mean, as chat is.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from memory_store.language.scripts import ALL
from memory_store.language.words import STOP_WORDS
from memory_store.records import NewTurn

VOCABULARY = 30_000
DIMENSIONS = 384
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
TURNS_PER_CONVERSATION = 40


class RandomVectors:
    """An :class:`~memory_store.embedding.Embedder`: a random unit vector per text, the same for the same text."""

    name = "random unit vectors"
    fingerprint = "benchmark-random-384"
    dimensions = DIMENSIONS
    scripts = ALL
    baseline = 0.0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), 384), float32, unit rows."""
        rows = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(DIMENSIONS) for text in texts]
        table = np.array(rows, np.float32).reshape(-1, DIMENSIONS)
        return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True), np.float32)


class WordVectors(RandomVectors):
    """The same for words instead of texts: a text's is the sum of its words', by how rare they are, so that texts that
    share words are near each other, as they are for a model that read them."""

    name = "sums of random word vectors"
    fingerprint = "benchmark-words-384"

    def __init__(self) -> None:
        self._words: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), 384), float32, unit rows."""
        table = np.array([np.sum([self._word(word) for word in self._telling(text)], axis=0) for text in texts])
        return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True), np.float32)

    def _telling(self, text: str) -> list[str]:
        words = text.rstrip(".?").split()
        return [word for word in words if word not in STOP_WORDS] or [text]

    def _word(self, word: str) -> NDArray[np.float32]:
        if word not in self._words:
            # Short invented words are the common ones.
            self._words[word] = np.asarray(RandomVectors.encode(self, [word])[0] * len(word), np.float32)
        return self._words[word]


class Remembering:
    """An embedder that embeds what it has learned before at no cost: so that a query's embedding can be left out."""

    def __init__(self, embedder: RandomVectors) -> None:
        self._embedder = embedder
        self.name, self.fingerprint, self.dimensions = embedder.name, embedder.fingerprint, embedder.dimensions
        self.scripts, self.baseline = embedder.scripts, embedder.baseline
        self._known: dict[str, NDArray[np.float32]] = {}

    def learn(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), 384): the vectors of ``texts``, kept."""
        rows = self._embedder.encode(texts)
        self._known |= dict(zip(texts, rows, strict=True))
        return rows

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the embedder would."""
        if len(texts) == 1 and texts[0] in self._known:
            return self._known[texts[0]][None, :]
        return self._embedder.encode(texts)


VECTORS = {"random": RandomVectors, "words": WordVectors}


class Talk:
    """An endless conversation, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._words = np.array([*sorted(STOP_WORDS), *itertools.islice(_invented(), VOCABULARY)])
        weights = (np.arange(len(self._words)) + 2.7) ** -1.07
        self._weights = np.cumsum(weights / weights.sum())

    def sentence(self) -> str:
        """One turn's words."""
        length = max(1, round(float(self._random.lognormal(2.65, 0.7))))
        places = np.searchsorted(self._weights, self._random.random(length))
        return " ".join(self._words[np.minimum(places, len(self._words) - 1)]) + "."

    def turns(self, count: int) -> Iterator[NewTurn]:
        """``count`` turns of a user and an assistant, in conversations of 40, a minute apart."""
        for number in range(count):
            yield NewTurn(
                self.sentence(),
                "user" if number % 2 == 0 else "assistant",
                f"talk-{number // TURNS_PER_CONVERSATION}",
                BEGAN + timedelta(minutes=number),
            )

    def question(self, text: str) -> str:
        """A question that shares about six words with ``text``, stop words and all."""
        words = text.rstrip(".").split()
        chosen = self._random.choice(len(words), min(6, len(words)), replace=False)
        return "what did i say about " + " ".join(words[place] for place in sorted(chosen)) + "?"


def _invented() -> Iterator[str]:
    """Pronounceable words that are no English, each once, short ones first."""
    syllables = ["".join(pair) for pair in itertools.product("bdfgklmnprstvz", "aeiou")]
    for length in itertools.count(2):
        yield from map("".join, itertools.product(syllables, repeat=length))
