"""A memory's words, to be corrected."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from tui.widgets.keys_in_order import Lines


class EditText(ModalScreen[str | None]):
    """Returns the new words; None when nothing is to be changed."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("escape", "dismiss", "Leave as it was", priority=True),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Lines(self._text, soft_wrap=True, tab_behavior="focus", id="edit-words")
            yield Static("Ctrl+S saves, Esc leaves it as it was. The present wording is kept.", classes="dialog-foot")

    def on_mount(self) -> None:
        words = self.query_one(TextArea)
        words.move_cursor(words.document.end)
        words.focus()

    def action_save(self) -> None:
        text = self.query_one(TextArea).text
        if not text.strip():
            self.notify("Empty words cannot be kept. To hide a memory, forget it.", severity="warning", markup=False)
            return
        self.dismiss(text if text != self._text else None)
