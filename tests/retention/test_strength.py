"""The forgetting curve: what must be true of it whatever its constants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store.records import Turn
from memory_store.retention.strength import HALF_LIFE_DAYS, is_lasting, strength, strengths
from memory_store.retention.usage import Uses

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ages = st.floats(-400, 40_000)
counts = st.integers(0, 10_000)


@given(ages, counts, st.booleans(), st.booleans())
def test_lies_between_0_and_1(age: float, recalls: int, pinned: bool, lasting: bool) -> None:
    assert 0.0 <= strength(age, recalls, pinned, lasting) <= 1.0


@given(ages, st.floats(0, 1000), counts, st.booleans())
def test_never_grows_with_age(age: float, later: float, recalls: int, lasting: bool) -> None:
    assert strength(age + later, recalls, False, lasting) <= strength(age, recalls, False, lasting)


@given(st.floats(0.1, 5000), counts, st.integers(1, 100))
def test_a_recalled_memory_fades_more_slowly(age: float, recalls: int, more: int) -> None:
    """MemoryBank's published code has this the wrong way round."""
    assert strength(age, recalls + more) > strength(age, recalls)


@given(st.floats(0.1, 5000), counts)
def test_what_was_meant_to_last_fades_more_slowly(age: float, recalls: int) -> None:
    assert strength(age, recalls, lasting=True) > strength(age, recalls)


@given(ages, counts)
def test_a_pinned_memory_does_not_fade(age: float, recalls: int) -> None:
    assert strength(age, recalls, pinned=True) == 1.0


def test_half_is_left_after_the_half_life() -> None:
    assert strength(HALF_LIFE_DAYS) == pytest.approx(0.5)
    assert strength(0.0) == 1.0
    assert strength(-3.0) == 1.0


def test_works_on_arrays_as_on_numbers() -> None:
    age, recalls = np.array([0.0, 10.0, 400.0]), np.array([0, 5, 2])
    together = strength(age, recalls)
    assert together.shape == (3,)
    assert together.tolist() == [float(strength(a, r)) for a, r in zip(age, recalls, strict=True)]


def memory(text: str, speaker: str = "user", conversation: str | None = "c", **fields: bool) -> Turn:
    return Turn("id", conversation, 0, speaker, text, NOW - timedelta(days=100), **fields)


@pytest.mark.parametrize(
    ("one", "lasts"),
    [
        (memory("Always answer in French."), True),
        (memory("I prefer tea."), True),
        (memory("I had tea."), False),
        (memory("Nevertheless, no."), False),
        (memory("You should never do that.", speaker="assistant"), False),
        (memory("The door code is 1234.", conversation=None), True),
    ],
)
def test_notes_and_the_users_standing_wishes_last(one: Turn, lasts: bool) -> None:
    assert is_lasting(one) is lasts


def test_strengths_of_memories() -> None:
    plain, wish, pinned = memory("I had tea."), memory("I always have tea."), memory("Tea.", pinned=True)
    assert strengths([plain, wish, pinned], {}, NOW).tolist() == [
        float(strength(100)),
        float(strength(100, lasting=True)),
        1.0,
    ]
    assert strengths([plain], {"id": Uses(3)}, NOW)[0] == strength(100, 3)
    assert strengths([], {}, NOW).shape == (0,)
