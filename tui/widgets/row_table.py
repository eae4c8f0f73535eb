"""What all tables of the app have in common: vim's keys, and columns that are laid out anew when the width changes."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import DataTable

_NOT_DIM = Style(dim=False)
"""What is said aside is hardly to be read on the cursor's colour."""


class RowTable(DataTable[Text]):
    """A row at a time is under the cursor. Cells are Rich texts and never strings, which would be read as markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("g", "scroll_top", "Top", show=False, id="list.top"),
        Binding("G", "scroll_bottom", "Bottom", show=False, id="list.bottom"),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, cursor_type="row", cell_padding=1, header_height=1)
        self._laid_out_for: object = None

    def draw(self) -> None:
        """Lay out columns and rows anew; to be written by each table."""
        raise NotImplementedError

    def layout_key(self) -> object:
        """What the columns depend on."""
        return self.size.width

    def draw_anew(self) -> None:
        """Draw everything; the cursor stays in its row."""
        here = self.cursor_row
        self._laid_out_for = self.layout_key()
        self.clear(columns=True)
        self.draw()
        self.move_cursor(row=max(0, min(here, self.row_count - 1)))

    def on_resize(self, event: events.Resize) -> None:
        del event
        if self._laid_out_for != self.layout_key():
            self.draw_anew()

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if y < self.header_height or y - self.header_height + round(self.scroll_y) != self.cursor_row:
            return strip
        return Strip(Segment.apply_style(strip, post_style=_NOT_DIM), strip.cell_length)

    def room(self, *widths: int) -> int:
        """Cells that are left for the one column that takes what there is, beside columns of these ``widths``."""
        padding = 2 * (len(widths) + 1) + 1
        return max(12, self.size.width - sum(widths) - padding)
