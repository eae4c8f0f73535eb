"""Memories as rows: when, who, the words, and in a search how well they fit. Several can be selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from memory_store.records import Turn
from tui.messages import MemoryHighlighted, MoreWanted, SelectionChanged
from tui.text.names import NameOf
from tui.text.sanitise import one_line
from tui.text.wording import day
from tui.widgets.row_table import RowTable

NEAR_THE_END = 10
SELECTED, PINNED, FORGOTTEN = "●", "▲", "✕"


class MemoryTable(RowTable):
    """Space selects; what is selected stays so while the list shows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Details", show=False, id="memory.details"),
        Binding("space", "select", "Select", show=False, id="memory.select"),
        Binding("A", "select_all", "Select all, or none", show=False, id="memory.all"),
    ]

    def __init__(self, *, name_of: NameOf) -> None:
        super().__init__(id="memories")
        self._name_of = name_of
        self._memories: list[Turn] = []
        self._scores: Mapping[str, float] = {}
        self._selected: set[str] = set()

    @property
    def highlighted(self) -> Turn | None:
        """The memory under the cursor."""
        return self._memories[self.cursor_row] if 0 <= self.cursor_row < len(self._memories) else None

    @property
    def selected(self) -> list[Turn]:
        """The memories that were selected, in the order of the list."""
        return [memory for memory in self._memories if memory.id in self._selected]

    @property
    def shown(self) -> int:
        return len(self._memories)

    def show(self, memories: Sequence[Turn], scores: Mapping[str, float]) -> None:
        """Replace all rows. ``scores`` has those of the memories that were searched for."""
        self._memories, self._scores = list(memories), scores
        self._selected &= {memory.id for memory in memories}
        self.draw_anew()
        self.post_message(SelectionChanged())
        if not memories:
            self.post_message(MemoryHighlighted(None))

    def extend(self, memories: Sequence[Turn]) -> None:
        self._memories += memories
        for memory in memories:
            self.add_row(*self._cells(memory), key=memory.id)

    def replace(self, memory: Turn) -> None:
        """Show a memory that was changed as it is now."""
        place = self._place(memory.id)
        if place is not None:
            self._memories[place] = memory
            for column, cell in enumerate(self._cells(memory)):
                self.update_cell_at((place, column), cell)  # type: ignore[arg-type]

    def take_out(self, ids: Sequence[str]) -> None:
        """Take memories out of the list that are no more."""
        gone = set(ids)
        self.show([memory for memory in self._memories if memory.id not in gone], self._scores)

    def go_to(self, memory: str) -> bool:
        place = self._place(memory)
        if place is not None:
            self.move_cursor(row=place)
        return place is not None

    def select_none(self) -> None:
        self._select(set())

    def action_select(self) -> None:
        memory = self.highlighted
        if memory is not None:
            self._select(self._selected ^ {memory.id})
            self.move_cursor(row=self.cursor_row + 1)

    def action_select_all(self) -> None:
        everything = {memory.id for memory in self._memories}
        self._select(set() if self._selected == everything else everything)

    def on_click(self, event: events.Click) -> None:
        """The first column is for selecting."""
        place = event.style.meta
        if place.get("column") == 0 and 0 <= place.get("row", -1) < len(self._memories):
            event.stop()
            event.prevent_default()
            self._select(self._selected ^ {self._memories[place["row"]].id})

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(MemoryHighlighted(self.highlighted))
        if event.cursor_row >= len(self._memories) - NEAR_THE_END:
            self.post_message(MoreWanted())

    def _select(self, selected: set[str]) -> None:
        changed = self._selected ^ selected
        self._selected = selected
        for place, memory in enumerate(self._memories):
            if memory.id in changed:
                self.update_cell_at((place, 0), self._mark(memory))  # type: ignore[arg-type]
        self.post_message(SelectionChanged())

    def _place(self, id: str) -> int | None:
        return next((place for place, shown in enumerate(self._memories) if shown.id == id), None)

    def layout_key(self) -> object:
        return self.size.width, bool(self._scores)

    def draw(self) -> None:
        widths = {"": 2, "Said": 10, "By": 9, "Memory": 0, **({"Score": 5} if self._scores else {})}
        widths["Memory"] = self.room(*(width for width in widths.values() if width))
        for name, width in widths.items():
            self.add_column(Text(name), width=width)
        for memory in self._memories:
            self.add_row(*self._cells(memory), key=memory.id)

    def _mark(self, memory: Turn) -> Text:
        state = FORGOTTEN if memory.forgotten else PINNED if memory.pinned else " "
        return Text((SELECTED if memory.id in self._selected else " ") + state, style="bold")

    def _cells(self, memory: Turn) -> list[Text]:
        dim = "dim strike" if memory.forgotten else ""
        by = "note" if memory.is_note and memory.speaker == "user" else self._name_of(memory.speaker)
        cells = [
            self._mark(memory),
            Text(day(memory.said_at), style="dim"),
            Text(by, no_wrap=True, overflow="ellipsis"),
            Text(one_line(memory.text, limit=200), style=dim, no_wrap=True, overflow="ellipsis"),
        ]
        if self._scores:
            score = self._scores.get(memory.id)
            cells.append(Text("" if score is None else f"{score:.2f}", justify="right"))
        return cells
