"""The head's equations: at the formula to begin with, and the same in NumPy and torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store import addressing
from memory_store.addressing import Weights
from memory_store.learning import features
from memory_store.learning.descent import AdamW
from memory_store.learning.examples import Example
from memory_store.learning.features import candidate_features
from memory_store.learning.head import WEIGHTS, Head, blank
from memory_store.learning.network import AddressingHead, Batch
from memory_store.learning.training import smooth_recall
from memory_store.learning.traits import TRAITS
from memory_store.neural import attention
from memory_store.recall.signals import LEAST_EVIDENCE, OWN_EVIDENCE, Signals, weighed


def drawn_signals(lots: np.random.Generator, count: int) -> Signals:
    sessions = np.cumsum(lots.random(count) < 0.3)
    follows = np.zeros(count, np.bool_)
    follows[1:] = (np.diff(sessions) == 0) & (lots.random(count - 1) < 0.8)
    return Signals(
        words=lots.random(count) * (lots.random(count) < 0.6),
        meaning=lots.random(count),
        unread=lots.random(count) < 0.1,
        phrase=lots.random(count) * (lots.random(count) < 0.2),
        held=lots.random((4, count)) < 0.3,
        session_words=lots.random(count),
        speaker=(lots.random(count) < 0.5).astype(float),
        date=lots.random(count) * (lots.random(count) < 0.2),
        standing=(lots.random(count) < 0.1).astype(float),
        recency=lots.random(count),
        asks=lots.random(count) < 0.3,
        follows=follows,
        sessions=sessions.astype(np.int64),
        chat=lots.random(count) < 0.5,
        gate=1.0,
    )


def drawn_example(lots: np.random.Generator, count: int) -> Example:
    signals = drawn_signals(lots, count)
    return Example(
        signals=signals,
        rows=candidate_features(signals, lots.random((count, len(TRAITS))), weighed(signals, Weights())),
        asked=lots.random(len(features.QUERY)),
        best=lots.random(count) < 0.8,
        keys=np.arange(count),
        gold=np.arange(count) == 0,
        wrong=np.zeros(count, np.bool_),
        wanted=1,
        group="",
    )


def drawn_head(lots: np.random.Generator, *, strength: float = 1.0) -> Head:
    own, asked = len(features.CANDIDATE), len(features.QUERY)
    return replace(
        blank(),
        mean=lots.random(own),
        scale=lots.random(own) + 0.1,
        query_mean=lots.random(asked),
        query_scale=lots.random(asked) + 0.1,
        gates=strength * lots.standard_normal((len(WEIGHTS) + 1, asked + 1)),
        inward=lots.standard_normal((2, 5, own + asked)) / 5,
        bias=lots.standard_normal((2, 5)),
        outward=strength * lots.standard_normal((2, 5)),
    )


def by_numpy(head: Head, one: Example) -> np.ndarray:
    """Scores, the network's word made 0 in the mean over those it looks at."""
    weights, sharpness = head.weights_for(one.asked, Weights())
    score = np.sum(list(weighed(one.signals, weights, sharpness).values()), axis=0)
    said = np.zeros(len(one))
    said[one.best] = head.opinion(one.rows[one.best], one.asked)
    return np.asarray(score + said - said[one.best].mean())


def is_candidate(head: Head, one: Example) -> np.ndarray:
    terms = weighed(one.signals, *head.weights_for(one.asked, Weights()))
    return np.asarray(np.sum([terms[name] for name in OWN_EVIDENCE], axis=0) > LEAST_EVIDENCE + 1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_a_blank_head_is_the_formula_to_the_last_bit(seed: int, count: int) -> None:
    one = drawn_example(np.random.default_rng(seed), count)
    weights, sharpness = blank().weights_for(one.asked, Weights())
    assert (weights, sharpness) == (Weights(), 1.0)
    fixed, learned = weighed(one.signals, Weights()), weighed(one.signals, weights, sharpness)
    assert all((fixed[name] == learned[name]).all() for name in fixed)
    assert (blank().opinion(one.rows, one.asked) == 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(2, 40), min_size=1, max_size=4))
