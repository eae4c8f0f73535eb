"""What is not read of the vectors changes nothing among the best: against reading all of them, on random candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store.addressing import Weights
from memory_store.episodic.lexical import NOTHING
from memory_store.language import query
from memory_store.recall import narrowing
from memory_store.recall.dense import Meaning
from memory_store.recall.looking import Evidence
from memory_store.recall.narrowing import narrows, with_meaning
from memory_store.recall.signals import Signals, ranked, weighed
from memory_store.schema import to_micros
from tests.learning.test_head import drawn_signals

COUNT = 300


class Asked:
    """A query over random candidates. Of those nearest to it, some are named; a few of all have no vector."""

    def __init__(self, seed: int, named: int = 60, kept: int = 20_000) -> None:
        self.kept = kept
        lots = np.random.default_rng(seed)
        self.seqs = np.sort(lots.choice(10_000, COUNT, replace=False)).astype(np.int64)
        unread = np.zeros(COUNT, np.bool_)
        self.signals: Signals = replace(drawn_signals(lots, COUNT), meaning=np.zeros(COUNT), unread=unread)
        self.cosines = lots.normal(0.2, 0.15, COUNT).clip(-1, 1)
        self.cosines[lots.random(COUNT) < 0.05] = np.nan
        order = np.argsort(-np.where(np.isnan(self.cosines), -1, self.cosines))[:named]
        near = np.sort(order)
        best, farthest = float(np.nanmax(self.cosines)), float(self.cosines[order[-1]])
        vector = np.ones(1, np.float32)
        meaning = Meaning(self.seqs[near], self.cosines[near], vector, 0.1, best, 1.0, farthest=farthest)
        nobody: set[int] = set()
        now = to_micros(datetime(2026, 11, 25, tzinfo=UTC))
        self.evidence = Evidence(
            query.read("which?"), NOTHING, meaning, nobody, nobody, nobody, (), now, False, np.empty(0, np.int64)
        )
        self.read = 0

    def cosines_of(self, seqs: np.ndarray, more: bool) -> np.ndarray:
        """Every ``kept``-th is in memory."""
        near = self.cosines[np.searchsorted(self.seqs, seqs)]
        if more:
            self.read += len(seqs)
            return near
        return np.where(seqs % self.kept == 0, near, np.nan)

    def terms(self, weights: Weights, deep: int | None) -> dict[str, np.ndarray]:
        found = with_meaning(self.signals, self.seqs, self.evidence, self.cosines_of, weights, deep)
        return weighed(found, weights)


@given(
    st.integers(0, 2**32),
    st.sampled_from([1, 3, 10]),
    st.sampled_from([Weights(), Weights(session=0), Weights(meaning=2)]),
    st.sampled_from([1, 2, 20_000]),
)
def test_the_best_and_their_reasons_are_the_same(seed: int, deep: int, weights: Weights, kept: int) -> None:
    asked = Asked(seed, kept=kept)
    said_at = np.zeros(COUNT, np.int64)
    with patch.object(narrowing, "MOST", COUNT):
        whole, narrowed = asked.terms(weights, None), asked.terms(weights, deep)
    best = ranked(whole, asked.seqs, said_at)[:deep]
    assert ranked(narrowed, asked.seqs, said_at)[:deep].tolist() == best.tolist()
    for name, values in whole.items():
        assert narrowed[name][best] == pytest.approx(values[best], abs=1e-9), name


def test_less_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(7)
    asked.terms(Weights(), None)
    assert asked.read == COUNT - 60
    asked.read = 0
    asked.terms(Weights(), 1)
    assert 0 < asked.read < (COUNT - 60) / 2
    of_memory = Asked(7, kept=1)
    of_memory.terms(Weights(), 1)
    assert of_memory.read < COUNT / 10, "only those that have no vector are asked for again"
    monkeypatch.setattr(narrowing, "MOST", 20)
    asked.read = 0
    asked.terms(Weights(), 10)
    assert asked.read == 30


def test_a_score_that_has_no_bounds_is_not_narrowed() -> None:
    assert narrows(Weights())
    assert not narrows(Weights(second_hop=0.3))
    assert not narrows(Weights(session=-0.1))
