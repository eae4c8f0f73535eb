"""The vocabulary every front end consumes: what happens during one turn, as typed values.

A turn is ``Heard``, ``Recalled``, then any number of ``Thinking``, then of ``Token``, then ``Stored`` and ``Finished``;
or ``Failed`` at any point, after which nothing follows. ``Omitted`` may come after ``Recalled``, when something did not
fit the prompt. ``Replaced`` comes after ``Heard``, or after ``Stored``, when that took the place of earlier turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.citations import Citation
from memory_store.records import Recollections, Turn


@dataclass(frozen=True, slots=True)
class Heard:
    """The user's words are durable."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Recalled:
    """What came back, and which of it is in the prompt (ids of memories)."""

    recollections: Recollections
    in_prompt: frozenset[str]
    numbers: Mapping[str, int] = field(default_factory=dict)
    """Id of each memory listed in the prompt, pinned ones too -> the number the reply may cite it by."""


@dataclass(frozen=True, slots=True)
class Omitted:
    """What did not fit the model's budget. Said, never silently cut."""

    history_turns: int
    memories: int
    words_cut: bool
    detail: str
    """One line for a person."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of what the model thinks before it replies. Shown folded, never stored, never part of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the reply, to be appended to what came before. Not necessarily one token of the model."""

    text: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The reply (or the part that was said before a cancel) is durable."""

    turn: Turn
    citations: tuple[Citation, ...] = ()
    """The memories it names, in the order it names them."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """``turns`` were discarded (forgotten, restorable) together with the keeping of ``by``, which stands instead."""

    by: Turn
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and seconds of one reply."""

    prompt_tokens: int
    reply_tokens: int
    context_size: int
    first_token_s: float
    """Until the first piece, thought or reply."""
    total_s: float
    thought_s: float = 0.0
    """From the first piece of thought to the first of the reply."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The turn is over. ``reply`` is None when it was cancelled before its first word, or nothing is to be kept."""

    reply: Turn | None
    text: str
    reason: Literal["complete", "cancelled", "length"]
    usage: Usage
    citations: tuple[Citation, ...] = ()
    """As in :class:`Stored`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn could not be finished. The user's words are kept; so is what had been said of the reply."""

    message: str
    """One line that says what to do."""
    reply: Turn | None = None


Event = Heard | Recalled | Omitted | Thinking | Token | Stored | Replaced | Finished | Failed
