"""Something said before, to be said again: found by any of its words."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.memories.prompt_history import PromptHistory
from tui.text.sanitise import one_line
from tui.widgets.keys_in_order import Line

TAKES = "Enter takes it, Esc leaves."
NOTHING = "Nothing that was said has these words. Esc leaves."


class EarlierWords(ModalScreen[str | None]):
    """Returns the words chosen; None when it was left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave", priority=True),
        Binding("down", "move(1)", "Older", priority=True),
        Binding("up", "move(-1)", "Newer", priority=True),
    ]

    def __init__(self, history: PromptHistory, query: str = "") -> None:
        super().__init__()
        self._history, self._query = history, query
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Static("Said before", classes="dialog-title", markup=False)
            yield Line(self._query, placeholder="Any of its words…", id="line", select_on_focus=False)
            yield OptionList(id="earlier-words", compact=True)
            yield Static(id="earlier-foot", classes="dialog-foot", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._show(self._query)
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def _show(self, query: str) -> None:
        self._found = self._history.matching(query)
        shown = self.query_one(OptionList)
        shown.set_options([Option(Content(one_line(words, limit=300))) for words in self._found])
        shown.highlighted = 0 if self._found else None
        self.query_one("#earlier-foot", Static).update(TAKES if self._found else NOTHING)

    def action_move(self, way: int) -> None:
        shown = self.query_one(OptionList)
        (shown.action_cursor_down if way > 0 else shown.action_cursor_up)()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        place = self.query_one(OptionList).highlighted
        if place is not None:  # else whoever types on and presses Enter again would say to the model what was searched
            self.dismiss(self._found[place])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index])
