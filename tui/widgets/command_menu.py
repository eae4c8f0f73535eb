"""What may follow a slash: the commands that fit what is typed, above the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.slash.parsing import begun
from tui.slash.table import Command

NAME_WIDTH = 24


class CommandMenu(OptionList, can_focus=False):
    """Follows the prompt's text; the prompt's keys move in it and take from it."""

    def __init__(self) -> None:
        super().__init__(id="menu", compact=True)
        self._commands: list[Command] = []
        self._left = ""
        self.display = False

    def follow(self, typed: str) -> None:
        """Show what ``typed`` may become; nothing where it is no beginning of a command, or the menu was left."""
        found = [] if typed == self._left else begun(typed)
        self._left = typed if typed == self._left else ""
        if found != self._commands:
            self._commands = found
            self.set_options([Option(row(command)) for command in found])
            self.highlighted = 0 if found else None
        self.display = bool(found)

    @property
    def commands(self) -> Sequence[Command]:
        """Those shown, best first."""
        return self._commands

    def leave(self, typed: str) -> None:
        """Close until something else is typed."""
        self._left, self.display = typed, False
        self._commands = []

    def move(self, way: int) -> None:
        (self.action_cursor_down if way > 0 else self.action_cursor_up)()

    @property
    def chosen(self) -> Command | None:
        if not self.display or self.highlighted is None:
            return None
        return self._commands[self.highlighted]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        from tui.widgets.prompt import Prompt

        self.screen.query_one(Prompt).complete(self._commands[event.option_index])


def row(command: Command) -> Content:
    """``/pin MEMORY      keep a memory before the model, always``."""
    name = Content.assemble((f"/{command.name}", "bold $primary"), (f" {command.argument}".rstrip(), "$quiet"))
    return Content.assemble(name.pad_right(max(1, NAME_WIDTH - name.cell_length)), " ", (command.does, "$foreground"))
