"""Memories as rows: when, who, the words, and in a search how well they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from memory_store.records import Turn
from tui.messages import MemoryHighlighted, MoreWanted
from tui.names import NameOf
from tui.sanitise import one_line
from tui.wording import day

NEAR_THE_END = 10


class MemoryTable(DataTable[Text]):
    """Cells are Rich texts and never strings, which the table would read as markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Details", show=False),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "scroll_top", "Top", show=False),
        Binding("G", "scroll_bottom", "Bottom", show=False),
    ]

    def __init__(self, *, name_of: NameOf) -> None:
        super().__init__(id="memories", cursor_type="row", cell_padding=1, header_height=1)
        self._name_of = name_of
        self._memories: list[Turn] = []
        self._scores: Mapping[str, float] = {}
        self._columns_for = (0, False)

    @property
    def highlighted(self) -> Turn | None:
        """The memory under the cursor."""
        return self._memories[self.cursor_row] if 0 <= self.cursor_row < len(self._memories) else None

    @property
    def shown(self) -> int:
        return len(self._memories)

    def show(self, memories: Sequence[Turn], scores: Mapping[str, float]) -> None:
        """Replace all rows. ``scores`` has those of the memories that were searched for."""
        self._memories, self._scores = list(memories), scores
        self._draw()
        if not memories:
            self.post_message(MemoryHighlighted(None))

    def extend(self, memories: Sequence[Turn]) -> None:
        self._memories += memories
        for memory in memories:
            self.add_row(*self._cells(memory), key=memory.id)

    def replace(self, memory: Turn) -> None:
        """Show a memory that was changed as it is now."""
        for place, shown in enumerate(self._memories):
            if shown.id == memory.id:
                self._memories[place] = memory
                for column, cell in enumerate(self._cells(memory)):
                    self.update_cell_at((place, column), cell)  # type: ignore[arg-type]

    def go_to(self, memory: str) -> bool:
        place = next((n for n, shown in enumerate(self._memories) if shown.id == memory), None)
        if place is not None:
            self.move_cursor(row=place)
        return place is not None

    def on_resize(self, event: events.Resize) -> None:
        del event
        if self._columns_for != self._wanted_columns():
            here = self.cursor_row
            self._draw()
            self.move_cursor(row=here)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(MemoryHighlighted(self.highlighted))
        if event.cursor_row >= len(self._memories) - NEAR_THE_END:
            self.post_message(MoreWanted())

    def _wanted_columns(self) -> tuple[int, bool]:
        return self.size.width, bool(self._scores)

    def _draw(self) -> None:
        self._columns_for = width, scored = self._wanted_columns()
        self.clear(columns=True)
        widths = {"": 1, "Said": 10, "By": 9, **({"Score": 5} if scored else {})}
        padding = 2 * (len(widths) + 1) + 1
        widths["Memory"] = max(12, width - sum(widths.values()) - padding)
        for name in ("", "Said", "By", "Memory", *(["Score"] if scored else [])):
            self.add_column(Text(name), width=widths[name])
        for memory in self._memories:
            self.add_row(*self._cells(memory), key=memory.id)

    def _cells(self, memory: Turn) -> list[Text]:
        dim = "dim strike" if memory.forgotten else ""
        mark = "✕" if memory.forgotten else "▲" if memory.pinned else ""
        by = "note" if memory.is_note and memory.speaker == "user" else self._name_of(memory.speaker)
        cells = [
            Text(mark, style="bold"),
            Text(day(memory.said_at), style="dim"),
            Text(by, no_wrap=True),
            Text(one_line(memory.text, limit=200), style=dim, no_wrap=True, overflow="ellipsis"),
        ]
        if self._scores:
            score = self._scores.get(memory.id)
            cells.append(Text("" if score is None else f"{score:.2f}", justify="right"))
        return cells
