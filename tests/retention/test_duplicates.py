"""Near-duplicates, against a plain double loop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from memory_store.records import Turn
from memory_store.retention import duplicates
from memory_store.retention.duplicates import Duplicates, find_duplicates

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def memories(speakers: str, *, forgotten: str = "") -> list[Turn]:
    """One memory per letter, each a day newer than the one before; the letter is its speaker."""
    return [
        Turn(f"id{n}", "c", n, speaker, "words", BEGAN + timedelta(days=n), forgotten=forgotten[n : n + 1] == "x")
        for n, speaker in enumerate(speakers)
    ]


def at(*degrees: float) -> NDArray[np.float32]:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def everyone(count: int) -> NDArray[np.bool_]:
    return np.ones(count, bool)


def by_hand(turns: list[Turn], vectors: NDArray[np.float32], chosen: NDArray[np.bool_], least: float) -> set[int]:
    gone: set[int] = set()
    for place in range(len(turns) - 1, -1, -1):
        newer = [n for n in range(place + 1, len(turns)) if n not in gone and turns[n].speaker == turns[place].speaker]
        if chosen[place] and any(float(vectors[n] @ vectors[place]) >= least for n in newer):
            gone.add(place)
    return gone


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.sampled_from([0.52, 0.93, 0.99]))
def test_as_a_double_loop_finds_them(seed: int, count: int, least: float) -> None:
    random = np.random.default_rng(seed)
    turns = memories("".join(random.choice(["a", "b"], count)))
    vectors = at(*random.integers(0, 60, count) * 6.0).reshape(count, 2)  # no cosine falls on a threshold
    chosen = random.random(count) < 0.8
    with pytest.MonkeyPatch.context() as patch:  # several blocks even of a few rows
        patch.setattr(duplicates, "ROWS", 4)
        patch.setattr(duplicates, "COLUMNS", 3)
        found = find_duplicates(turns, vectors, chosen, least)
    assert set(found) == by_hand(turns, vectors, chosen, least)
    for place, (other, cosine) in found.items():
        assert other > place
        assert other not in found
        assert turns[other].speaker == turns[place].speaker
        assert cosine == pytest.approx(float(vectors[place] @ vectors[other]), abs=1e-6)


def test_what_is_forgotten_itself_stands_for_nothing() -> None:
    """0 is like 1, 1 is like 2, but 0 is not like 2: with 1 gone, only 0 says what it says."""
    found = find_duplicates(memories("aaa"), at(0, 20, 40), everyone(3), 0.93)
    assert set(found) == {1}
    assert found[1][0] == 2


def test_another_speaker_saying_the_same_is_no_duplicate() -> None:
    assert find_duplicates(memories("ab"), at(0, 0), everyone(2), 0.9) == {}


def test_a_memory_without_a_vector_is_left_alone() -> None:
    vectors = at(0, 0, 0)
    vectors[1] = np.nan
    assert find_duplicates(memories("aaa"), vectors, everyone(3), 0.9) == {0: (2, 1.0)}


def test_a_forgotten_memory_stands_for_nothing() -> None:
    assert find_duplicates(memories("aa", forgotten="-x"), at(0, 0), everyone(2), 0.9) == {}


def test_equal_texts_are_equal_after_rounding_to_half_precision() -> None:
    row = np.random.default_rng(1).normal(size=(1, 384)).astype(np.float32)
    row /= np.linalg.norm(row)
    vectors = np.repeat(row.astype(np.float16).astype(np.float32), 2, axis=0)
    assert set(find_duplicates(memories("aa"), vectors, everyone(2), 1.0)) == {0}


def test_many_alike_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "ROWS", 16)
    found: Duplicates = find_duplicates(memories("a" * 100), at(*[0.0] * 100), everyone(100), 0.9)
    assert sorted(found) == list(range(99))
    assert {other for other, _ in found.values()} == {99}
