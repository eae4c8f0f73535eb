"""What the command palette offers: the commands of the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from tui.memories.acting import ActingScreen
from tui.slash.table import COMMANDS, Command

if TYPE_CHECKING:
    from tui.app import MnemeApp


def commands(app: MnemeApp, screen: Screen[object]) -> Iterator[SystemCommand]:
    """Every command; one that needs an argument is begun in the prompt."""
    for command in COMMANDS:
        if command.name != "undo":
            yield SystemCommand(title(command), command.does, lambda command=command: run(app, command))
    if isinstance(screen, ActingScreen):
        yield SystemCommand("Undo", "take the last change of the memory back", screen.action_undo)
    yield SystemCommand(
        "Screenshot", "save a picture of the screen", lambda: app.set_timer(0.1, app.deliver_screenshot)
    )


def title(command: Command) -> str:
    return command.name[:1].upper() + command.name[1:]


def run(app: MnemeApp, command: Command) -> None:
    """From whichever screen is in front."""
    chat = app.chat
    if command.anywhere:
        app.call_later(app.run_action, command.name)
        return
    while app.screen is not chat and len(app.screen_stack) > 1:
        app.pop_screen()
    if command.needs_argument:
        chat.prompt.set_words(f"/{command.name} ")
        chat.prompt.focus()
    else:
        chat.action_command(command.name)
