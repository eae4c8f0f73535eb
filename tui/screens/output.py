"""What a command printed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.text.sanitise import DISPLAY_LIMIT, clean, one_line


class OutputScreen(ModalScreen[None]):
    """Any of Esc, Enter and q leaves."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss", "Close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -page"):
            yield Static(one_line(self._title, limit=200), classes="dialog-title", markup=False)
            with VerticalScroll(classes="dialog-scroll"):
                yield Static(clean(self._text.rstrip(), limit=DISPLAY_LIMIT), markup=False)
            yield Static("Esc closes", classes="dialog-foot")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
