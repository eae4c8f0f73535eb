"""What a person asks, and what comes back: limits, exclusions, times, scripts, odd queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.addressing import Weights
from memory_store.errors import InvalidInput
from memory_store.recall.passages import estimated_tokens
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import Broken

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LIFE = [
    NewTurn("My cat is called Miso.", conversation="pets", said_at=NOW - timedelta(days=90)),
    NewTurn("A fine name for a cat.", "assistant", "pets", NOW - timedelta(days=90)),
    NewTurn("Where did we plan to spend the summer?", conversation="travel", said_at=NOW - timedelta(days=40)),
    NewTurn("In Lisbon, near the river.", "assistant", "travel", NOW - timedelta(days=40)),
    NewTurn("I recommend the tram to Belém.", "assistant", "travel", NOW - timedelta(days=39)),
    NewTurn("我住在上海，喜欢喝茶。", conversation="中文", said_at=NOW - timedelta(days=20)),
    NewTurn("The dentist is at nine on Thursday.", said_at=NOW - timedelta(days=2)),
    NewTurn("I play the cello in a quartet.", "Ana", "music", NOW - timedelta(days=10)),
    NewTurn("I play the oboe in an orchestra.", "Ben", "music", NOW - timedelta(days=10)),
]


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    store = open_store()
    store.remember_many(LIFE)
    store.index_now()
    return store


def best(store: MemoryStore, query: str) -> str:
    return store.recall(query, limit=1)[0].memory.text


def test_reasons_sum_to_the_score_and_the_order_is_theirs(store: MemoryStore) -> None:
    found = store.recall("What is my cat called? Tea? 上海 Ana", limit=50)
    assert len(found) >= 3
    scores = [item.score for item in found]
    assert scores == sorted(scores, reverse=True)
    for item in found:
        assert item.score == pytest.approx(sum(item.reasons.values()))


def test_the_same_question_has_the_same_answer(store: MemoryStore, open_store: OpenStore) -> None:
    def told(which: MemoryStore) -> list[tuple[str, float, dict[str, float]]]:
        return [
            (item.memory.id, item.score, dict(item.reasons)) for item in which.recall("the cat in Lisbon", limit=50)
        ]

    assert told(store) == told(store) == told(open_store())


def test_limit(store: MemoryStore) -> None:
    whole = [item.memory.id for item in store.recall("cat Lisbon tram", limit=50)]
    assert [item.memory.id for item in store.recall("cat Lisbon tram", limit=2)] == whole[:2]
    for bad in ({"limit": 0}, {"limit": -1}, {"budget": 0}):
        with pytest.raises(InvalidInput):
            store.recall("cat", **bad)


def test_budget(store: MemoryStore) -> None:
    for budget in (1, 20, 45, 1000):
        found = store.recall("cat Lisbon tram cello", limit=50, budget=budget)
        assert sum(estimated_tokens(item.memory.text) for item in found) <= budget
    assert store.recall("cat", budget=1) == []
    assert len(found) == len(store.recall("cat Lisbon tram cello", limit=50))


def test_the_same_words_take_the_budget_once(store: MemoryStore) -> None:
    again = store.remember("my cat is  called MISO.", said_at=NOW)
    found = [
        item for item in store.recall("cat called Miso", limit=50, budget=1000) if "iso" in item.memory.text.lower()
    ]
    assert [(item.memory.id, len(item.folded)) for item in found] == [(again.id, 1)]


def test_exclude(store: MemoryStore) -> None:
    first = store.recall("What is my cat called?")[0].memory
    rest = store.recall("What is my cat called?", exclude=[first.id, "no such id"])
    assert first.id not in {item.memory.id for item in rest}
    assert rest[0].memory.text == "A fine name for a cat."


def test_forgotten_is_hidden_until_asked_for(store: MemoryStore) -> None:
    first = store.recall("What is my cat called?")[0].memory
    store.forget(first.id)
    assert first.id not in {item.memory.id for item in store.recall("What is my cat called?", limit=50)}
    assert store.recall("my cat called Miso", include_forgotten=True)[0].memory.id == first.id
    store.restore(first.id)
    assert store.recall("What is my cat called?")[0].memory.id == first.id


@ON_BOTH
def test_as_of_sees_what_had_been_said_in_the_words_of_then(store: MemoryStore, virtual_clock: VirtualClock) -> None:
    cat = store.recall("cat called Miso")[0].memory
    virtual_clock.advance(timedelta(days=1))
    store.edit(cat.id, "My cat is called Tofu.")
    store.index_now()
    assert best(store, "cat called") == "My cat is called Tofu."
    then = store.recall("cat called", as_of=NOW)
    assert (then[0].memory.id, then[0].memory.text) == (cat.id, "My cat is called Miso.")
    long_ago = store.recall("cat Lisbon dentist", as_of=NOW - timedelta(days=50), limit=50)
    assert {item.memory.conversation_id for item in long_ago} == {"pets"}
    assert store.recall("cat", as_of=NOW - timedelta(days=999)) == []


def test_an_edited_memory_is_found_by_its_new_words_only(store: MemoryStore) -> None:
    tram = store.recall("tram Belém")[0].memory
    store.edit(tram.id, "I recommend the funicular to Graça.")
    for _ in range(2):
        assert all(not item.matched for item in store.recall("tram Belem", limit=50))
        assert best(store, "the funicular to graca") == "I recommend the funicular to Graça."
        store.index_now()


def test_neighbours_lend_their_score(store: MemoryStore) -> None:
    found = {item.memory.text: item.reasons for item in store.recall("plan to spend the summer", limit=50)}
    assert found["In Lisbon, near the river."]["neighbours"] > 0, "an answer follows its question"
    assert "neighbours" not in found.get("The dentist is at nine on Thursday.", {})


def test_whose_words(store: MemoryStore) -> None:
    def gated(query: str) -> set[str]:
        return {item.memory.speaker for item in store.recall(query, limit=50) if "speaker" in item.reasons}

    assert gated("What instrument does Ana play in the quartet?") == {"Ana"}
    assert best(store, "What does Ben play?") == "I play the oboe in an orchestra."
    assert gated("Which tram did you recommend?") == {"assistant"}
    assert gated("What did I say about my cat?") == {"user"}


def test_chinese(store: MemoryStore) -> None:
    assert best(store, "你住在哪里？上海吗") == "我住在上海，喜欢喝茶。"
    assert best(store, "喝茶") == "我住在上海，喜欢喝茶。"
    assert best(store, "Who lives in 上海?") == "我住在上海，喜欢喝茶。"


def test_chinese_grammar_tells_nothing_but_is_part_of_words(open_store: OpenStore) -> None:
    """的, 我们, 是 weigh nothing beside what is meant, as stop words do; 都 is grammar, and half of a capital."""
    store = open_store("grammar")
    said = ["我们的那个是在这里的，我们都很好。", "首都很远。", "首先要说明，都是我的错。", "公园里的樱花开了。"]
    store.remember_many(NewTurn(words) for words in said)
    assert best(store, "我们的公园在那里是什么样的？") == said[3]
    assert best(store, "首都在哪里？") == said[1]
    assert store.recall("我们是他们的")[0].memory.text == said[0], "where there is nothing else, grammar is searched"


def test_one_chinese_turn_alone(open_store: OpenStore) -> None:
    store = open_store("one")
    turn = store.remember("我的猫叫味噌")
    for _ in range(2):
        assert store.recall("猫叫什么")[0].memory == turn
        store.index_now()


OPERATORS = [
    'cat" OR "dentist',
    "cat AND NOT dentist",
    "NEAR(cat dentist, 3)",
    "key:cat*",
    "^cat -dentist",
    "'cat'; --",
    "{cat} + (x",
]


@ON_BOTH
@pytest.mark.parametrize("query", OPERATORS)
def test_operators_are_words(store: MemoryStore, query: str) -> None:
    assert any("cat" in item.matched for item in store.recall(query, limit=50))
    assert any("dentist" in item.matched for item in store.recall(query, limit=50)) is ("dentist" in query)


@pytest.mark.parametrize("query", ["", "   ", "the of and", "?!…", "\0", "\ud800", "👩‍👩‍👧", "的"])
def test_queries_without_a_telling_word(store: MemoryStore, open_store: OpenStore, query: str) -> None:
    found = store.recall(query)
    assert all(item.score == pytest.approx(sum(item.reasons.values())) for item in found)
    assert all(not item.matched or query == "的" for item in found)
    assert open_store("empty").recall(query) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("to be or not to be", "To be or not  to be: that is what he asked."),
        ("What is it?", "So, what is it then"),
        ("the who", "The Who played in Lisbon."),
        ("?!", "You did what?!"),
        ("🎉", "We got the house 🎉🎉"),
    ],
)
def test_what_has_no_telling_word_is_found_word_for_word(open_store: OpenStore, query: str, said: str) -> None:
    """Before there is a vector, and with an embedder that makes nothing of it."""
    store = open_store("literal", embedder=Broken())
    store.remember_many(
        [NewTurn("Bathe whole, or whatever it is not."), NewTurn(said), NewTurn("Nothing of the kind.")]
    )
    assert store.recall(query)[0].memory.text == said
    assert "words" not in {name for item in store.recall(query)[1:] for name in item.reasons}
    assert store.recall(query, exclude=[store.recall(query)[0].memory.id]).found is False


@ON_BOTH
def test_an_empty_store(open_store: OpenStore) -> None:
    found = open_store("empty").recall("What is my cat called?")
    assert (found, found.found, found.confidence, found.remarks) == ([], False, 0.0, ())


def test_a_very_long_query_is_searched_and_says_so(store: MemoryStore) -> None:
    found = store.recall("lorem ipsum dolor " * 6_000 + " What is my cat Miso called?")
    assert found[0].memory.text == "My cat is called Miso."
    assert len(found.remarks) == 1
    assert "first and last 2,000 characters" in found.remarks[0]


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_times_are_utc_whatever_was_given(open_store: OpenStore, limit: int) -> None:
    store = open_store("zones")
    east = datetime.fromisoformat("2026-11-22T01:00:00+09:00")
    turn = store.remember("said in the east", said_at=east)
    assert turn.said_at == east
    assert turn.said_at.tzinfo is UTC
    asked: Callable[[datetime], bool] = lambda when: bool(store.recall("said in the east", limit=limit, as_of=when))  # noqa: E731
    assert asked(datetime(2026, 11, 21, 16, 0))
    assert not asked(datetime(2026, 11, 21, 15, 59, tzinfo=UTC))


def test_a_second_hop_is_a_reason_where_it_is_on(open_store: OpenStore) -> None:
    with_hop = open_store(weights=Weights(second_hop=0.3))
    with_hop.remember_many(LIFE)
    with_hop.index_now()
    found = with_hop.recall("What is my cat called?")
    assert found[0].memory.text == "My cat is called Miso."
    assert found[0].reasons["second hop"] == pytest.approx(0.3, abs=0.05)
    assert found[0].score == pytest.approx(sum(found[0].reasons.values()))


def test_what_was_said_then_is_something_whatever_its_words(store: MemoryStore) -> None:
    assert store.recall("What did we talk about three weeks ago?")[0].memory.text.startswith("我住在上海")
    assert store.recall("What did we talk about three weeks ago?").found
    assert not store.recall("What did we talk about in May 2019?").found
