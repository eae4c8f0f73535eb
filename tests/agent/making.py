"""Turns, recollections and models out of thin air."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from agent.errors import ModelError
from agent.models.base import Message, Prompt, Sampling
from memory_store.records import Recollection, Recollections, Turn

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Counting:
    """Counts like a tokenizer of four characters a token, and never speaks."""

    name = "counting"

    def __init__(self, context_size: int = 4096) -> None:
        self.context_size = context_size

    def count(self, text: str) -> int:
        return math.ceil(len(text) / 4)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return 3 + sum(5 + self.count(message.content) for message in messages)

    def stream(self, prompt, sampling, cancel) -> Iterator[str]:
        raise NotImplementedError

    def close(self) -> None:
        return None


def turn(number: int, text: str, *, speaker: str = "user", day: int = 0, conversation: str | None = "before") -> Turn:
    return Turn(
        id=f"turn{number:04}",
        conversation_id=conversation,
        position=number,
        speaker=speaker,
        text=text,
        said_at=NOON - timedelta(days=day),
    )


def recalled(*turns: Turn, confidence: float = 3.0, matched: tuple[str, ...] = ("cat", "called")) -> Recollections:
    items = [Recollection(memory, 1.0 - n / 100, {"words": 1.0 - n / 100}, matched) for n, memory in enumerate(turns)]
    return Recollections(items, confidence=confidence)


class Scripted(Counting):
    """Says what it was given, piece by piece; a ModelError among the pieces is raised. Keeps the prompts it read."""

    name = "scripted"

    def __init__(self, *pieces: str | ModelError, context_size: int = 4096) -> None:
        super().__init__(context_size)
        self.pieces: Sequence[str | ModelError] = pieces
        self.prompts: list[Prompt] = []

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        self.prompts.append(prompt)
        for piece in self.pieces:
            if cancel.is_set():
                return
            if isinstance(piece, ModelError):
                raise piece
            yield piece
