"""A reply's citations: resolved to memories, kept with it, told to everybody, and gone from the next prompt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.dialogue import Dialogue
from agent.events import Finished, Recalled, Stored
from agent.models.memory_only import MemoryOnly
from agent.settings import Settings
from memory_store import MemoryStore
from tests.agent.making import Scripted
from tests.conftest import OpenStore

Talk = Callable[..., Dialogue]


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store()


@pytest.fixture
def talk(store: MemoryStore, settings: Settings) -> Talk:
    return lambda model, **options: Dialogue(store, model, settings=settings, **options)


def ended(dialogue: Dialogue, words: str) -> tuple[Stored, Finished, Recalled]:
    events = list(dialogue.reply(words))
    stored, finished = events[-2:]
    [recalled] = [event for event in events if isinstance(event, Recalled)]
    assert isinstance(stored, Stored)
    assert isinstance(finished, Finished)
    return stored, finished, recalled


def test_a_citation_is_kept_with_the_reply(store: MemoryStore, talk: Talk) -> None:
    miso = store.remember("My cat is called Miso.", conversation="earlier")
    age = store.remember("The cat Miso is five.", conversation="later")
    dialogue = talk(Scripted("Your cat is called ", "Miso [1]. Not [7]."))
    stored, finished, _ = ended(dialogue, "What is my cat called?")
    assert stored.citations == finished.citations
    assert [(one.number, one.memory.id) for one in stored.citations] == [(1, miso.id)]
    ledger = {
        entry.memory_id: (entry.number, entry.cited, entry.in_prompt) for entry in store.recalled_for(stored.turn.id)
    }
    assert ledger == {miso.id: (1, True, True), age.id: (2, False, True)}
    assert store.citations(dialogue.conversation_id or "") == {stored.turn.id: {1: miso.id}}
    assert stored.turn.text == "Your cat is called Miso [1]. Not [7].", "what was said is kept as it was said"


def test_numbers_are_those_of_the_prompt_pinned_ones_first(store: MemoryStore, talk: Talk) -> None:
    recalled = store.remember("My cat is called Miso.", conversation="then")
    pinned = store.remember("Answer in one sentence.")
    store.pin(pinned.id)
    model = Scripted("Miso [2], in one sentence [1].")
    stored, _, _ = ended(talk(model), "What is my cat called?")
    assert [(one.number, one.memory.id) for one in stored.citations] == [(2, recalled.id), (1, pinned.id)]
    assert '[1] 2026-11-22, user: "Answer' in model.prompts[0].messages[0].content
    assert '[2] 2026-11-22, user: "My cat' in model.prompts[0].messages[-1].content
    was_only_pinned = store.recalled_for(stored.turn.id)[-1]
    assert (was_only_pinned.memory_id, was_only_pinned.score, was_only_pinned.reasons) == (pinned.id, 0.0, {})
    assert (was_only_pinned.number, was_only_pinned.cited, was_only_pinned.in_prompt) == (1, True, True)


def test_old_numbers_are_not_shown_to_the_model_again(store: MemoryStore, talk: Talk) -> None:
    store.remember("My cat is called Miso.", conversation="then")
    store.remember("Your parrot is called Rio [4].", speaker="assistant", conversation="before")
    store.remember("The row says [3] in my notes about birds.", conversation="before")
    model = Scripted("Your cat is called Miso [1].")
    dialogue = talk(model)
    list(dialogue.reply("What is my cat called?"))
    list(dialogue.reply("And what about the parrot, the birds?"))
    *history, last = model.prompts[1].messages
    assert history[-1].content == "Your cat is called Miso."
    assert '"Your parrot is called Rio."' in last.content
    assert "The row says [3]" in last.content, "people's own words stay as they are"


def test_a_purged_memory_leaves_its_number_and_id(store: MemoryStore, talk: Talk) -> None:
    miso = store.remember("My cat is called Miso.", conversation="then")
    stored, _, _ = ended(talk(Scripted("Miso [1].")), "What is my cat called?")
    store.purge([miso.id])
    [entry] = store.recalled_for(stored.turn.id)
    assert (entry.memory, entry.memory_id, entry.number, entry.cited) == (None, miso.id, 1, True)


def test_what_memory_only_quotes_is_no_citation(store: MemoryStore, talk: Talk) -> None:
    store.remember("My cat is called Miso [1].", conversation="then")
    stored, _, _ = ended(talk(MemoryOnly()), "What is my cat called?")
    assert "[1]" in stored.turn.text
    assert stored.citations == ()


def test_citations_are_told_without_being_kept(store: MemoryStore, talk: Talk) -> None:
    miso = store.remember("My cat is called Miso.", conversation="then")
    events = list(talk(Scripted("Miso [1]."), remember=False).reply("What is my cat called?"))
    assert isinstance(events[-1], Finished)
    assert [one.memory.id for one in events[-1].citations] == [miso.id]
    assert len(store.memories()) == 1
