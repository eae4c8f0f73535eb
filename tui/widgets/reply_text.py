"""Markdown that is only ever streamed into, and says when that may begin."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Markdown


class ReplyText(Markdown):
    """Starts empty: a Markdown that was given text ending inside a code fence mis-parses what is streamed after it."""

    class Ready(Message):
        """What is written from now on stays. Before, Textual's own mount handler would wipe it out."""

    def __init__(self) -> None:
        super().__init__(classes="turn-words", open_links=False)

    def on_mount(self) -> None:
        # Runs before the base class's handler of the same event; a callback runs after both.
        self.call_later(self.post_message, self.Ready())
