"""What a reranker is, to recall; and how its word is weighed against the formula's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from memory_store.addressing import Floats
from memory_store.language.scripts import gate


class Reranker(Protocol):
    """Compares a query with each text itself, which the formula's two channels cannot afford for every memory.

    Loading is lazy: making one costs next to nothing, the first ``scores`` loads what it needs.
    """

    @property
    def reason(self) -> str:
        """Its name among a recollection's reasons."""
        ...

    @property
    def sees_speakers(self) -> bool:
        """True: it is given "speaker: words" and the query as it was put. False: words, and the query without names."""
        ...

    @property
    def scripts(self) -> frozenset[str]:
        """What means anything to it beside Latin letters (:mod:`memory_store.language.scripts`); no say on the rest."""
        ...

    def scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Shape (len(texts),), higher is better, on any scale. Raises EmbedderError, RerankerError."""
        ...

    def let_go(self) -> None:
        """Drop what it keeps of texts that it has read: some of them were purged."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A reranker at work in recall."""

    reranker: Reranker
    weight: float
    """What its favourite gains."""
    top: int = 50
    """How many of the formula's best it is asked about."""

    def term(self, query: str, texts: Sequence[str], written_in: Mapping[str, float]) -> Floats:
        """Shape (len(texts),), from 0 to ``weight``. ``written_in``: script -> its share of the query's letters."""
        say = gate(written_in, self.reranker.scripts)
        if say <= 0 or len(texts) < 2:
            return np.zeros(len(texts))
        return self.weight * say * between(self.reranker.scores(query, texts))


def between(scores: Floats) -> Floats:
    """R_i = (r_i - min r) / (max r - min r): 0 for the worst that was looked at, 1 for the best.

    What was not looked at has 0, so a second look never puts anything behind what it did not see.
    """
    least, most = float(scores.min()), float(scores.max())
    if not most - least > 1e-9:
        return np.zeros(len(scores))
    return np.asarray((scores - least) / (most - least), np.float64)
