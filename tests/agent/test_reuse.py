"""The attention cache over the turns of a conversation, in a loaded model: what is reused, what is freed, who waits."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ModelError
from agent.models import transformers_model
from agent.models.base import Adjust, Generated, Insight, Message, Prompt, Sampling
from agent.models.checkpoint import load_checkpoint
from agent.models.reading import decoder_layers
from agent.models.transformers_model import TransformersModel
from agent.settings import ModelSettings

GREEDY = Sampling(temperature=0, max_new_tokens=12)
SYSTEM = Message("system", "Be kind. Answer in one sentence. " * 6)
TALK = (
    SYSTEM,
    Message("user", "My cat is called Miso."),
    Message("assistant", "Hello, Miso."),
    Message("user", "She sleeps on the piano."),
)

Load = Callable[..., TransformersModel]


@pytest.fixture
def load(tiny_llama: Path) -> Iterator[Load]:
    loaded: list[TransformersModel] = []

    def make(**options: Any) -> TransformersModel:
        checkpoint = load_checkpoint(tiny_llama, ModelSettings(name=str(tiny_llama)))
        loaded.append(TransformersModel(checkpoint, name="tiny", **options))
        return loaded[-1]

    yield make
    for model in loaded:
        model.close()


def speak(model: TransformersModel, *messages: Message) -> tuple[str, Generated]:
    stream, text = model.stream(Prompt(messages, messages[-1].content), GREEDY, threading.Event()), ""
    while True:
        try:
            text += str(next(stream))
        except StopIteration as end:
            return text, end.value


def edited(number: int, content: str) -> tuple[Message, ...]:
    return (*TALK[:number], Message(TALK[number].role, content), *TALK[number + 1 :])


def test_reused_or_not_the_words_are_the_same(load: Load) -> None:
    kept, anew = load(), load(reuse=False)
    prompts = (
        TALK[:2],
        TALK,
        TALK,  # regenerated
        edited(2, "Who is that?"),
        TALK[:1] + TALK[2:],  # the history was cut
        (Message("system", "Another conversation."), TALK[1]),
        TALK[:2],
    )
    reused = []
    for prompt in prompts:
        (text, told), (expected, fresh) = speak(kept, *prompt), speak(anew, *prompt)
        assert text == expected
        assert told == fresh
        assert fresh.reused_tokens == 0
        reused.append((told.reused_tokens, told.prompt_tokens))
    counts = [count for count, _ in reused]
    assert counts[0] == 0
    assert 0 < counts[1] < reused[1][1]
    assert counts[2] == reused[2][1] - 1, "all but the last token of the same prompt"
    assert counts[5] < counts[4] < counts[3] < counts[2], "each differs earlier than the one before"


def test_memory_that_is_short_frees_what_was_read(load: Load, monkeypatch: Any, caplog: Any) -> None:
    model = load()
    speak(model, *TALK)
    monkeypatch.setattr(transformers_model, "free_bytes", lambda device: 100_000_000)
    expected = speak(model, *TALK)
    assert expected[1].reused_tokens > 0
    with caplog.at_level(logging.INFO, "mneme.agent"):
        again = speak(model, *TALK)
    assert again == expected
    assert again[1].reused_tokens == 0
    assert any("memory is short" in record.getMessage() for record in caplog.records)


def test_a_prompt_that_does_not_fit_the_memory_is_refused_and_the_next_one_is_not(load: Load, monkeypatch: Any) -> None:
    model = load()
    monkeypatch.setattr(transformers_model, "free_bytes", lambda device: 1000)
    with pytest.raises(ModelError, match=r"A prompt of \d+ tokens needs \d+ MB more memory than is free\."):
        speak(model, *TALK)
    monkeypatch.undo()
    assert speak(model, *TALK)[1].reply_tokens > 0


def test_out_of_memory_within_the_model_is_one_line_and_the_model_lives_on(load: Load) -> None:
    model = load()
    expected = speak(model, *TALK)[0]

    def full(*_: Any) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you\ntried")

    layer = decoder_layers(model._reading._model)[1]
    hook = layer.register_forward_hook(full)
    with pytest.raises(ModelError, match=r"^tiny does not fit the memory\. Use a smaller model"):
        speak(model, *TALK, Message("assistant", "Yes."), Message("user", "Really?"))
    hook.remove()
    assert speak(model, *TALK)[0] == expected


def test_two_threads_are_never_in_the_model_at_once(load: Load) -> None:
    model = load()
    inside, most = [0], [0]

    def enter(*_: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])

    def leave(*_: Any) -> None:
        inside[0] -= 1

    for layer in decoder_layers(model._reading._model):
        layer.register_forward_pre_hook(enter)
        layer.register_forward_hook(leave)
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(speak(model, *TALK)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert len(texts) == 4
    assert len(set(texts)) == 1


def test_a_model_closed_while_it_speaks_is_freed_when_it_has_spoken(load: Load) -> None:
    model = load()
    stream = model.stream(Prompt(TALK, ""), GREEDY, threading.Event())
    next(stream)
    model.close()
    assert model._reading.ids
    assert list(stream)
    assert not model._reading.ids


def test_a_closed_model_lets_go_of_its_weights(load: Load) -> None:
    model = load()
    speak(model, *TALK)
    weights = weakref.ref(model._reading._model)
    model.close()
    gc.collect()
    assert weights() is None


class Favourite:
    """An output-layer memory that wants one token only, and keeps what it was shown."""

    def __init__(self, token: int) -> None:
        self.token = token
        self.shapes: list[tuple[int, ...]] = []

    def begin(self, prompt: Prompt, model: Insight) -> Adjust:
        ids = model.ids(prompt.words)
        self.shapes.append((*model.hidden_states(ids).shape, len(ids)))

        def adjust(logits: Any, hidden: Any) -> Any:
            self.shapes.append(tuple(hidden.shape))
            wanted = logits.clone()
            wanted[self.token] = wanted.max() + 1
            return wanted

        return adjust


def test_an_output_layer_memory_has_its_say_in_every_token(load: Load, tiny_llama: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_llama)
    favourite = Favourite(tokenizer("piano")["input_ids"][0])
    text, told = speak(load(output_memory=favourite), *TALK)
    assert text == tokenizer.decode([favourite.token]).strip() + tokenizer.decode([favourite.token]) * 11
    assert told.reply_tokens == 12
    (read, width, ids), *steps = favourite.shapes
    assert read == ids > 0
    assert steps == [(width,)] * 12
