"""The words of a script: one model for each kind of step. Every field here has its line in docs/replay.md."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from agent.replay.times import Length, parse_instant, parse_length
from memory_store.errors import InvalidInput
from memory_store.language.words import accepted


def _words(text: str) -> str:
    try:
        return accepted(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from None


def _name(text: str) -> str:
    if not _words(text).isprintable() or len(text) > 80:
        raise ValueError("a name is one line of at most 80 printable characters")
    return text.strip()


def _label(text: str) -> str:
    if not re.fullmatch(r"[\w-]{1,40}", text):
        raise ValueError(f"{text!r} is not a label; use up to 40 letters, digits, '-' and '_'")
    return text


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(_words(text))
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text; put it in quotes")
    return value


def _many(value: Any) -> Any:
    """One, or a list of at least one."""
    if value == []:
        raise ValueError("an empty list; name at least one")
    return value if isinstance(value, list) else [value]


Words = Annotated[str, BeforeValidator(_text), AfterValidator(_words)]
Name = Annotated[str, BeforeValidator(_text), AfterValidator(_name)]
Label = Annotated[str, BeforeValidator(_text), AfterValidator(_label)]
References = Annotated[tuple[Words, ...], BeforeValidator(_many)]
Phrases = Annotated[tuple[Words, ...], BeforeValidator(_many)]
Pattern = Annotated[re.Pattern[str], PlainValidator(lambda value: _pattern(_text(value)))]
Instant = Annotated[datetime, PlainValidator(lambda value: parse_instant(_text(value)))]
Duration = Annotated[Length, PlainValidator(lambda value: parse_length(_text(value)))]
Rank = Annotated[int, Field(ge=1, le=200)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """Any mapping of a script: no keys but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReplyExpectation(Part):
    """What the reply must say. Letter case counts in ``matches`` only."""

    contains: Phrases = ()
    does_not_contain: Phrases = ()
    matches: Pattern | None = None


class RecallExpectation(Part):
    """Which earlier turns come back: ``within`` the first so many, else among all that were recalled."""

    recalls: References = ()
    within: Rank | None = None
    does_not_recall: References = ()
    found: bool | None = None

    @model_validator(mode="after")
    def _within_what(self) -> RecallExpectation:
        if self.within is not None and not self.recalls:
            raise ValueError("'within' says how early 'recalls' must come; add 'recalls'")
        return self


class TurnExpectation(RecallExpectation):
    """What is recalled for a turn, and what is replied."""

    reply: ReplyExpectation | None = None


class PruneExpectation(Part):
    """What a prune forgets, and what it must not."""

    forgets: References = ()
    keeps: References = ()


class PruneCriteria(Part):
    """As in ``mneme memory prune``: a memory is pruned when it meets all that are given."""

    older_than: Duration | None = None
    weaker_than: Share | None = None
    keep_last: Annotated[int, Field(ge=0)] | None = None
    matching: Words | None = None
    similar: Share | None = None

    @model_validator(mode="after")
    def _some(self) -> PruneCriteria:
        if not self.model_fields_set:
            raise ValueError("say what to prune: " + ", ".join(PruneCriteria.model_fields))
        return self


class Action(Part):
    """One step. ``at`` or ``after`` moves the clock before it happens; a step of only that is a pause."""

    at: Instant | None = None
    after: Duration | None = None

    @model_validator(mode="after")
    def _one_clock(self) -> Action:
        if self.at is not None and self.after is not None:
            raise ValueError("'at' and 'after' in one step; keep one of them")
        return self


class Pause(Action):
    """Only the clock moves."""


class Say(Action):
    """Words to the agent, which replies."""

    say: Words
    speaker: Name = "user"
    label: Label | None = None
    expect: TurnExpectation | None = None


class Hear(Action):
    """Words that are remembered and get no reply; also what the assistant said in a recorded conversation."""

    hear: Words
    speaker: Name = "user"
    label: Label | None = None


class Note(Action):
    """A memory written down outside any conversation."""

    note: Words
    label: Label | None = None


class Converse(Action):
    """Begin the conversation of this name, or go back to it."""

    conversation: Name


class Edit(Action):
    """Correct what a memory says."""

    edit: Words
    to: Words


class Pin(Action):
    """Always in the prompt from here on."""

    pin: References


class Unpin(Action):
    """No longer always in the prompt."""

    unpin: References


class Forget(Action):
    """Hide, until restored."""

    forget: References


class Restore(Action):
    """Bring back what was forgotten."""

    restore: References


class Purge(Action):
    """Erase for good."""

    purge: References


class Prune(Action):
    """Forget all that meets the criteria."""

    prune: PruneCriteria
    expect: PruneExpectation | None = None


class Search(Action):
    """Recall without asking the model."""

    search: Words
    limit: Rank = 10
    expect: RecallExpectation | None = None


ACTIONS: dict[str, type[Action]] = {
    "say": Say,
    "hear": Hear,
    "note": Note,
    "conversation": Converse,
    "search": Search,
    "edit": Edit,
    "pin": Pin,
    "unpin": Unpin,
    "forget": Forget,
    "restore": Restore,
    "prune": Prune,
    "purge": Purge,
}
"""The key that makes a step what it is -> its model."""


class Header(Part):
    """What stands above the steps."""

    title: Name | None = None
    start: Instant | None = None
    steps: Annotated[list[Any], Field(min_length=1)]
