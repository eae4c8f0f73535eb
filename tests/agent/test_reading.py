"""What was read stays read, and changes nothing: the same logits and the same tokens as from a fresh start."""

from __future__ import annotations

import functools
import logging
import threading
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.reading import Reading, common_beginning, decoder_layers
from tests.agent.architectures import VOCABULARY, made

GOES_BACK = ["llama", "qwen3", "gpt2", "mistral", "gemma3"]
NEVER = threading.Event()

tokens = st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=40)
edits = st.lists(st.tuples(st.floats(0, 1), tokens), min_size=1, max_size=4)
"""Each: how much of the prompt before stays, and what comes then."""


@functools.cache
def model(kind: str) -> Any:
    return made(kind)


def greedy(reading: Reading, ids: list[int], number: int = 4) -> tuple[list[int], Any]:
    """The next ``number`` tokens, and the first logits."""
    state = first = reading.read(ids[reading.go_back(ids) :], NEVER)
    said = []
    for _ in range(number):
        assert state is not None
        said.append(int(state.logits.argmax()))
        state = reading.read(said[-1:], NEVER)
    assert first is not None
    return said, first.logits


def fresh(kind: str, ids: list[int]) -> tuple[list[int], Any]:
    reading = Reading(model(kind))
    try:
        return greedy(reading, ids)
    finally:
        reading.close()


@pytest.mark.parametrize("kind", GOES_BACK)
def test_reuse_changes_nothing_whatever_is_edited(kind: str) -> None:
    @settings(max_examples=12)
    @given(tokens, edits)
    def over_edits(prompt: list[int], changes: list[tuple[float, list[int]]]) -> None:
        reading = Reading(model(kind))
        for share, ending in [(1.0, []), *changes]:
            prompt = prompt[: int(share * len(prompt))] + ending or [1]
            said, logits = greedy(reading, prompt)
            expected, wanted = fresh(kind, prompt)
            assert said == expected
            torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-5)
        reading.close()

    over_edits()


@pytest.mark.parametrize("kind", GOES_BACK)
def test_only_what_differs_is_read_again(kind: str) -> None:
    reading = Reading(model(kind))
    greedy(reading, list(range(60)))
    assert reading.go_back([*range(50), 7, 8]) == 50
    assert reading.ids == list(range(50))
    greedy(reading, [*range(50), 7, 8])
    assert reading.go_back(list(range(30))) == 29, "the last token is always read: what follows it is wanted"
    assert reading.go_back([9, 9, 9]) == 0
    reading.close()


def test_a_cache_that_cannot_go_back_is_not_gone_back_to_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "mneme.agent"):
        reading = Reading(model("lfm2"))
    assert "every prompt is read anew" in caplog.text
    said: list[int] = []
    for prompt in (list(range(40)), [*range(30), 5, 6], [*range(30), 5, 6, 7], list(range(20))):
        assert reading.go_back(prompt) == 0
        said, logits = greedy(reading, prompt)
        expected, wanted = fresh("lfm2", prompt)
        assert said == expected
        torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-5)
    reading.close()


@pytest.mark.parametrize("kind", GOES_BACK)
def test_a_cancel_while_a_block_is_read_stops_before_the_next_layer(kind: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("agent.models.reading._BLOCK", 8)
    reading = Reading(model(kind))
    layers = decoder_layers(model(kind))
    assert layers, "the model's layers are found"
    cancel, run = threading.Event(), []
    hooks = [
        layer.register_forward_hook(functools.partial(lambda n, *_: run.append(n), n)) for n, layer in enumerate(layers)
    ]
    stop = layers[0].register_forward_hook(lambda *_: cancel.set() if run.count(0) == 3 else None)
    prompt = list(range(40))
    assert reading.read(prompt, cancel) is None
    assert run == [*range(len(layers))] * 2 + [0], "two blocks, and one layer of the third"
    assert reading.ids == prompt[:16]
    for hook in (*hooks, stop):
        hook.remove()
    said, logits = greedy(reading, prompt)
    monkeypatch.undo()
    expected, wanted = fresh(kind, prompt)
    assert said == expected
    torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-5)
    reading.close()


def test_an_error_inside_the_model_forgets_what_was_half_read() -> None:
    reading = Reading(model("llama"))
    greedy(reading, list(range(20)))
    fail = decoder_layers(model("llama"))[1].register_forward_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reading.read([1, 2], NEVER)
    fail.remove()
    assert reading.ids == []
    assert greedy(reading, list(range(20)))[0] == fresh("llama", list(range(20)))[0]
    reading.close()


def test_states_are_read_a_third_of_the_way_up_and_apart_from_the_conversation() -> None:
    reading = Reading(model("llama"))
    greedy(reading, list(range(20)))
    before = list(reading.ids)
    states = reading.apart([4, 5, 6], NEVER)
    assert reading.ids == before
    with torch.inference_mode():
        layers = model("llama")(input_ids=torch.tensor([[4, 5, 6]]), output_hidden_states=True).hidden_states
    torch.testing.assert_close(states, layers[max(1, round((len(layers) - 1) / 3))][0])
    reading.close()


def test_a_state_is_the_one_that_reading_apart_gives() -> None:
    reading = Reading(model("llama"))
    reading.keep_hidden = True
    state = reading.read([4, 5, 6], NEVER)
    assert state is not None
    torch.testing.assert_close(state.hidden, reading.apart([4, 5, 6], NEVER)[-1], rtol=1e-4, atol=1e-5)
    reading.close()


def test_closing_takes_the_hooks_away() -> None:
    reading = Reading(model("llama"))
    assert all(layer._forward_pre_hooks for layer in decoder_layers(model("llama")))
    reading.close()
    assert not any(layer._forward_pre_hooks for layer in decoder_layers(model("llama")))


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_the_common_beginning_is_the_longest(one: list[int], other: list[int]) -> None:
    number = common_beginning(one, other)
    assert one[:number] == other[:number]
    assert number == min(len(one), len(other)) or one[number] != other[number]
