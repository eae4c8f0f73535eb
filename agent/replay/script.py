"""A script as it will be run: its steps with their lines, the instant of each, and a label for every turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.replay.source import Place
from agent.replay.vocabulary import Action

DEFAULT_START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
"""Where the clock stands when a script does not say."""
FIRST_CONVERSATION = "conversation 1"
"""Where turns go before the script names a conversation."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``label`` is the turn's own, or ``#3`` for the third turn; empty for a step that says nothing."""

    number: int
    """From 1."""
    line: int
    at: datetime
    action: Action
    label: str = ""
    lines: Mapping[Place, int] = field(default_factory=dict)
    """Keys inside the step -> their lines."""

    def line_of(self, *place: str | int) -> int:
        """The line of a key inside the step, for naming an expectation."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, self.line)


@dataclass(frozen=True, slots=True)
class Script:
    """A script that was read and found whole."""

    source: str
    """The path, as it was given."""
    title: str
    start: datetime
    steps: tuple[Step, ...]


def reply_label(label: str) -> str:
    """What the reply to a turn is called."""
    return f"{label}.reply"
