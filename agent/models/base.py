"""What a language model is, to the rest of mneme: one small Protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from memory_store.records import Recollections, Turn

if TYPE_CHECKING:
    from memory_store.embedding.base import Vectors

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
class MemoryVectors:
    """What the memories of a prompt mean: id -> float32, shape (dimensions,). ``embedder``: the fingerprint of the one
    that made them. A memory that was just written down may have none yet."""

    embedder: str
    rows: Mapping[str, Vectors]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given for one reply. ``messages`` is all that a language model reads; the rest is the same
    content before it was put into words, for a model that needs no words (memory_only)."""

    messages: tuple[Message, ...]
    words: str
    recalled: Recollections = field(default_factory=Recollections)
    """Only what is in the prompt, best first."""
    memories: tuple[Turn, ...] = ()
    """The memories listed in it, in the order of their numbers, from 1: pinned ones, then recalled ones."""
    vectors: MemoryVectors | None = field(default=None, compare=False)
    """Of ``memories``; only for a model whose ``wants_vectors`` is true."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``temperature`` 0 means greedy."""

    temperature: float = 0.7
    top_p: float = 0.95
    max_new_tokens: int = 512
    seed: int | None = None
    top_k: int = 0
    """Sample from this many of the likeliest tokens; 0: from all."""
    min_p: float = 0.0
    """Leave out tokens less likely than this share of the likeliest one's chance."""
    repetition_penalty: float = 1.0
    """Above 1: tokens of the reply so far become less likely."""
    max_thought_tokens: int = 2048
    """A thought longer than this is ended, so that a reply comes."""


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of what a model thinks before it replies: shown folded, never part of the reply."""

    text: str


Piece = str | Thought
"""What a stream yields: text of the reply, or of a thought before it."""


Ending = Literal["complete", "cancelled", "length"]


@dataclass(frozen=True, slots=True)
class Generated:
    """How a stream ended: what a generator of pieces may return (``StopIteration.value``)."""

    reason: Ending
    prompt_tokens: int
    reply_tokens: int
    thought_tokens: int = 0
    reused_tokens: int = field(default=0, compare=False)
    """Of the prompt: those that did not have to be read again."""


class Insight(Protocol):
    """What an :class:`OutputMemory` may ask of the model that is about to reply. Tensors are torch's."""

    def ids(self, text: str) -> list[int]:
        """``text`` as the model's tokens, none added."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The text that each of ``ids`` adds; empty where a character is not yet whole."""
        ...

    def hidden_states(self, ids: Sequence[int]) -> Any:
        """The states a third of the way up over ``ids`` read alone, shape (tokens, width).
        Leaves the conversation's attention cache as it is. Raises ModelError when cancelled or out of memory."""
        ...


def wants_vectors(model: object) -> bool:
    """Whether ``model`` makes something of ``Prompt.vectors``."""
    return bool(getattr(model, "wants_vectors", False))


@runtime_checkable
class ReadsAhead(Protocol):
    """A language model that can use the time in which nobody waits."""

    @property
    def can_read_ahead(self) -> bool:
        """Whether it is ready to, and gains by it."""
        ...

    def read_ahead(self, messages: Sequence[Message], cancel: threading.Event) -> None:
        """Read the beginning of the next prompt: ``messages``, the last of which will go on. Stops within one token
        once ``cancel`` is set. Raises ModelError."""
        ...


Adjust = Callable[[Any, Any], Any]
"""(logits, shape (vocabulary,); the hidden state there, a third of the way up, shape (width,)) -> logits to choose
from."""


class OutputMemory(Protocol):
    """Has its say in every next token: a logits processor that also sees the hidden state. Only models in process
    can have one. Nothing it does may change the logits it was given; it returns others."""

    def begin(self, prompt: Prompt, model: Insight) -> Adjust | None:
        """Called before each reply, in the thread that makes it; None: no say in this one."""
        ...


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

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[Piece]:
        """Yield the reply in pieces; stop within one token once ``cancel`` is set. Raises ModelError.

        A model that thinks first yields ``Thought`` pieces before the reply's. A generator may return
        :class:`Generated`; without it the reply is taken as complete and its tokens counted.
        """
        ...

    def close(self) -> None:
        """Free what the model holds."""
        ...
