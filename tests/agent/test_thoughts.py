"""Thoughts are told from replies by their marks, however the text comes in pieces."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.dialogue import Dialogue
from agent.events import Finished, Thinking, Token
from agent.models.base import Generated, Message, Piece, Prompt, Sampling, Thought
from agent.models.speech import Limits
from agent.models.thoughts import MARKS, ThoughtSplitter
from agent.models.transformers_model import TransformersModel
from agent.settings import ModelSettings, Settings
from memory_store import MemoryStore
from tests.agent.making import Counting

HELLO = Prompt((Message("user", "hello"),), "hello")


def split(prompt: str, *texts: str) -> tuple[str, str]:
    """All thought, all reply."""
    splitter = ThoughtSplitter(prompt)
    pieces = [piece for text in texts for piece in splitter.add(text)] + splitter.rest()
    kinds = [isinstance(piece, Thought) for piece in pieces]
    assert kinds == sorted(kinds, reverse=True), "thoughts come first"
    thought = "".join(piece.text for piece in pieces if isinstance(piece, Thought))
    return thought, "".join(piece for piece in pieces if isinstance(piece, str))


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_every_pair_of_marks(opening: str, closing: str) -> None:
    assert split("assistant:", f"\n{opening}Hm. 1 < 2.{closing}Yes.") == ("Hm. 1 < 2.", "Yes.")
    assert split(f"assistant:{opening}\n", f"Hm.{closing}Yes.") == ("Hm.", "Yes.")


@pytest.mark.parametrize(
    ("text", "thought", "reply"),
    [
        ("Yes.", "", "Yes."),
        ("<b>Yes</b>", "", "<b>Yes</b>"),
        ("Yes. <think>no</think>", "", "Yes. <think>no</think>"),
        ("<think></think>Yes.", "", "Yes."),
        ("<think>never ends", "never ends", ""),
        ("<think>one</think>\n<think>two</think>Yes.", "onetwo", "Yes."),
        ("<thi", "", "<thi"),
        ("<think>a</thi", "a</thi", ""),
    ],
)
def test_what_is_thought_and_what_is_reply(text: str, thought: str, reply: str) -> None:
    assert split("", text) == (thought, reply)


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "think", ">", " ", "a", "猫"])), st.data())
def test_how_the_text_is_cut_into_pieces_does_not_matter(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split("", *pieces) == split("", text)


@given(st.integers(1, 500), st.integers(0, 500), st.integers(1, 500))
def test_a_thought_leaves_room_for_the_reply(room: int, thought: int, reply: int) -> None:
    limits = Limits.within(room, thought, reply)
    assert 0 <= limits.thought <= max(thought, 0)
    assert 1 <= limits.reply <= min(room, reply)
    assert limits.thought <= max(room - limits.reply, room // 2)


@pytest.fixture
def thinker(tiny_llama: Path, tmp_path: Path) -> Path:
    """The tiny model, with a template that opens a thought where thinking is wanted, as Qwen's does."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_llama)
    tokenizer.chat_template += (
        "{% if add_generation_prompt and enable_thinking %}<think>\n{% elif add_generation_prompt %}"
        "<think>\n\n</think>\n\n{% endif %}"
    )
    AutoModelForCausalLM.from_pretrained(tiny_llama).save_pretrained(tmp_path / "thinker")
    tokenizer.save_pretrained(tmp_path / "thinker")
    return tmp_path / "thinker"


def said(folder: Path, sampling: Sampling, **settings: Any) -> tuple[list[Piece], Generated]:
    model = TransformersModel.load(ModelSettings(name=str(folder), **settings))
    stream, pieces = model.stream(HELLO, sampling, threading.Event()), []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            model.close()
            return pieces, end.value


def test_a_thought_that_never_ends_is_ended_and_a_reply_comes(thinker: Path) -> None:
    pieces, generated = said(thinker, Sampling(0, 1, 12, max_thought_tokens=20), thinking=True)
    assert isinstance(pieces[0], Thought)
    assert isinstance(pieces[-1], str)
    assert generated.reply_tokens == 12
    assert 20 <= generated.thought_tokens <= 40, "the limit, and the tokens of the closing mark"
    assert "think>" not in "".join(piece for piece in pieces if isinstance(piece, str))


def test_without_thinking_the_same_model_replies_at_once(thinker: Path) -> None:
    pieces, generated = said(thinker, Sampling(0, 1, 12))
    assert all(isinstance(piece, str) for piece in pieces)
    assert (generated.thought_tokens, generated.reply_tokens) == (0, 12)


class Thinks(Counting):
    """Thinks, then replies."""

    name = "thinks"

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[Piece]:
        yield Thought("The cat ")
        yield Thought("is Miso.")
        yield "Miso."


def test_thoughts_are_told_but_neither_kept_nor_part_of_the_reply(tmp_path: Path, settings: Settings) -> None:
    with MemoryStore.open(tmp_path / "memory", indexing="manual") as store:
        dialogue = Dialogue(store, Thinks(), settings=settings)
        events = list(dialogue.reply("What is my cat called?"))
        assert [event.text for event in events if isinstance(event, Thinking)] == ["The cat ", "is Miso."]
        assert [event.text for event in events if isinstance(event, Token)] == ["Miso."]
        assert [turn.text for turn in store.history(dialogue.conversation_id)] == ["What is my cat called?", "Miso."]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.text == "Miso."
    assert 0 < finished.usage.thought_s <= finished.usage.total_s
