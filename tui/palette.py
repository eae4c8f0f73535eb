"""What the command palette offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from tui.acting import ActingScreen

if TYPE_CHECKING:
    from tui.app import MnemeApp


def commands(app: MnemeApp, screen: Screen[object]) -> Iterator[SystemCommand]:
    """Everything that can be done from anywhere, then what belongs to the screen in front."""
    chat = app.chat
    yield SystemCommand("New conversation", "Begin an empty one; memories come along", lambda: app.resume(None))
    yield SystemCommand("Conversations", "Resume, rename or delete one", app.action_conversations)
    yield SystemCommand("Memories", "Search, correct, pin and forget", app.action_memories)
    yield SystemCommand("Timeline", "What was said when, what a prune would take", app.action_timeline)
    yield SystemCommand("Log", "What went wrong, and when", app.action_log)
    yield SystemCommand("Models", "Choose which one replies", app.action_models)
    yield SystemCommand("Recalled", "Show or hide what was recalled for a reply", chat.action_toggle_recalled)
    yield SystemCommand("Copy the last reply", "To the clipboard", chat.action_copy_last)
    yield SystemCommand("Light or dark", "Change between the two", app.action_toggle_dark)
    yield SystemCommand("Theme", "Choose among all themes", app.action_change_theme)
    if isinstance(screen, ActingScreen):
        yield SystemCommand("Undo", "Take the last change of the memory back", screen.action_undo)
    yield SystemCommand(
        "Screenshot", "Save a picture of the screen", lambda: app.set_timer(0.1, app.deliver_screenshot)
    )
    yield SystemCommand("Help", "All keys, and where everything lies", app.action_help)
    yield SystemCommand("Quit", "The conversation can be resumed", app.action_quit)
