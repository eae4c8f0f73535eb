"""The figures, checked by hand."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest

from agent.bench.metrics import FIGURES, auroc, estimates, figures, resampled


def named(ranked: list[str], *evidence: str) -> dict[str, float]:
    return dict(zip(FIGURES, figures(ranked, frozenset(evidence)), strict=True))


def test_two_pieces_of_evidence_at_places_two_and_four() -> None:
    found = named(["x", "a", "y", "b", "z"], "a", "b")
    assert [found[f"recall@{k}"] for k in (1, 2, 3, 4, 5, 25)] == [0, 0.5, 0.5, 1, 1, 1]
    assert found["all@10"] == 1
    assert found["mrr"] == 0.5
    assert found["ndcg@10"] == pytest.approx((1 / log2(3) + 1 / log2(5)) / (1 / log2(2) + 1 / log2(3)))


def test_evidence_beyond_the_tenth_place() -> None:
    found = named([*"0123456789", "a"], "a")
    assert (found["recall@10"], found["all@10"], found["ndcg@10"]) == (0, 0, 0)
    assert found["recall@25"] == 1
    assert found["mrr"] == pytest.approx(1 / 11)


def test_nothing_found_and_nothing_recalled() -> None:
    assert not any(figures(["x", "y"], frozenset("a")))
    assert not any(figures([], frozenset("a")))


def test_a_key_that_comes_again_takes_no_second_place() -> None:
    assert named(["x", "x", "x", "a"], "a")["mrr"] == 0.5
    assert named(["a", "a"], "a", "b")["recall@25"] == 0.5


def test_more_evidence_than_places() -> None:
    many = [str(number) for number in range(12)]
    found = named(many, *many)
    assert found["recall@10"] == pytest.approx(10 / 12)
    assert found["all@10"] == 0
    assert found["ndcg@10"] == pytest.approx(1)


def test_intervals_hold_the_mean_and_repeat_with_the_seed() -> None:
    values = np.array([[0.0], [1.0], [1.0], [1.0]] * 10)
    [once] = estimates(values, resampled(40, 7))
    assert once.value == 0.75
    assert 0.55 <= once.low < 0.75 < once.high <= 0.95
    assert [once] == estimates(values, resampled(40, 7))
    assert (resampled(40, 7) != resampled(40, 8)).any()


def test_a_method_is_not_ahead_of_itself_and_always_ahead_of_a_worse_one() -> None:
    ours = np.random.default_rng(0).random((50, 1))
    draws = resampled(50, 0)
    [same] = estimates(ours - ours, draws)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    [ahead] = estimates(ours - (ours - 0.1), draws)
    assert ahead.low == pytest.approx(0.1)


def test_each_resample_draws_as_many_questions_as_there_are() -> None:
    draws = resampled(9, 3, resamples=50)
    assert draws.shape == (50, 9)
    assert draws.sum(1) == pytest.approx(1)


def test_auroc_counts_pairs_and_half_of_ties() -> None:
    assert auroc([3, 2], [1, 0]) == 1
    assert auroc([1], [1]) == 0.5
    assert auroc([3, 1], [2, 0]) == 0.75
