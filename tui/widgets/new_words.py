"""The mark that says: there is new text below what you look at."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Static


class NewWords(Static):
    """One line over the end of the transcript; a click goes there."""

    class Pressed(Message):
        """Go to the newest words, and follow them."""

    def __init__(self) -> None:
        super().__init__("↓ new text below · Ctrl+End", id="new-words", markup=False)
        self.display = False

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed())
