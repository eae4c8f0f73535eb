"""Chroma only proposes; the cosines are exact either way. So both ways lead to the same memories."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.embedding import MiniLM
from memory_store.ids import seeded_ids
from memory_store.recall.dense import DenseChannel
from memory_store.semantic.chroma import IndexDamaged, SemanticIndex

TOPICS = {
    "pets": ["cat", "dog", "parrot", "hamster"],
    "food": ["noodles", "olives", "walnuts", "pancakes"],
    "places": ["Lisbon", "Kyoto", "Bergen", "Quito"],
    "music": ["cello", "oboe", "choir", "drums"],
}
SHAPES = [
    "I {v} the {t} again {w}.",
    "{w} we talked about the {t}.",
    "My {t} story: I {v} it {w}.",
    "The {t}? I {v} it.",
]
VERBS = ["loved", "missed", "forgot", "found", "dreamt of", "paid for"]
WHEN = ["on Monday", "last summer", "at dawn", "after work", "in the rain"]
QUERIES = ["my dog in the rain", "something to eat", "a trip abroad", "making music with others", "what did I pay for?"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryStore]:
    chance = random.Random(5)
    things = [thing for topic in TOPICS.values() for thing in topic]
    said = [
        chance.choice(SHAPES).format(v=chance.choice(VERBS), t=chance.choice(things), w=chance.choice(WHEN))
        for _ in range(400)
    ]
    still = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    folder = tmp_path_factory.mktemp("both")
    with MemoryStore.open(folder, clock=still, embedder=MiniLM(), indexing="manual", ids=seeded_ids(1)) as opened:
        opened.remember_many([NewTurn(words, conversation=f"c{place % 20}") for place, words in enumerate(said)])
        opened.index_now()
        yield opened


@pytest.fixture
def by_chroma(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The same store, where Chroma is asked from the first vector on."""
    dense = store._recaller.dense
    channel = DenseChannel(dense.embedder, store._indexer.index.opened, exact_up_to=0)
    monkeypatch.setattr(store._recaller, "dense", channel)
    return store


def told(store: MemoryStore, query: str) -> list[tuple[str, dict[str, float]]]:
    return [(item.memory.id, dict(item.reasons)) for item in store.recall(query, limit=10)]


def alike(one: list[tuple[str, dict[str, float]]], other: list[tuple[str, dict[str, float]]]) -> bool:
    """The same first, and nine of ten at least: one of the ways samples the mean that cosines are compared with."""
    return one[0][0] == other[0][0] and len(dict(one).keys() & dict(other).keys()) >= 9


def test_the_way_is_told(store: MemoryStore) -> None:
    assert store.stats().search == "exact"


def test_both_ways_find_the_same(store: MemoryStore, request: pytest.FixtureRequest) -> None:
    exactly = {query: told(store, query) for query in QUERIES}
    other: MemoryStore = request.getfixturevalue("by_chroma")
    assert other.stats().search == "chroma"
    for query in QUERIES:
        proposed = told(other, query)
        assert alike(proposed, exactly[query]), query


def test_page_by_page_is_as_exact(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    exactly = {query: told(store, query) for query in QUERIES}
    dense = store._recaller.dense
    channel = DenseChannel(dense.embedder, store._indexer.index.opened, held_up_to=0)
    monkeypatch.setattr(store._recaller, "dense", channel)
    monkeypatch.setattr("memory_store.recall.dense.PAGE", 64)
    for query in QUERIES:
        paged = told(store, query)
        assert [*dict(paged)] == [*dict(exactly[query])]
        for (_, reasons), (_, expected) in zip(paged, exactly[query], strict=True):
            assert reasons == pytest.approx(expected, abs=1e-5)


def test_chromas_nearest_are_the_nearest(by_chroma: MemoryStore) -> None:
    dense = by_chroma._recaller.dense
    index = by_chroma._indexer.index.open()
    with by_chroma._database.read() as connection:
        everything = dense._cache.current(connection, 1)
        for query in QUERIES:
            vector = dense.embedder.encode([query])[0]
            cosines = everything.matrix @ vector
            near = index.nearest(vector, 20)
            reached = cosines[np.searchsorted(everything.seqs, near.seqs)]
            assert np.sort(reached)[::-1] == pytest.approx(np.sort(cosines)[::-1][:20], abs=1e-4)
            assert near.cosines == pytest.approx(reached, abs=1e-4)


def test_forgotten_and_past_are_respected_by_both(by_chroma: MemoryStore) -> None:
    first = by_chroma.recall(QUERIES[0])[0].memory
    by_chroma.forget(first.id)
    assert first.id not in {item.memory.id for item in by_chroma.recall(QUERIES[0], limit=100)}
    by_chroma.restore(first.id)
    assert by_chroma.recall(QUERIES[0])[0].memory.id == first.id
    assert by_chroma.recall(QUERIES[0], as_of=first.said_at)[0].memory.said_at <= first.said_at


def test_a_failing_chroma_is_replaced_by_exact_search(by_chroma: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(by_chroma, QUERIES[1])

    def broken(*_: object) -> None:
        raise IndexDamaged("unreadable")

    monkeypatch.setattr(SemanticIndex, "nearest", broken)
    assert alike(told(by_chroma, QUERIES[1]), expected)


def test_what_chroma_does_not_hold_yet_is_compared(by_chroma: MemoryStore) -> None:
    """Its stored vector is, as soon as there is one; and an old one in Chroma is not."""
    query = "a sea creature stole the photo equipment"
    new = by_chroma.remember("An octopus grabbed a camera from the diver.")
    by_chroma.embed_now()
    found = by_chroma.recall(query)[0]
    assert found.memory.id == new.id
    assert found.reasons["meaning"] == pytest.approx(0.6)
    by_chroma.index_now()
    assert by_chroma.recall(query)[0].memory.id == new.id
    by_chroma.edit(new.id, "The bank raised its interest rates.")
    by_chroma.embed_now()
    again = {item.memory.id: item.reasons for item in by_chroma.recall(query, limit=400)}
    assert again.get(new.id, {}).get("meaning", 0.0) < 0.3


def test_while_the_index_is_being_opened_the_newest_are_compared(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what shares words with the query; and it is said."""
    coming = [True]
    embedder = store._recaller.dense.embedder
    channel = DenseChannel(embedder, lambda: None, held_up_to=0, coming=lambda: coming[0])
    monkeypatch.setattr("memory_store.recall.dense.NEWEST", 40)
    exactly = told(store, QUERIES[3])
    monkeypatch.setattr(store._recaller, "dense", channel)
    found = store.recall(QUERIES[3], limit=10)
    assert "still being opened" in "".join(found.remarks)
    assert {item.memory.id for item in found} != {*dict(exactly)}
    words = store.recall("I dreamt of the hamster at dawn")
    assert words[0].matched
    coming[0] = False
    again = store.recall(QUERIES[3], limit=10)
    assert not again.remarks
    assert [item.memory.id for item in again] == [*dict(exactly)]


def test_what_lies_in_the_folder(store: MemoryStore) -> None:
    """Ids and vectors, no words; nothing that anyone else may read."""
    assert isinstance(store.path, Path)
    for file in (store.path / "chroma").rglob("*"):
        if file.is_file():
            assert b"dreamt of" not in file.read_bytes(), file
    assert store.path.joinpath("memory.db").stat().st_mode & 0o077 == 0
