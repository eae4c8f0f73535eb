"""Contradictions as rows: when, what was said last, and what it contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from memory_store.records import Conflict
from tui.text.sanitise import one_line
from tui.text.wording import day
from tui.widgets.row_table import RowTable

MARKS = {"open": "?", "newer": "→", "both": "=", "dismissed": "✕"}


class ConflictTable(RowTable):
    """The newest statement first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open its conversation", show=False, id="conflicts.open")
    ]

    def __init__(self) -> None:
        super().__init__(id="conflicts")
        self.conflicts: list[Conflict] = []

    @property
    def highlighted(self) -> Conflict | None:
        """The one under the cursor."""
        return self.conflicts[self.cursor_row] if 0 <= self.cursor_row < len(self.conflicts) else None

    def show(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = list(conflicts)
        self.draw_anew()

    def draw(self) -> None:
        room = self.room(1, 10)
        wide = self.size.width >= 96
        self.add_column("", width=1)
        self.add_column("Said", width=10)
        self.add_column("Now", width=(room - 2) // 2 if wide else room)
        if wide:
            self.add_column("Before", width=(room - 2) // 2)
        for one in self.conflicts:
            words = [one.newer.text, one.older.text] if wide else [one.newer.text]
            cells = [MARKS[one.state], day(one.newer.said_at), *(one_line(text, limit=200) for text in words)]
            style = "" if one.state == "open" else "dim"
            self.add_row(*(Text(cell, style=style, no_wrap=True, overflow="ellipsis") for cell in cells))
