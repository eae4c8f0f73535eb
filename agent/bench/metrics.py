"""What is measured of one ranking, and how sure the averages are. Pure functions on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DEEPEST = 25
FIGURES = (*(f"recall@{k}" for k in range(1, DEEPEST + 1)), "all@10", "mrr", "ndcg@10")
"""The columns of :func:`figures`."""

SHOWN = ("recall@1", "recall@3", "recall@5", "recall@10", "recall@25", "all@10", "mrr", "ndcg@10")
RESAMPLES = 2000


def figures(ranked: Iterable[str], evidence: frozenset[str]) -> Floats:
    """Shape (28,), each 0 to 1, of one question: see :data:`FIGURES`.

    ``ranked``: keys, best first; a key that comes again is passed over. recall@k: share of the evidence among the first
    k. all@10: 1 when all of it is among the first ten. mrr: 1 / the place of the first hit, 0 beyond the 25th. ndcg@10:
    gain 1 per hit, discounted by log2(place + 1), over what the best order would have (Jarvelin and Kekalainen 2002).
    """
    first = list(dict.fromkeys(ranked))[:DEEPEST]
    hits = np.zeros(DEEPEST)
    hits[: len(first)] = [key in evidence for key in first]
    recall = np.cumsum(hits) / len(evidence)
    discount = 1 / np.log2(np.arange(2, DEEPEST + 2))
    ideal = discount[: min(10, len(evidence))].sum()
    places = np.flatnonzero(hits)
    mrr = 1 / (places[0] + 1) if len(places) else 0.0
    return np.array([*recall, float(recall[9] >= 1 - 1e-9), mrr, (hits * discount)[:10].sum() / ideal])


@dataclass(frozen=True, slots=True)
class Estimate:
    """An average over questions and its 95 % interval."""

    value: float
    low: float
    high: float


def resampled(questions: int, seed: int, resamples: int = RESAMPLES) -> Floats:
    """Shape (resamples, questions): how often each question was drawn, as shares. The same for every method: paired."""
    draws = np.random.default_rng(seed).multinomial(questions, np.full(questions, 1 / questions), resamples)
    return draws / questions


def estimates(values: Floats, draws: Floats) -> list[Estimate]:
    """For each column of ``values``, shape (questions, columns): its mean, and the bootstrap's 2.5 and 97.5 percentiles
    (Efron 1979). Of differences between two methods, that is the paired bootstrap."""
    low, high = np.percentile(draws @ values, (2.5, 97.5), axis=0)
    return [
        Estimate(float(mean), float(least), float(most))
        for mean, least, most in zip(values.mean(0), low, high, strict=True)
    ]


def auroc(sure: Sequence[float], unsure: Sequence[float]) -> float:
    """The chance that one of ``sure`` is above one of ``unsure``, ties half (Mann and Whitney 1947)."""
    above = np.asarray(sure)[:, None] - np.asarray(unsure)[None, :]
    return float(((above > 0) + 0.5 * (above == 0)).mean())
