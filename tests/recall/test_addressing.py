"""Addressing, by hand and at random: each function is one equation over candidate turns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from memory_store import addressing

CONTENT = st.integers(0, 40).flatmap(lambda n: arrays.arrays(np.float64, n, elements=st.floats(0, 5)))


@st.composite
def sessions_of(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    content = draw(CONTENT)
    return content, draw(arrays.arrays(np.int64, len(content), elements=st.integers(0, 6)))


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def test_shift_by_hand() -> None:
    content = array(1.0, 2.0, 4.0, 8.0)
    follows = np.array([False, True, False, True])
    asks = np.array([True, False, True, False])
    lent = addressing.shift(content, follows, asks, 0.3, 0.2)
    assert lent == pytest.approx([0.3 * 2, 0.2 * 1, 0.3 * 8, 0.2 * 4])


def test_a_turn_that_does_not_ask_lends_nothing_to_the_next() -> None:
    both = np.array([False, True])
    assert addressing.shift(array(1, 1), both, np.array([False, False]), 0.3, 0.2) == pytest.approx([0.3, 0.0])


@given(CONTENT, st.data())
def test_shift_lends_no_more_than_its_constants(content: np.ndarray, data: st.DataObject) -> None:
    flags = arrays.arrays(np.bool_, len(content))
    follows, asks = data.draw(flags), data.draw(flags)
    lent = addressing.shift(content, follows, asks, 0.3, 0.2)
    assert (lent >= 0).all()
    assert lent.sum() <= 0.5 * content.sum() + 1e-9
    assert not addressing.shift(content, np.zeros_like(follows), asks, 0.3, 0.2).any()


def test_session_prior_by_hand() -> None:
    content, sessions = array(1.0, 0.0, 3.0, 0.6, 0.8, 0.4), np.array([0, 0, 1, 2, 2, 2])
    means = {0: 0.5, 1: 1.5, 2: 0.7}  # of the two best; one alone counts half
    expected = [means[session] / 1.5 for session in sessions.tolist()]
    assert addressing.session_prior(content, sessions) == pytest.approx(expected)


@given(sessions_of(), st.randoms(use_true_random=False))
def test_session_prior_knows_no_order(drawn: tuple[np.ndarray, np.ndarray], chance: object) -> None:
    content, sessions = drawn
    order = np.array(chance.sample(range(len(content)), len(content)), np.intp)  # type: ignore[attr-defined]
    prior = addressing.session_prior(content, sessions)
    assert prior[order] == pytest.approx(addressing.session_prior(content[order], sessions[order]))
    assert ((prior >= 0) & (prior <= 1)).all()
    if content.any():
        assert prior.max() == 1
        for session in np.unique(sessions):
            best = np.sort(content[sessions == session])[::-1][:2]
            assert prior[sessions == session] * prior_top(content, sessions) == pytest.approx(best.sum() / 2)


def prior_top(content: np.ndarray, sessions: np.ndarray) -> float:
    return max(np.sort(content[sessions == session])[::-1][:2].sum() / 2 for session in np.unique(sessions))


def test_session_words_by_hand() -> None:
    sessions = np.array([0, 0, 1])
    held = [np.array([True, True, True]), np.array([True, False, False])]
    spread = {0: 1.2 * (0.25 + 0.75 * 2 / 1.5), 1: 1.2 * (0.25 + 0.75 * 1 / 1.5)}
    common, rare = math.log(1 + 0.5 / 2.5), math.log(1 + 1.5 / 1.5)
    first = common * 2 / (2 + spread[0]) + rare * 1 / (1 + spread[0])
    second = common * 1 / (1 + spread[1])
    expected = [1.0, 1.0, second / first]
    assert addressing.session_words(held, sessions) == pytest.approx(expected)
    assert addressing.session_words([], sessions) == pytest.approx([0, 0, 0])


@given(CONTENT, st.floats(-1, 1), st.floats(0, 1))
def test_dense_content_stays_within_its_gate(cosines: np.ndarray, mean: float, gate: float) -> None:
    best = cosines.max(initial=mean)
    found = addressing.dense_content(cosines, mean, best, gate)
    assert ((found >= 0) & (found <= gate)).all()
    if len(cosines) and best - mean > 1e-6:
        assert found.max() == pytest.approx(gate)


def test_lexical_content_is_quiet_where_rare_words_are_nowhere() -> None:
    assert addressing.lexical_content(array(4, 1), 4, 4) == pytest.approx([1, 0.25])
    assert addressing.lexical_content(array(4, 1), 4, 16) == pytest.approx([0.5, 0.125])
    assert addressing.lexical_content(array(0, 0), 0, 16) == pytest.approx([0, 0])


def test_the_speaker_gate() -> None:
    assert addressing.speaker_gate(np.array([3, 1, 3]), np.array([3])).tolist() == [1, 0, 1]
    assert addressing.speaker_gate(np.array([3, 1]), np.array([], np.int64)).tolist() == [0, 0]


def test_the_mean_leans_on_the_baseline_while_there_is_little() -> None:
    assert addressing.smoothed_mean(0.9, 0, 0.1) == pytest.approx(0.1)
    assert addressing.smoothed_mean(0.9, 20, 0.1) == pytest.approx(0.5)
    assert addressing.smoothed_mean(0.9, 10**6, 0.1) == pytest.approx(0.9, abs=1e-4)


def test_confidence_by_hand() -> None:
    assert addressing.confidence(2, 4, 0.5, 0.1, 1.0) == pytest.approx(2 * 0.5 + 3 * 0.4)
    assert addressing.confidence(2, 4, 0.5, 0.1, 0.0) == pytest.approx(4.8 * 0.5)
    assert addressing.confidence(0, 0, 0.1, 0.5, 1.0) == 0


def test_a_second_hop_finds_what_is_near_to_what_was_found() -> None:
    """The query is near to the first, the first to the second; only a query that has moved sees the second."""
    query = np.array([1.0, 0.0, 0.0])
    rows = np.array([[0.8, 0.6, 0.0], [0.0, 1.0, 0.0], *[[0.0, 0.0, 1.0]] * 6, [np.nan] * 3])
    content = np.array([1.0, *[0.0] * 7, 0.9])
    hop = addressing.second_hop(query, rows, content, 1.0)
    assert hop[0] == hop.max() == 1.0
    assert hop[1] > hop[2] == hop[8] == 0.0
    assert not addressing.second_hop(query, rows, content, 0.0).any()
    assert not addressing.second_hop(query, rows, np.zeros(9), 1.0).any()
    assert not addressing.second_hop(query, rows[8:], content[8:], 1.0).any()
