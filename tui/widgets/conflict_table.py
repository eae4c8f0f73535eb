"""Contradictions as rows, one for each thing: when it was last spoken of, how it changed, and what was said last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from memory_store.records import ConflictChain
from tui.text.sanitise import one_line
from tui.text.wording import change_of, day
from tui.widgets.row_table import RowTable

MARKS = {"open": "?", "newer": "→", "both": "=", "dismissed": "✕"}


class ConflictTable(RowTable):
    """The newest statement first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open its conversation", show=False, id="conflicts.open")
    ]

    def __init__(self) -> None:
        super().__init__(id="conflicts")
        self.chains: list[ConflictChain] = []

    @property
    def highlighted(self) -> ConflictChain | None:
        """The one under the cursor."""
        return self.chains[self.cursor_row] if 0 <= self.cursor_row < len(self.chains) else None

    def show(self, chains: Sequence[ConflictChain]) -> None:
        self.chains = list(chains)
        self.draw_anew()

    def draw(self) -> None:
        room = self.room(1, 10)
        wide = self.size.width >= 96
        self.add_column("", width=1)
        self.add_column("Said", width=10)
        self.add_column("What changed", width=(room - 2) // 2 if wide else room)
        if wide:
            self.add_column("Now", width=(room - 2) // 2)
        for one in self.chains:
            now = one.statements[-1][0]
            change = change_of([value for _, value in one.statements]) or now.text
            words = [change, now.text] if wide else [change]
            cells = [MARKS[one.state], day(now.said_at), *(one_line(text, limit=200) for text in words)]
            style = "" if one.state == "open" else "dim"
            self.add_row(*(Text(cell, style=style, no_wrap=True, overflow="ellipsis") for cell in cells))
