"""One line asked of the user, such as a new title."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.widgets.keys_in_order import Line


class AskLine(ModalScreen[str | None]):
    """Returns the line; None when it was left, empty or (unless ``keep_unchanged``) as it was."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave as it was", priority=True)]

    def __init__(self, title: str, value: str, *, keep_unchanged: bool = False) -> None:
        super().__init__()
        self._title, self._value, self._keep_unchanged = title, value, keep_unchanged

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Line(self._value, id="line")
            yield Static("Enter keeps it, Esc leaves it as it was.", classes="dialog-foot")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        line = event.value.strip()
        self.dismiss(line if line and (self._keep_unchanged or line != self._value) else None)
