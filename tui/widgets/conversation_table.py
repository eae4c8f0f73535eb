"""Conversations as rows: title, how many turns, when they were last heard of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from memory_store.records import Conversation
from tui.text.sanitise import one_line
from tui.text.wording import day, minute
from tui.widgets.row_table import RowTable

PRESENT, BRANCH = "●", "↳"


class ConversationTable(RowTable):
    """The one on the chat screen is marked, and so are branches."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Resume", id="conversations.choose")]

    def __init__(self) -> None:
        super().__init__(id="conversations")
        self.present: str | None = None
        self.conversations: list[Conversation] = []

    @property
    def highlighted(self) -> Conversation | None:
        """The conversation under the cursor."""
        return self.conversations[self.cursor_row] if 0 <= self.cursor_row < len(self.conversations) else None

    def show(self, conversations: Sequence[Conversation]) -> None:
        self.conversations = list(conversations)
        self.draw_anew()

    def draw(self) -> None:
        wide = self.size.width >= 64
        said = 16 if wide else 10
        columns = {"": 1, "Title": self.room(1, 6, said), "Turns": 6, "Last said": said}
        for name, width in columns.items():
            self.add_column(Text(name, justify="right" if name == "Turns" else "left"), width=width)
        for one in self.conversations:
            mark = PRESENT if one.id == self.present else BRANCH if one.branched_from else ""
            self.add_row(
                Text(mark, style="bold"),
                Text(one_line(one.title, limit=300), no_wrap=True, overflow="ellipsis"),
                Text(f"{one.turns + one.shared:,}", justify="right"),
                Text(minute(one.updated_at) if wide else day(one.updated_at), style="dim"),
                key=one.id,
            )
