"""What a prune would take at each threshold of strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from tui.widgets.row_table import RowTable


class PruneTable(RowTable):
    """Enter asks for the prune under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Prune", id="timeline.choose")]

    def __init__(self) -> None:
        super().__init__(id="prune")
        self._rows: Sequence[tuple[float, int]] = ()
        self._considered = 0

    @property
    def highlighted(self) -> tuple[float, int] | None:
        """Threshold, and how many memories are weaker."""
        return self._rows[self.cursor_row] if 0 <= self.cursor_row < len(self._rows) else None

    def show(self, rows: Sequence[tuple[float, int]], considered: int) -> None:
        self._rows, self._considered = rows, considered
        self.draw_anew()

    def draw(self) -> None:
        for name, width in (("Weaker than", 11), ("A prune forgets", 15), ("Of them", 7)):
            self.add_column(Text(name, justify="right"), width=width)
        for weaker, taken in self._rows:
            share = f"{taken / max(1, self._considered):.0%}"
            self.add_row(*(Text(cell, justify="right") for cell in (f"{weaker:g}", f"{taken:,}", share)))
