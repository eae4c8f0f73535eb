"""Recalled memories' vectors in front of the model: what is read, what is kept of it, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agent.dialogue import Dialogue
from agent.errors import ModelError
from agent.events import Finished
from agent.models.base import Generated, MemoryVectors, Message, Prompt, Sampling
from agent.models.checkpoint import Checkpoint, load_checkpoint
from agent.models.loading import load_model
from agent.models.soft_tokens import SoftMemory, SoftTokens
from agent.models.transformers_model import TransformersModel
from agent.settings import ModelSettings, Settings
from memory_store import MemoryStore
from tests.agent.making import turn
from tests.fakes import HashedWords

GREEDY = Sampling(temperature=0, max_new_tokens=12)
TOLD = (Message("system", "Be kind. " * 20), Message("user", "What is my cat called?"))
LATER = (*TOLD, Message("assistant", "Miso."), Message("user", "And where does she sleep?"))
DIMENSIONS, TOKENS, MOST = 8, 3, 2


@pytest.fixture
def checkpoint(tiny_llama: Path) -> Checkpoint:
    return load_checkpoint(tiny_llama, ModelSettings(name=str(tiny_llama)))


def adapter(checkpoint: Checkpoint, *, embedder: str = "words", dimensions: int = DIMENSIONS) -> SoftTokens:
    return SoftTokens.begin(
        checkpoint.model, embedder, dimensions=dimensions, tokens=TOKENS, most=MOST, hidden=16, seed=1
    )


Load = Callable[..., TransformersModel]


@pytest.fixture
def load(checkpoint: Checkpoint) -> Iterator[Load]:
    """Models that share their weights, each with what it has read."""
    loaded: list[TransformersModel] = []

    def make(**options: Any) -> TransformersModel:
        soft = SoftMemory(adapter(checkpoint), checkpoint.model)
        loaded.append(TransformersModel(checkpoint, name="tiny", soft_memory=soft, **options))
        return loaded[-1]

    yield make
    for model in loaded:
        model.close()


def vector(seed: int) -> Any:
    row = np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
    return row / np.linalg.norm(row)


def prompt(messages: tuple[Message, ...], *seeds: int, embedder: str = "words") -> Prompt:
    memories = tuple(turn(number, "said") for number in range(1, len(seeds) + 1))
    rows = {memory.id: vector(seed) for memory, seed in zip(memories, seeds, strict=True)}
    return Prompt(messages, "x", memories=memories, vectors=MemoryVectors(embedder, rows))


def speak(model: TransformersModel, asked: Prompt) -> tuple[str, Generated]:
    stream, text = model.stream(asked, GREEDY, threading.Event()), ""
    while True:
        try:
            text += str(next(stream))
        except StopIteration as end:
            return text, end.value


def test_they_cost_what_they_are_and_are_heard(load: Load) -> None:
    model = load()
    bare = replace(prompt(TOLD, 1, 2), vectors=None)
    without, said = speak(model, bare)
    _, softly = speak(model, prompt(TOLD, 1, 2))
    assert softly.prompt_tokens == said.prompt_tokens + 2 * TOKENS
    assert model.count_prompt(TOLD) == said.prompt_tokens + MOST * TOKENS, "room is kept for all there may be"
    assert model.soft_memory is not None
    model.soft_memory.on = False
    assert speak(model, prompt(TOLD, 1, 2)) == (without, said)


def test_what_was_read_with_other_memories_is_not_taken_for_read(load: Load) -> None:
    """Same words, other vectors, in every order: what is kept in between changes no word."""
    kept, fresh = load(), load(reuse=False)
    talk = [(TOLD, (1, 2)), (TOLD, (1, 3)), (LATER, (3,)), (TOLD, (2, 1)), (TOLD, (1, 2)), (LATER, ())]
    reused = []
    for messages, seeds in talk:
        asked = prompt(messages, *seeds)
        text, ended = speak(kept, asked)
        assert text == speak(fresh, asked)[0]
        reused.append(ended.reused_tokens)
    assert reused[0] == 0
    assert reused[1] == reused[3] + TOKENS, "one memory of two is the same; none is"


def test_the_state_behind_soft_tokens_is_that_of_the_equation(load: Load, checkpoint: Checkpoint) -> None:
    """Against one pass over embeddings that are put together here."""
    model, asked = load(), prompt(TOLD, 1, 2)
    ids, embeddings = model._ids(asked)
    assert sum(token < 0 for token in ids) == 2 * TOKENS
    table = checkpoint.model.get_input_embeddings().weight
    soft = adapter(checkpoint).embeddings(
        checkpoint.model, torch.tensor(np.stack([vector(1), vector(2)])), torch.arange(2)
    )
    at = next(place for place, token in enumerate(ids) if token < 0)
    plain = [token for token in ids if token >= 0]
    whole = torch.cat([table[plain[:at]], soft.flatten(0, 1), table[plain[at:]]])
    with torch.inference_mode():
        expected = checkpoint.model(inputs_embeds=whole.unsqueeze(0)).logits[0, -1]
    model._reading.embeddings = embeddings
    state = model._reading.read(ids, threading.Event())
    assert state is not None
    assert torch.allclose(state.logits, expected, atol=1e-4)


def test_an_adapter_is_saved_and_read(checkpoint: Checkpoint, tmp_path: Path) -> None:
    one = adapter(checkpoint)
    one.save(tmp_path / "soft.safetensors")
    other = SoftTokens.load(tmp_path / "soft.safetensors", checkpoint.model)
    assert (other.embedder, other.model, other.most, other.per_memory) == ("words", one.model, MOST, TOKENS)
    assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_what_does_not_belong_is_refused(load: Load, checkpoint: Checkpoint, tmp_path: Path) -> None:
    file = tmp_path / "soft.safetensors"
    replace(adapter(checkpoint), model="another").save(file)
    with pytest.raises(ModelError, match="trained for another model"):
        SoftTokens.load(file, checkpoint.model)
    file.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be read"):
        SoftTokens.load(file, checkpoint.model)
    with pytest.raises(ModelError, match=r"cannot be read.*Unset model.soft_tokens"):
        SoftTokens.load(tmp_path / "none", checkpoint.model)
    with pytest.raises(ModelError, match="another embedder"):
        speak(load(), prompt(TOLD, 1, embedder="other"))


def test_a_dialogue_gives_the_vectors_of_what_it_recalls(
    checkpoint: Checkpoint, tiny_llama: Path, tmp_path: Path
) -> None:
    embedder = HashedWords()
    file = tmp_path / "soft.safetensors"
    adapter(checkpoint, embedder=embedder.fingerprint, dimensions=embedder.dimensions).save(file)
    chosen = {"name": str(tiny_llama), "temperature": 0.0, "max_new_tokens": 4}
    used = {}
    for name, soft in (("off", None), ("on", file)):
        settings = Settings(model=ModelSettings(**chosen, soft_tokens=soft))
        model = load_model(settings)
        with MemoryStore.open(tmp_path / name, embedder=embedder, indexing="manual") as store:
            store.remember("My cat is called Miso.", speaker="user")
            store.embed_now()
            events = list(Dialogue(store, model, settings=settings).reply("What is my cat called?"))
        model.close()
        [end] = [event for event in events if isinstance(event, Finished)]
        used[name] = end.usage.prompt_tokens
    assert used["on"] == used["off"] + TOKENS
