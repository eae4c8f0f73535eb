"""A form for the filters of the memory screen: who, in which conversation, when, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select, Static

from memory_store.errors import MnemeError
from tui.memories.memory_filters import SORTS, parsed, values, with_value
from tui.memories.memory_queries import Choices, choices
from tui.text.sanitise import one_line
from tui.text.wording import day
from tui.widgets.keys_in_order import Line

if TYPE_CHECKING:
    from memory_store import MemoryStore

FIELDS = ("by", "in", "after", "before", "sort")


@dataclass
class ChoicesRead(Message):
    """Speakers and conversations are back."""

    choices: Choices


class FilterMemories(ModalScreen[str | None]):
    """Returns the search line with the filters in it; None when it was left. The words in it are untouched."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave as it was", priority=True),
        Binding("ctrl+s", "take", "Filter", priority=True),
    ]

    def __init__(self, line: str, store: MemoryStore | None) -> None:
        super().__init__()
        self._line, self._store = line, store

    def compose(self) -> ComposeResult:
        given = values(self._line)
        with Vertical(classes="dialog -form"):
            yield Static("Show only", classes="dialog-title")
            yield from self._row("Said by", Select[str]([], prompt="anybody", id="filter-by", compact=True))
            yield from self._row("In", Select[str]([], prompt="any conversation", id="filter-in", compact=True))
            for name, label in (("after", "Since"), ("before", "Before")):
                hint = "2026-05-01, or 3 weeks ago"
                box = Line(given.get(name, ""), placeholder=hint, id=f"filter-{name}", compact=True)
                yield from self._row(label, box)
            orders: list[tuple[str, str]] = [(f"{order} first", order) for order in SORTS]
            chosen = given.get("sort", "")
            sort = Select(orders, prompt="as usual", value=chosen if chosen in SORTS else Select.NULL, compact=True)
            sort.id = "filter-sort"
            yield from self._row("Order", sort)
            yield Static("", id="filter-problem", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Clear", id="clear", compact=True)
                yield Button("Filter (^s)", id="take", variant="primary", compact=True)

    def _row(self, label: str, field: Select[str] | Input) -> ComposeResult:
        with Horizontal(classes="form-row"):
            yield Label(label)
            yield field

    def on_mount(self) -> None:
        self.query_one("#filter-by", Select).focus()
        store = self._store
        if store is None:
            return

        def read() -> None:
            try:
                self.post_message(ChoicesRead(choices(store)))
            except MnemeError as error:
                self.app.notify(one_line(str(error)), severity="error", markup=False)

        self.run_worker(read, thread=True, exit_on_error=False)

    def on_choices_read(self, message: ChoicesRead) -> None:
        message.stop()
        found, given = message.choices, values(self._line)
        by, within = self.query_one("#filter-by", Select), self.query_one("#filter-in", Select)
        by.set_options(
            (Content(f"{one_line(name, limit=30)}  {said:,}"), name) for name, said in found.speakers.items()
        )
        within.set_options(
            (Content(f"{day(one.updated_at)}  {one_line(one.title, limit=60)}"), one.id) for one in found.conversations
        )
        speaker = next((name for name in found.speakers if name.casefold() == given.get("by", "").casefold()), None)
        if speaker is not None:
            by.value = speaker
        conversation = given.get("in", "")
        where = next((one.id for one in found.conversations if conversation and one.id.startswith(conversation)), None)
        if where is not None:
            within.value = where

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "take":
            self.action_take()
        else:
            for name in FIELDS:
                self._line = with_value(self._line, name, "")
            self.dismiss(self._line)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        line = self._line
        for name in FIELDS:
            line = with_value(line, name, self._value(name))
        try:
            parsed(line, "all")
        except MnemeError as error:
            self.query_one("#filter-problem", Static).update(one_line(str(error)))
        else:
            self.dismiss(line)

    def _value(self, name: str) -> str:
        field = self.query_one(f"#filter-{name}")
        if isinstance(field, Input):
            return field.value.strip()
        value = field.value if isinstance(field, Select) else Select.NULL
        return value if isinstance(value, str) else ""
