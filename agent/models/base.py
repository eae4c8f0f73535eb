"""What a language model is, to the rest of mneme: one small Protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from memory_store.records import Recollections

Role = Literal["system", "user", "assistant"]
Progress = Callable[[float, str], None]
"""Told how far something is, 0 to 1, and what is being done."""


def unwatched(_fraction: float, _what: str) -> None:
    """The Progress of a load that nobody watches."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given for one reply. ``messages`` is all that a language model reads; the rest is the same
    content before it was put into words, for a model that needs no words (memory_only)."""

    messages: tuple[Message, ...]
    words: str
    recalled: Recollections = field(default_factory=Recollections)
    """Only what is in the prompt, best first."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``temperature`` 0 means greedy."""

    temperature: float = 0.7
    top_p: float = 0.95
    max_new_tokens: int = 512
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """How a stream ended: what a generator of pieces may return (``StopIteration.value``)."""

    reason: Literal["complete", "cancelled", "length"]
    prompt_tokens: int
    reply_tokens: int


class LanguageModel(Protocol):
    """Anything that continues a conversation."""

    @property
    def name(self) -> str:
        """What the user calls it: ``memory_only``, a folder's name, a hub id."""
        ...

    @property
    def context_size(self) -> int:
        """Tokens of prompt and reply together."""
        ...

    def count(self, text: str) -> int:
        """Tokens of ``text``."""
        ...

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Tokens of ``messages`` as the model will read them, chat template included."""
        ...

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        """Yield the reply in pieces; stop within one token once ``cancel`` is set. Raises ModelError.

        A generator may return :class:`Generated`; without it the reply is taken as complete and its tokens counted.
        """
        ...

    def close(self) -> None:
        """Free what the model holds."""
        ...
