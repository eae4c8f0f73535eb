"""What holds now comes first, and what was so before is said to be earlier: in recall, in the prompt, in the reply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent.dialogue import Dialogue
from agent.events import Recalled, Token
from agent.models.memory_only import MemoryOnly
from agent.settings import Settings
from memory_store import MemoryStore, VirtualClock
from memory_store.records import Recollections
from tests.agent.making import NOON, Scripted

ASKED = "Where does my sister live?"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON - timedelta(days=100))


@pytest.fixture
def store(tmp_path: Path, clock: VirtualClock) -> Iterator[MemoryStore]:
    with MemoryStore.open(tmp_path / "store", clock=clock, indexing="manual") as opened:
        for words in (
            "My sister lives in Porto.",
            "I bought a new bicycle today.",
            "My sister moved to Lisbon.",
            "The bicycle has a flat tyre.",
            "My sister moved to Faro.",
        ):
            opened.remember(words, conversation="long ago")
            clock.advance(timedelta(days=20))
        opened.embed_now()
        yield opened


def texts(found: Recollections) -> list[str]:
    return [item.memory.text for item in found]


def test_the_present_comes_first_and_the_past_says_until_when(store: MemoryStore) -> None:
    found = store.recall(ASKED)
    faro, *earlier = found[:3]
    assert faro.memory.text == "My sister moved to Faro."
    lisbon, porto = sorted(earlier, key=lambda item: item.memory.said_at, reverse=True)
    assert (lisbon.memory.text, porto.memory.text) == ("My sister moved to Lisbon.", "My sister lives in Porto.")
    assert faro.superseded is None
    assert lisbon.superseded is not None
    assert porto.superseded is not None
    assert (porto.superseded.since, porto.superseded.by) == (lisbon.memory.said_at, faro.memory.id)
    assert lisbon.superseded.since == faro.memory.said_at
    assert all(item.score == pytest.approx(sum(item.reasons.values())) for item in found)
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_who_finds_the_past_is_told_the_present(store: MemoryStore) -> None:
    assert texts(store.recall("Porto", limit=1)) == ["My sister moved to Faro."]
    [brought, porto] = store.recall("Porto", limit=2)
    assert (brought.memory.text, dict(brought.reasons)) == ("My sister moved to Faro.", {"holds now": porto.score})
    assert porto.memory.text == "My sister lives in Porto."


@pytest.mark.parametrize("budget", [20, 26, 45, 60, 400])
def test_a_budget_never_holds_the_past_alone(store: MemoryStore, budget: int) -> None:
    found = texts(store.recall("Porto", budget=budget))
    assert "My sister lives in Porto." not in found or "My sister moved to Faro." in found


def test_of_a_day_what_held_then(store: MemoryStore, clock: VirtualClock) -> None:
    found = store.recall(ASKED, as_of=clock() - timedelta(days=50))
    assert texts(found)[:2] == ["My sister moved to Lisbon.", "My sister lives in Porto."]
    assert found[0].superseded is None


def test_what_stands_in_the_window_is_not_brought_again(store: MemoryStore) -> None:
    faro = store.recall("Faro")[0].memory
    found = store.recall("Porto", exclude=[faro.id])
    assert "My sister moved to Faro." not in texts(found)
    assert next(item for item in found if "Porto" in item.memory.text).superseded is not None


def test_where_both_hold_recall_is_what_it_was(store: MemoryStore) -> None:
    for found in store.conflicts():
        store.resolve(found.id, "both")
    assert all(item.superseded is None for item in store.recall(ASKED))
    assert "holds now" not in store.recall("Porto")[0].reasons


def test_the_prompt_shows_the_past_behind_the_present(store: MemoryStore, settings: Settings) -> None:
    model = Scripted("Faro.")
    list(Dialogue(store, model, settings=settings).reply(ASKED))
    lines = [line for line in model.prompts[-1].messages[-1].content.splitlines() if "sister" in line]
    said = [line.partition("] ")[2] for line in lines[:3]]
    assert said[0].endswith('user: "My sister moved to Faro."')
    assert not said[0].startswith("earlier")
    assert said[1].startswith("earlier, until 2026-")
    assert said[1].endswith('user: "My sister moved to Lisbon."')
    assert said[2].endswith('user: "My sister lives in Porto."')


def test_a_pinned_memory_that_no_longer_holds_brings_what_does(store: MemoryStore, settings: Settings) -> None:
    porto = next(turn for turn in store.memories() if "Porto" in turn.text)
    store.pin(porto.id)
    model = Scripted("Hello.")
    list(Dialogue(store, model, settings=settings).reply("Good morning!"))
    pinned = model.prompts[-1].messages[0].content.splitlines()[-2:]
    assert pinned[0].endswith('"My sister moved to Faro."')
    assert "earlier, until" in pinned[1]
    assert pinned[1].endswith('"My sister lives in Porto."')


def test_memory_only_answers_with_the_present_first(store: MemoryStore, settings: Settings) -> None:
    events = list(Dialogue(store, MemoryOnly(), settings=settings).reply(ASKED))
    reply = "".join(event.text for event in events if isinstance(event, Token))
    first, second = reply.splitlines()[2:4]
    assert first.endswith('user: "My sister moved to Faro."')
    assert second.startswith("- earlier, until 2026-")
    assert any(isinstance(event, Recalled) for event in events)
