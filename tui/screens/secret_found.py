"""A question before a secret is written down."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from memory_store.episodic.screening import SecretsAnswer


class SecretFound(ModalScreen[SecretsAnswer | None]):
    """Returns what to do with it; None: back to writing."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "answer('redact')", "Leave it out"),
        Binding("k", "answer('keep')", "Keep it"),
        Binding("escape", "answer('')", "Back to writing"),
        Binding("left,right", "app.focus_next", "The other answer", show=False),
    ]

    def __init__(self, kinds: str) -> None:
        super().__init__()
        self._kinds = kinds

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("This looks like a secret", classes="dialog-title", markup=False)
            yield Static(
                f"{self._kinds}. What is said here is remembered for years, and put before the model again.",
                classes="dialog-detail",
                markup=False,
            )
            with Horizontal(classes="dialog-buttons"):
                yield Button("Back (esc)", id="back", compact=True)
                yield Button("Keep it (k)", id="keep", compact=True)
                yield Button("Leave it out (l)", id="redact", variant="primary", compact=True)

    def on_mount(self) -> None:
        self.query_one("#redact", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer("" if event.button.id == "back" else event.button.id or "")

    def action_answer(self, answer: str) -> None:
        self.dismiss("redact" if answer == "redact" else "keep" if answer == "keep" else None)
