"""A budget is packed with what is worth most: one thing once, and nothing that cannot be understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.embedding.base import Vectors
from memory_store.errors import InvalidInput
from memory_store.language.leaning import leans, needs_previous
from memory_store.recall.folding import folded, no_vectors
from memory_store.recall.passages import estimated_tokens, pack
from memory_store.records import Recollection, Recollections, Turn
from tests.conftest import ON_BOTH, OpenStore

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def made(*said: tuple[str, float], speaker: str = "user") -> Recollections:
    """Recollections of one conversation, each a minute newer than the one before."""
    turns = [Turn(f"t{n}", "c", n, speaker, words, NOW + timedelta(minutes=n)) for n, (words, _) in enumerate(said)]
    return Recollections([Recollection(turn, score, {}) for turn, (_, score) in zip(turns, said, strict=True)])


def alike(count: int) -> Vectors:
    return np.tile(np.array([1.0, 0.0], np.float32), (count, 1))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("I am vegetarian.", "I'm a vegetarian, please!"),
        ("My flight leaves at 9.", "My flight leaves at 9 please."),
        ("我喜欢喝茶。", "我喜欢喝茶"),
    ],
)
def test_what_says_the_same_is_folded_into_the_newest(older: str, newer: str) -> None:
    [kept] = folded(made((older, 1.0), (newer, 0.5)), alike(2))
    assert (kept.memory.text, kept.folded, kept.score) == (newer, ("t0",), 1.0)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("My flight leaves at 9.", "My flight leaves at 10."),
        ("I am allergic to nuts.", "I am not allergic to nuts."),
        ("My cat is called Miso and she is three.", "My cat is called Miso."),
        ("Lisbon.", "We went to Lisbon in May with my sister and stayed near the river."),
    ],
)
def test_nothing_is_lost_by_folding(older: str, newer: str) -> None:
    assert len(folded(made((older, 1.0), (newer, 0.5)), alike(2))) == 2


def test_without_vectors_only_equal_wordings_fold() -> None:
    found = made(("I am vegetarian.", 1.0), ("I'm a vegetarian.", 0.9), ("i am  VEGETARIAN.", 0.8))
    kept = folded(found, no_vectors(3))
    assert [(item.memory.id, item.folded) for item in kept] == [("t2", ("t0",)), ("t1", ())]


def test_two_people_who_say_the_same_are_two() -> None:
    found = [*made(("I am vegetarian.", 1.0)), *made(("I am vegetarian.", 0.9), speaker="Ana")]
    assert len(folded(found, alike(2))) == 2


def test_many_short_ones_beat_a_long_one_of_nearly_equal_score() -> None:
    found = made(("long " * 60, 1.0), ("The ferry was blue.", 0.95), ("The tram was yellow.", 0.94))
    assert [item.memory.id for item in pack(found, 90, no_vectors(3))] == ["t1", "t2"]
    assert [item.memory.id for item in pack(found, 90, no_vectors(3), longest=40)] == ["t0", "t1", "t2"]


def test_a_bare_answer_brings_its_question() -> None:
    found = made(("Where did you stay in Lisbon?", 0.1), ("Near the river.", 1.0), ("I saw the sea there too.", 0.9))
    kept = pack(found, 1000, no_vectors(3), limit=2)
    assert [(item.memory.id, item.explains) for item in kept] == [("t0", "t1"), ("t1", "")]
    assert sum(estimated_tokens(item.memory.text) for item in pack(found, 20, no_vectors(3))) <= 20


@pytest.mark.parametrize(
    "words",
    [
        "And the second one?",
        "why?",
        "Tell me more",
        "How old is she?",
        "what about Lisbon?",
        "go on",
        "yes please",
        "第二个呢？",
        "为什么？",
        "再说说",
        "她喜欢什么？",
        "还有呢",
    ],
)
def test_words_that_lean(words: str) -> None:
    assert leans(words)


@pytest.mark.parametrize(
    "words",
    [
        "What is my cat called?",
        "Who am I?",
        "Where did we stay in Lisbon?",
        "Hello!",
        "Thanks, that was it.",
        "",
        "?",
        "我的猫叫什么名字？",
        "我住在哪里？",
        "My sister moved to Porto because she found work there.",
    ],
)
def test_words_that_stand_alone(words: str) -> None:
    assert not leans(words)


def test_which_memories_cannot_be_understood_alone() -> None:
    assert needs_previous("Yes, exactly!", asked=False)
    assert needs_previous("In Lisbon, near the river.", asked=True)
    assert not needs_previous("In Lisbon, near the river.", asked=False)
    assert not needs_previous("We stayed in Lisbon.", asked=True)


@ON_BOTH
def test_a_budget_through_the_door(open_store: OpenStore) -> None:
    store = open_store()
    said = NOW - timedelta(days=2)
    store.remember_many(NewTurn(f"The harbour has {n} boats.", said_at=said) for n in range(30))
    store.index_now()
    assert len(store.recall("boats in the harbour")) == 10
    assert len(store.recall("boats in the harbour", budget=10_000)) == 30, "a budget is the limit, if none is given"
    assert len(store.recall("boats in the harbour", budget=10_000, limit=4)) == 4
    left = store.recall("boats in the harbour", leave_out=lambda turn: "7" in turn.text)
    assert len(left) == 10
    assert not any("7" in item.memory.text for item in left)
    with pytest.raises(InvalidInput):
        store.recall("boats", budget=100, longest=0)


def test_context_is_searched_but_says_nothing_of_whose_or_when(open_store: OpenStore) -> None:
    store = open_store()
    store.remember_many(
        [
            NewTurn("The Tivoli has a garden.", said_at=NOW - timedelta(days=9)),
            NewTurn("Ana sings in a choir.", "Ana", "c", NOW - timedelta(days=8)),
        ]
    )
    store.index_now()
    assert not any(item.matched for item in store.recall("and the second one?"))
    found = store.recall("and the second one?", context="Ana said yesterday: the Avenida, or the Tivoli.")
    assert "tivoli" in {word for item in found for word in item.matched}
    assert not any("date" in item.reasons for item in found)


@ON_BOTH
def test_an_edited_memory_is_found_by_its_words_of_then(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    store: MemoryStore = open_store()
    cat = store.remember("My cat is called Miso.")
    store.remember("The harbour has boats.")
    before = virtual_clock()
    virtual_clock.advance(timedelta(days=3))
    store.edit(cat.id, "My parrot is called Rio.")
    store.index_now()
    then = store.recall("cat Miso", as_of=before)
    assert (then[0].memory.id, then[0].memory.text) == (cat.id, "My cat is called Miso.")
    assert set(then[0].matched) == {"cat", "miso"}
    assert not any(item.matched for item in store.recall("parrot Rio", as_of=before))
    assert not any(item.matched for item in store.recall("cat Miso"))


def test_before_an_event_that_memory_can_date(open_store: OpenStore) -> None:
    store = open_store()
    moved = NOW - timedelta(days=300)
    store.remember("I moved to Berlin, boxes everywhere.", said_at=moved)
    early = store.remember("I drink tea in the morning.", said_at=moved - timedelta(days=20))
    late = store.remember("I drink coffee in the morning.", said_at=moved + timedelta(days=200))
    store.index_now()
    gates = {item.memory.id: item.reasons.get("date", 0) for item in store.recall("What did I drink before I moved?")}
    assert gates[early.id] > 0.29 > 0.1 > gates[late.id]
    gates = {item.memory.id: item.reasons.get("date", 0) for item in store.recall("What did I drink after I moved?")}
    assert gates[late.id] > gates[early.id]
