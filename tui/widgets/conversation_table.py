"""Conversations as rows: title, how many turns, when they were last heard of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from memory_store.records import Conversation
from tui.sanitise import one_line
from tui.wording import minute


class ConversationTable(DataTable[Text]):
    """The one on the chat screen is marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Resume"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "scroll_top", "Top", show=False),
        Binding("G", "scroll_bottom", "Bottom", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="conversations", cursor_type="row", cell_padding=1)
        self.present: str | None = None
        self.conversations: list[Conversation] = []
        self._drawn_for = 0

    @property
    def highlighted(self) -> Conversation | None:
        """The conversation under the cursor."""
        return self.conversations[self.cursor_row] if 0 <= self.cursor_row < len(self.conversations) else None

    def show(self, conversations: Sequence[Conversation]) -> None:
        here = self.cursor_row
        self.conversations = list(conversations)
        self._draw()
        self.move_cursor(row=min(here, len(conversations) - 1))

    def on_resize(self, event: events.Resize) -> None:
        del event
        if self._drawn_for != self.size.width:
            here = self.cursor_row
            self._draw()
            self.move_cursor(row=here)

    def _draw(self) -> None:
        self._drawn_for = self.size.width
        self.clear(columns=True)
        widths = {"": 1, "Title": 0, "Turns": 6, "Last said": 16}
        widths["Title"] = max(12, self.size.width - sum(widths.values()) - 2 * len(widths) - 1)
        for name, width in widths.items():
            self.add_column(Text(name, justify="right" if name == "Turns" else "left"), width=width)
        for one in self.conversations:
            self.add_row(
                Text("●" if one.id == self.present else "", style="bold"),
                Text(one_line(one.title, limit=300), no_wrap=True, overflow="ellipsis"),
                Text(f"{one.turns:,}", justify="right"),
                Text(minute(one.updated_at), style="dim"),
                key=one.id,
            )
