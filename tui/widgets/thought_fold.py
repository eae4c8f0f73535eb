"""What a model thought before it replied: one folded line that can be opened, never part of the reply."""

from __future__ import annotations

from textual.widgets import Collapsible, Static

from tui.talking.entries import Entry
from tui.text.sanitise import DISPLAY_LIMIT, clean


class ThoughtFold(Collapsible):
    """Shows an entry's thought. Drawn only while open: a long thought comes in thousands of pieces."""

    def __init__(self, entry: Entry) -> None:
        self._words = Static("", markup=False)
        super().__init__(self._words, title=title_of(entry), collapsed=True, classes="turn-thought")
        self._entry = entry

    def refresh_thought(self) -> None:
        """There is more of it, or it is over."""
        self.title = title_of(self._entry)
        if not self.collapsed:
            self._words.update(clean(self._entry.thought.strip(), limit=DISPLAY_LIMIT))

    def on_collapsible_expanded(self) -> None:
        self.refresh_thought()


def title_of(entry: Entry) -> str:
    """``thinking…`` while it goes on, then how long it took."""
    if entry.thought_s is None:
        return "thinking…"
    return f"thought for {entry.thought_s:.0f} s" if entry.thought_s >= 1 else "thought for a moment"
