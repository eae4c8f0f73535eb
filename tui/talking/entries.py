"""The transcript's own record of what is on it: turns already said, and the ones that are being said now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from memory_store.records import Turn
from tui.talking.recalled import RecalledSet, summary

EntryState = Literal["settled", "queued", "reading", "writing", "partial", "failed"]

AGENT = "assistant"
"""The speaker of the agent's own turns."""


@dataclass(slots=True)
class Entry:
    """One turn on the transcript. It outlives its widget, which is unmounted when it scrolls far away."""

    speaker: str
    text: str
    said_at: datetime | None = None
    state: EntryState = "settled"
    request: int | None = None
    turn: Turn | None = None
    recalled: RecalledSet | None = None
    recalled_said: str = ""
    """What is said below it of what was recalled, once that itself was let go of."""
    remark: str = ""
    thought: str = ""
    """What the model thought first: shown folded, kept nowhere."""
    thought_s: float | None = None
    """How long it thought; None while it does."""
    cited: Mapping[int, str] = field(default_factory=dict)
    """Number in a reply -> id of the memory it cites by it."""

    @property
    def is_reply(self) -> bool:
        return self.speaker == AGENT

    @property
    def is_live(self) -> bool:
        return self.state in ("queued", "reading", "writing")

    def let_go(self) -> None:
        """Nobody looks at it. What was recalled for a reply is some ten times as long as the reply, and can be read
        again."""
        if self.recalled is not None and self.turn is not None and not self.is_live:
            self.recalled_said, self.recalled = summary(self.recalled), None


def from_turn(turn: Turn, cited: Mapping[int, str] | None = None) -> Entry:
    state: EntryState = "partial" if turn.status == "partial" else "settled"
    return Entry(turn.speaker, turn.text, turn.said_at, state, turn=turn, cited=cited or {})
