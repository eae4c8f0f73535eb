"""What is kept of vectors in memory is what would be read of them, whatever came and went."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store import MemoryStore, NewTurn
from memory_store.recall.kept_vectors import ONE, Fixed, KeptVectors, compared
from memory_store.semantic import vectors
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH


def filled(open_store: OpenStore, count: int = 30) -> MemoryStore:
    store = open_store()
    if not store.memories(limit=1):  # Hypothesis opens the same one again
        store.remember_many([NewTurn(f"number {place} of many", conversation="c") for place in range(count)])
        store.embed_now()
    return store


def some(kept: KeptVectors, view: Connection, seqs: NDArray[np.int64]) -> tuple[NDArray[np.int64], Fixed]:
    """What recall has of these turns: what is kept, and what is then read."""
    there, rows = kept.of(view, 1, seqs)
    known, more = kept.read(view, 1, seqs[~there]) if not there.all() else (seqs[:0], rows[:0])
    return np.concatenate([seqs[there], known]), np.concatenate([rows, more])


def same(kept: KeptVectors, view: Connection, seqs: list[int]) -> list[int]:
    """The turns that have a vector in this view, once it is certain that what is kept agrees with what is stored."""
    known, rows = some(kept, view, np.array(seqs, np.int64))
    expected, stored = vectors.some(view, 1, seqs)
    order, other = np.argsort(known), np.argsort(expected)
    assert known[order].tolist() == expected[other].tolist()
    if len(known):
        assert rows[order] / ONE == pytest.approx(stored[other], abs=0.51 / ONE)
        assert compared(rows, stored[0])[order] == pytest.approx(stored[other] @ stored[0], abs=1e-4)
    return [int(seq) for seq in known[order]]


def dimensions(store: MemoryStore) -> int:
    return store._recaller.dense.embedder.dimensions


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    room=st.sampled_from([1, 4, 7, 100]),
    asked=st.lists(st.lists(st.integers(1, 40), min_size=1, unique=True), min_size=1, max_size=8),
)
def test_it_agrees_with_what_is_stored(open_store: OpenStore, room: int, asked: list[list[int]]) -> None:
    store = filled(open_store)
    kept = KeptVectors(dimensions(store), room)
    with store._database.read() as view:
        for seqs in asked:
            assert same(kept, view, seqs) == sorted(seq for seq in seqs if seq <= 30)


def test_it_follows_edits_purges_and_new_turns(open_store: OpenStore) -> None:
    store = filled(open_store, 3)
    kept, every = KeptVectors(dimensions(store)), [1, 2, 3, 4, 5]
    turns = store.memories(newest_first=False)
    with store._database.read() as older:
        assert same(kept, older, every) == [1, 2, 3]
        store.remember("a fourth one")
        store.embed_now()
        with store._database.read() as newer:
            assert same(kept, newer, every) == [1, 2, 3, 4]
        store.edit(turns[0].id, "worded otherwise")
        store.embed_now()
        with store._database.read() as newer:
            assert same(kept, newer, every) == [1, 2, 3, 4]
        assert same(kept, older, [1, 2, 3]) == [1, 2, 3]
    store.purge([turns[1].id])
    with store._database.read() as view:
        assert same(kept, view, every) == [1, 3, 4]


def test_nothing_is_read_twice(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(open_store)
    kept = KeptVectors(dimensions(store))
    with store._database.read() as view:
        first = some(kept, view, np.arange(5, 15))
        monkeypatch.setattr(vectors, "some", None)
        again = some(kept, view, np.arange(5, 15))
        assert (first[0] == again[0]).all()
        assert (first[1] == again[1]).all()
        kept.forget()
        with pytest.raises(TypeError):
            some(kept, view, np.arange(5, 15))


def test_the_newest_are_read_ahead_as_far_as_there_is_room(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory_store.recall.kept_vectors.AHEAD", 8)
    store = filled(open_store)
    kept = KeptVectors(dimensions(store), room=20)
    with store._database.read() as view:
        assert [kept.read_ahead(view, 1) for _ in range(4)] == [True, True, False, False]
        monkeypatch.setattr(vectors, "some", None)
        assert sorted(some(kept, view, np.arange(11, 31))[0].tolist()) == [*range(11, 31)]
        with pytest.raises(TypeError):
            some(kept, view, np.array([10]))


def test_a_damaged_vector_is_none(open_store: OpenStore) -> None:
    store = filled(open_store)
    with store._database.write() as connection:
        vectors.save(connection, 1, [4], np.ones((1, 3), np.float32))
    kept = KeptVectors(dimensions(store))
    with store._database.read() as view:
        assert some(kept, view, np.array([4]))[0].tolist() == []
        assert some(kept, view, np.array([3, 4, 5]))[0].tolist() == [3, 5]
