"""Asking a model one thing, and keeping what it said."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from agent.models.base import Generated, Message, Piece, Prompt, Sampling, Thought
from agent.models.server.model import ServerModel

HELLO = Prompt((Message("system", "Be brief."), Message("user", "Hello")), "Hello")


@dataclass
class Heard:
    """A reply and how it ended."""

    pieces: list[Piece] = field(default_factory=list)
    generated: Generated | None = None

    @property
    def text(self) -> str:
        return "".join(piece for piece in self.pieces if isinstance(piece, str))

    @property
    def thoughts(self) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Thought))


def hear(
    model: ServerModel,
    prompt: Prompt = HELLO,
    sampling: Sampling | None = None,
    cancel: threading.Event | None = None,
    into: Heard | None = None,
) -> Heard:
    """The whole reply. What came before an error is in ``into``."""
    heard = into or Heard()
    stream = model.stream(prompt, sampling or Sampling(0.0, 1.0, 32), cancel or threading.Event())
    while True:
        try:
            heard.pieces.append(next(stream))
        except StopIteration as end:
            heard.generated = end.value
            return heard
