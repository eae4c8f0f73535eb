"""Both databases find the same and score it alike: the engine differs, what counts does not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.language.words import terms
from tests.fakes import HashedWords
from tests.postgres import Server

WORDS = (
    "garden river harbour quokka ferry thunder bicycle lantern orchard violin kitchen mountain apologies running ran"
).split()
CHINESE = ["我住在上海，喜欢喝茶", "猫叫味噌，它怕打雷", "周末常常去公园散步"]
QUERIES = [
    "quokka in the garden",
    "ferry harbour thunder",
    "running apology",
    "上海 喝茶",
    "味噌怕什么？",
    "what did ana say about the violin?",
    "river river bicycle",
    "to be or not to be",
    "nothing of this was ever said",
]


def said() -> list[NewTurn]:
    """A few hundred turns: short, long, very long, Chinese, with everything that is quoted in SQL or a tsvector."""
    draw = random.Random(7)
    start = datetime(2026, 1, 5, tzinfo=UTC)
    texts = [" ".join(draw.choices(WORDS, weights=range(len(WORDS), 0, -1), k=draw.randint(2, 25))) for _ in range(300)]
    texts += CHINESE * 3
    texts += ["It's a 'quokka' \\ ferry: 1:2 & 3 | ! <-> *", "café naïve ﬁne Straße", "quokka " * 700 + "ferry"]
    texts += [" ".join(draw.choices(WORDS, k=6_000)), "x" * 70 + " garden"]
    return [
        NewTurn(text, ("user", "ana", "assistant")[place % 3], f"c{place % 9}", start + timedelta(hours=7 * place))
        for place, text in enumerate(texts)
    ]


@pytest.fixture(scope="module")
def both(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[MemoryStore]]:
    folder: Path = tmp_path_factory.mktemp("ranking")
    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    stores = []
    for place in (folder, postgres.url("ranking")):
        store = MemoryStore.open(place, clock=clock, embedder=HashedWords(), indexing="manual")
        store.remember_many(said())
        first = store.memories(matching="thunder", limit=3, newest_first=False)
        store.edit(first[0].id, "an edited quokka in the orchard")
        store.forget(first[1].id)
        store.purge([first[2].id])
        store.embed_now()
        stores.append(store)
    yield stores
    for store in stores:
        store.close()


@pytest.mark.parametrize("query", QUERIES)
def test_the_same_memories_in_the_same_order(both: list[MemoryStore], query: str) -> None:
    one, other = (
        [(hit.memory.text, hit.memory.position, hit.score) for hit in store.recall(query, limit=20)] for store in both
    )
    assert [hit[:2] for hit in one] == [hit[:2] for hit in other]
    assert [hit[2] for hit in one] == pytest.approx([hit[2] for hit in other], rel=1e-6)


def test_every_term_is_scored_alike(both: list[MemoryStore]) -> None:
    """Term by term: how many hold it, and how much of it each turn is, long ones included."""
    from memory_store.database import dialects

    asked = sorted({*WORDS, *(term for text in CHINESE for term in terms(text)), "nowhere", "cafe", "it"})
    found = []
    for store in both:
        with store._database.read() as connection:
            engine = dialects.of(connection).fulltext
            documents = len(store.memories(forgotten=None))
            found.append(
                [(engine.frequencies(connection, [w])[w], *engine.postings(connection, w, documents)) for w in asked]
            )
    places = {int(seq): 0 for _, seqs, _ in found[0] for seq in seqs}
    assert len(places) > 250
    for word, one, other in zip(asked, *found, strict=True):
        assert one[0] == other[0], word
        assert np.array_equal(one[1], other[1]), word
        assert np.allclose(one[2], other[2], rtol=1e-5), word
