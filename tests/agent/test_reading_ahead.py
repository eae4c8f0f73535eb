"""While nobody waits, the model reads what the next prompt begins with: then only its last message is new."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.dialogue import Dialogue
from agent.errors import ModelError
from agent.events import Finished
from agent.models.base import Generated, Message, Prompt, ReadsAhead, Sampling
from agent.models.checkpoint import load_checkpoint
from agent.models.loading import BackgroundModel
from agent.models.reading import decoder_layers
from agent.models.transformers_model import TransformersModel
from agent.quoting import HEADING
from agent.settings import ModelSettings, Settings
from memory_store import MemoryStore
from tests.agent.making import Scripted

NEVER = threading.Event()


class Watched:
    """A model whose last prompt and its end are kept."""

    can_read_ahead = True

    def __init__(self, model: TransformersModel) -> None:
        self.model, self.name, self.context_size = model, model.name, model.context_size
        self.count, self.count_prompt, self.read_ahead = model.count, model.count_prompt, model.read_ahead
        self.prompt = Prompt((), "")
        self.end = Generated("complete", 0, 0)

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        self.prompt = prompt
        self.end = yield from self.model.stream(prompt, sampling, cancel)
        return self.end

    def close(self) -> None:
        self.model.close()


@pytest.fixture
def model(tiny_llama: Path) -> Iterator[Watched]:
    checkpoint = load_checkpoint(tiny_llama, ModelSettings(name=str(tiny_llama)))
    watched = Watched(TransformersModel(checkpoint, name="tiny"))
    yield watched
    watched.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    with MemoryStore.open(tmp_path / "memory", indexing="manual") as opened:
        opened.remember("My cat is called Miso.")
        yield opened


def new_tokens(model: Watched) -> int:
    return model.end.prompt_tokens - model.end.reused_tokens


def test_only_what_is_recalled_and_the_words_are_left_to_read(
    model: Watched, store: MemoryStore, settings: Settings
) -> None:
    dialogue = Dialogue(store, model, settings=settings)
    for words in ("My cat sleeps a lot.", "What is my cat called?", "And where does she sleep?"):
        assert isinstance(list(dialogue.reply(words))[-1], Finished)
        dialogue.read_ahead(NEVER)
    list(dialogue.reply("Is my cat called Miso?"))
    assert len(model.prompt.messages) == 8
    last = model.prompt.messages[-1].content
    opening, found, rest = last.partition(f"{HEADING}\n[1] ")
    assert opening.startswith("Today is ")
    assert found
    assert new_tokens(model) <= model.count(rest) + 16, "and the frame that closes a prompt"


def test_where_nothing_is_recalled_the_words_alone_are_left(
    model: Watched, store: MemoryStore, settings: Settings
) -> None:
    dialogue = Dialogue(store, model, settings=settings, memory=False)
    list(dialogue.reply("My cat sleeps a lot."))
    dialogue.read_ahead(NEVER)
    list(dialogue.reply("Where?"))
    assert model.prompt.messages[-1].content.endswith("\n\nWhere?")
    assert new_tokens(model) <= model.count("Where?") + 16


def test_it_saves_what_keeping_alone_cannot(model: Watched, store: MemoryStore, settings: Settings) -> None:
    left = {}
    for ahead in (False, True):
        dialogue = Dialogue(store, model, settings=settings, remember=False)
        for words in ("My cat sleeps a lot.", "What is my cat called?"):
            list(dialogue.reply(words))
            if ahead:
                dialogue.read_ahead(NEVER)
        left[ahead] = new_tokens(model)
    assert left[True] < left[False]


def test_it_stops_when_the_next_words_are_there(model: Watched, store: MemoryStore, settings: Settings) -> None:
    dialogue = Dialogue(store, model, settings=settings)
    list(dialogue.reply("My cat sleeps a lot."))
    cancel, layers = threading.Event(), decoder_layers(model.model._reading._model)
    hooks = [
        layers[0].register_forward_hook(lambda *_: cancel.set()),
        layers[1].register_forward_pre_hook(lambda *_: pytest.fail("a layer was run after the cancel")),
    ]
    dialogue.read_ahead(cancel)
    assert cancel.is_set()
    for hook in hooks:
        hook.remove()
    assert isinstance(list(dialogue.reply("What is my cat called?"))[-1], Finished)


class Fails(Scripted):
    can_read_ahead = True

    def read_ahead(self, messages: Sequence[Message], cancel: threading.Event) -> None:
        raise ModelError("out of memory")


def test_a_failure_changes_nothing(store: MemoryStore, settings: Settings) -> None:
    dialogue = Dialogue(store, Fails("Yes."), settings=settings)
    list(dialogue.reply("Hello."))
    dialogue.read_ahead(NEVER)
    assert isinstance(list(dialogue.reply("Are you there?"))[-1], Finished)


def test_a_model_in_the_background_passes_it_on_if_it_can(model: Watched) -> None:
    for inner, can in ((model.model, True), (Scripted("Yes."), False)):
        background = BackgroundModel(lambda _progress, inner=inner: inner, name="x")
        assert not background.can_read_ahead
        assert background.wait(60)
        assert isinstance(background, ReadsAhead)
        assert background.can_read_ahead == can
        background.read_ahead([Message("user", "Hello."), Message("assistant", "Yes."), Message("user", "")], NEVER)
    assert model.model._reading.ids
