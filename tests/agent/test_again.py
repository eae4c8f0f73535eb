"""Answered again, and asked in other words: what takes whose place, what the model reads, what is never recalled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.dialogue import Dialogue
from agent.errors import ModelError
from agent.events import Event, Failed, Finished, Recalled, Replaced, Stored
from agent.models.memory_only import MemoryOnly
from agent.settings import Settings
from memory_store import MemoryStore, VirtualClock
from memory_store.embedding.base import Embedder
from memory_store.errors import InvalidInput, UnknownId
from tests.agent.making import NOON, Scripted
from tests.fakes import HashedWords

Talk = Callable[..., Dialogue]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    embedder: Embedder = HashedWords()
    clock = VirtualClock(NOON)
    with MemoryStore.open(tmp_path / "store", clock=clock, embedder=embedder, indexing="manual") as opened:
        yield opened


@pytest.fixture
def talk(store: MemoryStore, settings: Settings) -> Talk:
    return lambda model, **rest: Dialogue(store, model, **({"settings": settings} | rest))


def said(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events if type(event).__name__ != "Token"]


def texts(store: MemoryStore, dialogue: Dialogue) -> list[str]:
    assert dialogue.conversation_id is not None
    return [turn.text for turn in store.history(dialogue.conversation_id)]


def read(model: Scripted) -> list[str]:
    """What the model read last, without the system text."""
    return [message.content for message in model.prompts[-1].messages[1:]]


def test_a_reply_is_made_anew_and_the_old_one_is_gone(store: MemoryStore, talk: Talk) -> None:
    model = Scripted("The blue one.")
    dialogue = talk(model)
    list(dialogue.reply("Hello."))
    list(dialogue.reply("Which ferry?"))
    before = read(model)
    model.pieces = ("The green one.",)
    events = list(dialogue.again())
    assert said(events) == ["Recalled", "Stored", "Replaced", "Finished"]
    assert read(model) == before, "the model reads what it read the first time: its attention cache is good"
    assert texts(store, dialogue) == ["Hello.", "The blue one.", "Which ferry?", "The green one."]
    [replaced] = [event for event in events if isinstance(event, Replaced)]
    assert [turn.text for turn in replaced.turns] == ["The blue one."]
    list(dialogue.reply("And then?"))
    assert "The green one." in read(model)
    assert read(model).count("The blue one.") == 1


def test_nothing_of_a_discarded_turn_is_recalled_in_another_conversation(store: MemoryStore, talk: Talk) -> None:
    dialogue = talk(Scripted("Zanzibar it is."))
    list(dialogue.reply("Where to with the yellow kayak?"))
    asked = store.history(dialogue.conversation_id or "")[0]
    list(dialogue.reply("Where to with the red canoe?", instead_of=asked.id))
    assert texts(store, dialogue) == ["Where to with the red canoe?", "Zanzibar it is."]
    store.index_now()
    [recalled] = [
        event for event in talk(Scripted("Yes.")).reply("yellow kayak to Zanzibar") if isinstance(event, Recalled)
    ]
    assert {hit.memory.text for hit in recalled.recollections} == {"Where to with the red canoe?", "Zanzibar it is."}


def test_other_words_for_an_earlier_turn_discard_all_that_followed(store: MemoryStore, talk: Talk) -> None:
    model = Scripted("Yes.")
    dialogue = talk(model)
    for words in ("One?", "Two?", "Three?"):
        list(dialogue.reply(words))
    second = store.history(dialogue.conversation_id or "")[2]
    events = list(dialogue.reply("Other?", instead_of=second.id))
    assert said(events) == ["Heard", "Replaced", "Recalled", "Stored", "Finished"]
    assert texts(store, dialogue) == ["One?", "Yes.", "Other?", "Yes."]
    assert read(model)[:2] == ["One?", "Yes."]
    assert not any("Two?" in words or "Three?" in words for words in read(model))


@pytest.mark.parametrize("ends", [ModelError("Out of memory."), None])
def test_a_reply_that_fails_or_never_begins_leaves_the_old_one(
    store: MemoryStore, talk: Talk, ends: ModelError | None
) -> None:
    model = Scripted("The blue one.")
    dialogue = talk(model)
    list(dialogue.reply("Which ferry?"))
    cancel = threading.Event()
    model.pieces = ("Half a rep", ends) if ends else ("Never heard.",)
    if ends is None:
        cancel.set()
    events = list(dialogue.again(cancel=cancel))
    assert isinstance(events[-1], Failed if ends else Finished)
    assert texts(store, dialogue) == ["Which ferry?", "The blue one."]
    assert store.memories(forgotten=True) == []


def test_leaving_in_the_middle_leaves_the_old_reply(store: MemoryStore, talk: Talk) -> None:
    model = Scripted("The blue one.")
    dialogue = talk(model)
    list(dialogue.reply("Which ferry?"))
    model.pieces = ("Half ", "a reply.")
    making = dialogue.again()
    assert isinstance(next(making), Recalled)
    next(making)
    making.close()
    assert texts(store, dialogue) == ["Which ferry?", "The blue one."]


def test_a_stop_keeps_what_was_said_instead_of_the_old_reply(store: MemoryStore, talk: Talk) -> None:
    model = Scripted("The blue one.")
    dialogue = talk(model)
    list(dialogue.reply("Which ferry?"))
    model.pieces = ("The green", " one.")
    cancel = threading.Event()
    for event in dialogue.again(cancel=cancel):
        if not isinstance(event, Recalled):
            cancel.set()
    assert texts(store, dialogue) == ["Which ferry?", "The green"]


def test_words_without_a_reply_are_answered(store: MemoryStore, talk: Talk) -> None:
    model = Scripted(ModelError("Out of memory."))
    dialogue = talk(model)
    list(dialogue.reply("Which ferry?"))
    model.pieces = ("The blue one.",)
    assert said(list(dialogue.again())) == ["Recalled", "Stored", "Finished"]
    assert texts(store, dialogue) == ["Which ferry?", "The blue one."]


def test_answered_without_a_memory_nothing_is_written(store: MemoryStore, talk: Talk) -> None:
    cat = store.remember("My cat is called Miso.")
    dog = store.remember("My dog is called Rex.")
    store.pin(dog.id)
    dialogue = talk(MemoryOnly())
    list(dialogue.reply("What is my cat called?"))
    before = [store.memories(forgotten=None), store.stats().memories]
    events = list(dialogue.again(without=[cat.id, dog.id], keep=False))
    [recalled] = [event for event in events if isinstance(event, Recalled)]
    assert not {hit.memory.id for hit in recalled.recollections} & {cat.id, dog.id}
    assert not recalled.numbers.keys() & {cat.id, dog.id}
    assert isinstance(events[-1], Finished)
    assert events[-1].reply is None
    assert "Miso" not in events[-1].text
    assert not any(isinstance(event, Stored | Replaced) for event in events)
    assert [store.memories(forgotten=None), store.stats().memories] == before


def test_what_is_not_remembered_is_replaced_in_memory_alone(store: MemoryStore, talk: Talk) -> None:
    model = Scripted("One.")
    dialogue = talk(model, remember=False)
    list(dialogue.reply("Say a number."))
    model.pieces = ("Two.",)
    assert said(list(dialogue.again())) == ["Recalled", "Replaced", "Finished"]
    list(dialogue.reply("And then?"))
    assert read(model)[:2] == ["Say a number.", "Two."]
    assert store.memories(forgotten=None) == []


def test_what_is_remembered_is_not_replaced_by_what_is_not(store: MemoryStore, talk: Talk) -> None:
    first = talk(Scripted("One."))
    list(first.reply("Say a number."))
    unwritten = talk(Scripted("Two."), remember=False, conversation=first.conversation_id)
    with pytest.raises(InvalidInput, match="new conversation"):
        list(unwritten.again())
    assert said(list(unwritten.again(keep=False))) == ["Recalled", "Finished"]


def test_nothing_to_answer_and_nobody_to_replace(store: MemoryStore, talk: Talk) -> None:
    dialogue = talk(Scripted("One."))
    with pytest.raises(InvalidInput, match="nothing to answer"):
        list(dialogue.again())
    with pytest.raises(UnknownId):
        list(dialogue.reply("Other.", instead_of="nowhere"))
    assert store.memories() == []


def test_a_listed_memory_has_the_number_it_may_be_cited_by(store: MemoryStore, talk: Talk) -> None:
    cat = store.remember("My cat is called Miso.")
    [recalled] = [event for event in talk(Scripted("Miso [1].")).reply("My cat?") if isinstance(event, Recalled)]
    assert recalled.numbers == {cat.id: 1}


def test_what_a_branch_shares_is_not_replaced_in_it(store: MemoryStore, talk: Talk) -> None:
    model = Scripted("One.")
    trunk = talk(model)
    list(trunk.reply("Say a number."))
    reply = store.history(trunk.conversation_id or "")[-1]
    branch = talk(model, conversation=store.branch(reply.id).id)
    with pytest.raises(InvalidInput, match="Branch off before it"):
        list(branch.again())
    list(branch.reply("And another."))
    list(branch.again())
    assert texts(store, trunk) == ["Say a number.", "One."]
    assert texts(store, branch) == ["Say a number.", "One.", "And another.", "One."]
