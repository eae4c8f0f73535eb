"""What may follow a slash: the commands that fit what is typed, above the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.slash.completing import Offer
from tui.slash.parsing import begun, split
from tui.slash.table import Command

NAME_WIDTH = 24


class CommandMenu(OptionList, can_focus=False):
    """Follows the prompt's text; the prompt's keys move in it and take from it."""

    def __init__(self) -> None:
        super().__init__(id="menu", compact=True)
        self._choices: list[Command | Offer] = []
        self._left = self._offered_for = ""
        self.display = False

    def follow(self, typed: str) -> None:
        """Show what ``typed`` may become; nothing where it is no beginning of a command, or the menu was left."""
        if typed != self._left and split(typed) is not None and not self.commands:
            if typed != self._offered_for:
                self.highlighted = None  # chosen for other words
            return  # what follows a command is looked up, and comes by offer()
        found = [] if typed == self._left else begun(typed)
        self._left = typed if typed == self._left else ""
        self._show(found, highlighted=0)

    def offer(self, typed: str, offers: Sequence[Offer]) -> None:
        """Show what may follow a command. None of it is chosen until one moves there: other words are as good."""
        if typed != self._left:
            self._left, self._offered_for = "", typed
            self._show(offers, highlighted=None)

    def _show(self, choices: Sequence[Command | Offer], *, highlighted: int | None) -> None:
        if list(choices) != self._choices:
            self._choices = list(choices)
            self.set_options([Option(row(one) if isinstance(one, Command) else offer_row(one)) for one in choices])
            self.highlighted = highlighted if choices else None
        self.display = bool(choices)

    @property
    def commands(self) -> Sequence[Command]:
        """The commands shown, best first."""
        return [one for one in self._choices if isinstance(one, Command)]

    @property
    def offers(self) -> Sequence[Offer]:
        """What is shown that may follow."""
        return [one for one in self._choices if isinstance(one, Offer)]

    def leave(self, typed: str) -> None:
        """Close until something else is typed."""
        self._left, self.display = typed, False
        self._choices = []

    def move(self, way: int) -> None:
        (self.action_cursor_down if way > 0 else self.action_cursor_up)()

    @property
    def chosen(self) -> Command | Offer | None:
        if not self.display or self.highlighted is None:
            return None
        return self._choices[self.highlighted]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        from tui.widgets.prompt import Prompt

        self.screen.query_one(Prompt).complete(self._choices[event.option_index])


def row(command: Command) -> Content:
    """``/pin MEMORY      keep a memory before the model, always``."""
    name = Content.assemble((f"/{command.name}", "bold $primary"), (f" {command.argument}".rstrip(), "$quiet"))
    return Content.assemble(name.pad_right(max(1, NAME_WIDTH - name.cell_length)), " ", (command.does, "$foreground"))


def offer_row(offer: Offer) -> Content:
    """``3    She is grey and called Miso.``."""
    text = Content.styled(offer.text, "bold $primary")
    return Content.assemble(text.pad_right(max(1, NAME_WIDTH - text.cell_length)), " ", (offer.says, "$foreground"))
