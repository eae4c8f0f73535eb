"""What the session tells the screen. Plain values: they cross from the session's threads through a queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent.events import Event, Thinking, Token
from memory_store.records import Conversation, IndexState, Turn
from tui.talking.privacy import Privacy
from tui.talking.requests import LAST, AskKind

ModelPhase = Literal["waiting", "loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class ModelState:
    """What the language model is doing."""

    phase: ModelPhase
    name: str
    detail: str = ""
    fraction: float | None = None
    """0 to 1 while loading, where it is known."""
    leaves_to: str = ""
    """Where words go that leave this machine for it; empty when none do."""


@dataclass(frozen=True, slots=True)
class ConversationOpened:
    """``turns`` are all that was said in it so far; a new one has no ``conversation`` until the first words."""

    conversation: Conversation | None
    turns: tuple[Turn, ...]
    citations: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """Id of a reply -> number in it -> id of the memory it cites."""


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """The present conversation has begun, or was renamed."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class EarlierPrompts:
    """What the user said before, oldest first: the prompt's history."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How full the memory is and whether meaning is in step."""

    memories: int
    conversations: int
    index: IndexState
    encrypted: bool = False
    conflicts: int = 0
    """Contradictions that wait for the user's word."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The user said ``words``, or wants them answered again; what comes of it will be told as ``request``."""

    request: int
    words: str
    kind: AskKind = "said"
    target: str = LAST
    """As in :class:`tui.talking.requests.Ask`."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something happened in the reply to request number ``request``."""

    request: int
    event: Event


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Words that were taken back before anybody heard them."""

    request: int
    words: str


@dataclass(frozen=True, slots=True)
class SwitchesChanged:
    """What the conversation remembers and recalls from now on, and of which day."""

    privacy: Privacy
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to tell the user. ``fatal``: the app cannot go on."""

    message: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was done without being asked for at this moment."""

    message: str


Notice = (
    Asked
    | ModelState
    | ConversationOpened
    | ConversationChanged
    | EarlierPrompts
    | Status
    | Said
    | SwitchesChanged
    | Withdrawn
    | Problem
    | Told
)


def joined(notices: Iterable[Notice]) -> list[Notice]:
    """``notices`` with neighbouring tokens of one reply made one: the screen parses once, not once a token."""
    result: list[Notice] = []
    for notice in notices:
        last = result[-1] if result else None
        match last, notice:
            case Said(a, Token(before)), Said(b, Token(after)) if a == b:
                result[-1] = Said(a, Token(before + after))
            case Said(a, Thinking(before)), Said(b, Thinking(after)) if a == b:
                result[-1] = Said(a, Thinking(before + after))
            case _:
                result.append(notice)
    return result
