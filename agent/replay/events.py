"""What happens during a replay, as typed values. Every id in them is a label of the script, so that the same script
says the same thing every time; no value holds wall time.

A memory that the script did not make (``--keep`` on a profile that remembers already) keeps its own id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Shown:
    """A recollection as a report shows it."""

    id: str
    conversation: str | None
    speaker: str
    text: str
    said_at: str
    score: float
    reasons: Mapping[str, float]
    in_prompt: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """The base of all: which step, on which line, when by the script's clock (ISO 8601, UTC)."""

    event: ClassVar[str] = ""
    step: int
    line: int
    at: str


@dataclass(frozen=True, slots=True)
class TimePassed(Happened):
    """The clock moved. ``passed`` is how the script put it: ``3 weeks``; empty for an absolute date."""

    event: ClassVar[str] = "time"
    passed: str


@dataclass(frozen=True, slots=True)
class InConversation(Happened):
    """From here on, turns go into this conversation. ``back``: it was begun before."""

    event: ClassVar[str] = "conversation"
    conversation: str
    back: bool


@dataclass(frozen=True, slots=True)
class Spoken(Happened):
    """Words are kept. ``conversation`` None: a note."""

    event: ClassVar[str] = "spoken"
    id: str
    conversation: str | None
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class CameBack(Happened):
    """What was recalled for a turn, best first. ``found``: something relevant, by recall's own
    measure of confidence."""

    event: ClassVar[str] = "recalled"
    query: str
    recalled: tuple[Shown, ...]
    found: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Searched(CameBack):
    """What a ``search`` brought back; no model was asked."""

    event: ClassVar[str] = "searched"


@dataclass(frozen=True, slots=True)
class LeftOut(Happened):
    """What did not fit the prompt."""

    event: ClassVar[str] = "omitted"
    message: str


@dataclass(frozen=True, slots=True)
class Replied(Happened):
    """What the model said."""

    event: ClassVar[str] = "replied"
    id: str
    text: str
    reason: str
    prompt_tokens: int
    reply_tokens: int
    citations: Mapping[str, str] = field(default_factory=dict)
    """Number in the prompt -> the label of the memory that the reply cites by it."""


@dataclass(frozen=True, slots=True)
class Changed(Happened):
    """A memory command was done. ``verb`` is the script's word."""

    event: ClassVar[str] = "changed"
    verb: str
    ids: tuple[str, ...]
    text: str = ""
    """The new wording of an edit."""


@dataclass(frozen=True, slots=True)
class Pruned(Happened):
    """What a prune forgot, each with its reason."""

    event: ClassVar[str] = "pruned"
    forgotten: Mapping[str, str]
    considered: int


@dataclass(frozen=True, slots=True)
class Checked(Happened):
    """An expectation was looked at. ``line`` is its own."""

    event: ClassVar[str] = "checked"
    expectation: str
    holds: bool
    detail: str
    """What was seen instead; empty when it holds."""


@dataclass(frozen=True, slots=True)
class WentWrong(Happened):
    """A step could not be done. The replay goes on with the next."""

    event: ClassVar[str] = "failed"
    message: str


ReplayEvent = (
    TimePassed
    | InConversation
    | Spoken
    | CameBack
    | Searched
    | LeftOut
    | Replied
    | Changed
    | Pruned
    | Checked
    | WentWrong
)


@dataclass(slots=True)
class Run:
    """One script, run once: what every report is made from."""

    source: str
    title: str
    model: str
    memory: bool
    seed: int
    events: list[ReplayEvent] = field(default_factory=list)

    @property
    def checks(self) -> list[Checked]:
        return [event for event in self.events if isinstance(event, Checked)]

    @property
    def failures(self) -> list[Checked | WentWrong]:
        """Expectations that do not hold and steps that could not be done."""
        return [e for e in self.events if isinstance(e, WentWrong) or (isinstance(e, Checked) and not e.holds)]

    @property
    def ok(self) -> bool:
        return not self.failures