def test_numpy_and_torch_give_the_same_scores(seed: int, counts: list[int]) -> None:
    lots = np.random.default_rng(seed)
    every = [drawn_example(lots, count) for count in counts]
    every = [one for one in every if one.best.any()]
    if not every:
        return
    for head in (blank(), drawn_head(lots)):
        module, batch = AddressingHead(head, Weights()).double(), Batch.of(every, head).to(torch.float64)
        with torch.no_grad():
            scores = module(batch).scores.numpy()
        for place, one in enumerate(every):
            kept = is_candidate(head, one)
            expected = by_numpy(head, one)
            seen = kept & one.best
            assert scores[place, : len(one)][seen] == pytest.approx(expected[seen], abs=2e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 50))
def test_the_equations_shared_with_recall_are_the_same_in_both(seed: int, count: int) -> None:
    lots = np.random.default_rng(seed)
    one = drawn_signals(lots, max(count, 2))
    content, follows, asks = (torch.from_numpy(x)[None] for x in (one.words, one.follows, one.asks))
    sessions = torch.from_numpy(np.unique(one.sessions, return_inverse=True)[1])[None]
    lent = attention.lent(content, follows, asks, torch.tensor([[0.3]]), torch.tensor([[0.2]]))
    assert lent[0].numpy() == pytest.approx(addressing.shift(one.words, one.follows, one.asks, 0.3, 0.2), abs=1e-6)
    prior = attention.session_prior(content, sessions)
    assert prior[0].numpy() == pytest.approx(addressing.session_prior(one.words, one.sessions), abs=1e-5)


def test_neighbours_are_those_of_the_same_session() -> None:
    lots = np.random.default_rng(3)
    signals = replace(drawn_signals(lots, 5), follows=np.array([False, True, True, False, True]))
    table = candidate_features(signals, np.zeros((5, len(TRAITS))), weighed(signals, Weights()))
    words = signals.words
    columns = {name: table[:, place] for place, name in enumerate(features.CANDIDATE)}
    assert columns["words +1"].tolist() == [words[1], words[2], 0, words[4], 0]
    assert columns["words -1"].tolist() == [0, words[0], words[1], 0, words[3]]
    assert columns["words +2"].tolist() == [words[2], 0, 0, 0, 0]
    assert columns["words -2"].tolist() == [0, 0, words[0], 0, 0]


def test_smooth_recall_falls_as_what_is_wanted_rises_and_what_is_wrong_sinks() -> None:
    gold = torch.zeros(1, 30, dtype=torch.bool)
    wrong = gold.clone()
    gold[0, 7], wrong[0, 3] = True, True
    scores = torch.linspace(1, 0, 30)[None].clone().requires_grad_()
    loss = smooth_recall(scores, gold, wrong)
    loss.backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    assert scores.grad[0, 7] < 0 < scores.grad[0, 3]


def test_of_several_turns_of_one_session_the_best_counts() -> None:
    scores = torch.tensor([[0.9, 0.1, 0.5]])
    gold = torch.tensor([[True, True, False]])
    keys = torch.tensor([[0, 0, 1]])
    alone = smooth_recall(scores, gold, ~gold & gold)
    together = smooth_recall(scores, gold, ~gold & gold, keys)
    assert together < alone


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_descent_is_that_of_torch(decay: float) -> None:
    torch.manual_seed(0)
    mine, theirs = (torch.nn.Parameter(torch.ones(3, 4)) for _ in range(2))
    descent, optimizer = AdamW([mine], decay), torch.optim.AdamW([theirs], lr=0.01, weight_decay=decay)
    for number in range(20):
        pull = torch.randn(3, 4)
        optimizer.param_groups[0]["lr"] = rate = 0.01 * (1 - number / 20)
        for one in (mine, theirs):
            one.grad = None
            (one.sin() * pull).sum().backward()
        descent.step(rate)
        optimizer.step()
    torch.testing.assert_close(mine, theirs)
