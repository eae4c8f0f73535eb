"""What the screen calls people: the user and the agent by the names they go by here, everybody else by their own."""

from __future__ import annotations

from collections.abc import Callable

from tui.talking.entries import AGENT
from tui.text.sanitise import one_line

NameOf = Callable[[str], str]
LONGEST = 40


def names(user_name: str) -> NameOf:
    """Speaker -> the name to show, on one line."""
    known = {AGENT: "mneme", "user": user_name}

    def name_of(speaker: str) -> str:
        return one_line(known.get(speaker, speaker), limit=LONGEST)

    return name_of
