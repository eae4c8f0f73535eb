"""`found`: whether anything relevant is remembered at all. With the real embedder, before and after it has read."""

from __future__ import annotations

import pytest

from memory_store import MemoryStore
from memory_store.embedding import MiniLM
from tests.conftest import OpenStore

LIFE = [
    "My cat is called Miso and she is afraid of thunder.",
    "We spent the summer in Lisbon, near the river.",
    "I play the cello in a string quartet on Tuesdays.",
    "The dentist moved my appointment to Thursday at nine.",
    "My sister Clara works as a nurse in Porto.",
    "I am allergic to walnuts, but almonds are fine.",
]
LIFE_ZH = ["我的猫叫味噌，它怕打雷。", "我住在上海，喜欢喝茶。", "我妹妹在医院当护士。"]


@pytest.fixture(scope="module")
def reader() -> MiniLM:
    return MiniLM()


@pytest.fixture
def store(open_store: OpenStore, reader: MiniLM) -> MemoryStore:
    return open_store(embedder=reader)


@pytest.mark.parametrize(("said", "asked"), [(LIFE[0], "What is my cat called?"), (LIFE_ZH[0], "我的猫叫什么名字？")])
def test_one_turn_before_and_after_it_was_read(store: MemoryStore, said: str, asked: str) -> None:
    turn = store.remember(said)
    for _ in range(2):
        found = store.recall(asked)
        assert found[0].memory == turn
        assert found.found, found.confidence
        store.index_now()


@pytest.mark.parametrize("asked", ["Who won the world cup in 1998?", "How do volcanoes form?", "长城有多长？"])
def test_one_turn_and_a_question_about_nothing(store: MemoryStore, asked: str) -> None:
    store.remember(LIFE[0])
    for _ in range(2):
        found = store.recall(asked)
        assert not found.found, (found.confidence, found)
        store.index_now()


def test_a_small_life(store: MemoryStore) -> None:
    for words in LIFE + LIFE_ZH:
        store.remember(words)
    store.index_now()
    for asked, place in [
        ("What is the name of my cat?", 0),
        ("Where did we go in the summer?", 1),
        ("Which instrument do I play?", 2),
        ("When do I see the dentist?", 3),
        ("What does Clara do for a living?", 4),
        ("Can I eat walnuts?", 5),
    ]:
        found = store.recall(asked)
        assert found[0].memory.text == LIFE[place], asked
        assert found.found, (asked, found.confidence)
    for asked, place in [("猫怕什么？", 0), ("喜欢喝茶吗", 1), ("妹妹的工作是什么", 2)]:
        found = store.recall(asked)
        assert found[0].memory.text == LIFE_ZH[place], asked
        assert found.found, (asked, found.confidence)
    for asked in ["Who won the world cup in 1998?", "How do volcanoes form?", "长城有多长？", "the of and"]:
        assert not store.recall(asked).found, asked
