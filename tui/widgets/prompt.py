"""Where the user writes: several lines, Enter sends, and the arrow keys at the edges walk through earlier words."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.memories.prompt_history import PromptHistory
from tui.messages import CompletionWanted, Submitted, TakeBackWanted
from tui.slash.completing import Offer
from tui.slash.parsing import split
from tui.slash.table import Command
from tui.text.pasted import Pasted
from tui.widgets.command_menu import CommandMenu
from tui.widgets.keys_in_order import KeysInOrder

INSTEAD = "In the place of your earlier words. Esc leaves them as they are."
UNANSWERED = "Not answered. Enter tries again, Esc leaves it."


class Chooser(Protocol):
    """What the arrows and Enter are for while nothing is written."""

    @property
    def is_attached(self) -> bool: ...

    def move(self, way: int) -> None: ...

    def take(self) -> None: ...


class Prompt(TextArea, KeysInOrder):
    """A text area that sends. A slash opens ``menu``; ``instead_of`` is the turn whose place the words will take."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", show=False, id="prompt.send"),
        Binding("ctrl+j,shift+enter", "newline", "New line", key_display="^j", show=False, id="prompt.newline"),
        Binding("up", "earlier", "Earlier words; what waits", show=False, id="prompt.earlier"),
        Binding("down", "later", "Later words (last line)", show=False, id="prompt.later"),
    ]

    def __init__(self, menu: CommandMenu) -> None:
        super().__init__(
            id="prompt",
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="Say something, or / for commands…",
        )
        self.past = PromptHistory()
        self.menu = menu
        self._pasted = Pasted()
        self.chooser: Chooser | None = None
        self.instead_of: str | None = None
        self.something_waits = False
        """Words of the user wait for their turn: Up in an empty prompt takes the last of them back."""

    def give_back(self, words: str) -> None:
        """Put words that came to nothing before what has been typed since."""
        typed = self.text
        words = self._pasted.folded(words)
        self.set_words(f"{words}\n{typed}" if typed.strip() else words)

    def set_words(self, words: str) -> None:
        self.text = words
        self.move_cursor(self.document.end)

    def insert_words(self, words: str) -> None:
        """Replace everything by ``words``, folded when they are long."""
        self.set_words(self._pasted.folded(words))

    def rewrite(self, words: str, turn: str) -> None:
        """Offer earlier words to be changed; what is sent then takes the place of ``turn``."""
        self._offer(words, turn, INSTEAD)
        self.focus()

    def try_again(self, words: str, turn: str) -> None:
        """Offer words that were kept and not answered. What has been typed since is more to the point."""
        if not self.text.strip():
            self._offer(words, turn, UNANSWERED)

    def _offer(self, words: str, turn: str, title: str) -> None:
        self.insert_words(words)
        self.instead_of, self.border_title = turn, title
        self.screen.refresh_bindings()  # Esc does something else now

    def stop_rewriting(self) -> bool:
        """False when nothing was being rewritten."""
        if self.instead_of is None:
            return False
        self.instead_of, self.border_title = None, ""
        self.clear()
        return True

    @property
    def words(self) -> str:
        """What is written, long pastes in full."""
        return self._pasted.unfolded(self.text)

    def complete(self, choice: Command | Offer) -> None:
        """Take a command, or what follows one, from the menu: a command at once when nothing can follow it."""
        if isinstance(choice, Offer):
            whole = f"{self.text.partition(' ')[0]} {choice.text}"
            self.menu.leave("" if choice.goes_on else whole)
            self.set_words(whole)
            self.focus()
        else:
            self._complete_command(choice)

    def _complete_command(self, command: Command) -> None:
        self.menu.leave("")
        if command.argument:
            self.set_words(f"/{command.name} ")
            self.focus()
        else:
            self.set_words(f"/{command.name}")
            self.action_send()

    def action_send(self) -> None:
        words = self.words
        if not words.strip():
            if chooser := self._choosing():
                chooser.take()
            return
        self.past.add(words)
        instead, self.instead_of, self.border_title = self.instead_of, None, ""
        self.clear()
        self.post_message(Submitted(words, instead))

    def action_newline(self) -> None:
        start, end = self.selection
        self._replace_via_keyboard("\n", start, end)

    def action_earlier(self) -> None:
        if chooser := self._choosing():
            chooser.move(-1)
        elif self.menu.display:
            self.menu.move(-1)
        elif self.something_waits and not self.text:
            self.post_message(TakeBackWanted())
        elif not self.cursor_at_first_line or (words := self.past.earlier(self.text)) is None:
            self.action_cursor_up()
        else:
            self.insert_words(words)
            self.move_cursor((0, len(self.document[0])))

    def action_later(self) -> None:
        if chooser := self._choosing():
            chooser.move(1)
        elif self.menu.display:
            self.menu.move(1)
        elif not self.cursor_at_last_line or (words := self.past.later()) is None:
            self.action_cursor_down()
        else:
            self.insert_words(words)

    def _choosing(self) -> Chooser | None:
        return self.chooser if self.chooser is not None and self.chooser.is_attached and not self.text else None

    def action_copy(self) -> None:
        if self.selected_text:
            super().action_copy()
        elif not self.screen.get_selected_text():
            self.app.action_help_quit()
        else:
            self.screen.action_copy_text()

    def _is_all_of(self, command: Command | Offer) -> bool:
        """Whether nothing has to follow what is written."""
        if isinstance(command, Offer):
            return False
        return not command.needs_argument and self.text[1:].lower() in (command.name, *command.aliases)

    def on_text_area_changed(self) -> None:
        self.menu.follow(self.text)
        if split(self.text) is not None:
            self.post_message(CompletionWanted(self.text))

    async def _on_key(self, event: events.Key) -> None:
        # A priority binding would run before the letters that are still in this widget's queue have arrived.
        breaks, sends = self.action_newline, self.action_send
        if event.key in ("enter", "tab"):
            self.menu.follow(self.text)  # what was typed quickly just before may not have been told yet
        act = {"enter": sends, "ctrl+j": breaks, "shift+enter": breaks}.get(event.key)
        chosen = self.menu.chosen
        if chosen is None and event.key == "tab" and self.menu.display:
            chosen = next(iter(self.menu.offers), None)
        if chosen is not None and (event.key == "tab" or (event.key == "enter" and not self._is_all_of(chosen))):
            act = lambda: self.complete(chosen)  # noqa: E731
        elif self.menu.display and event.key == "escape":
            act = lambda: self.menu.leave(self.text)  # noqa: E731
        if act is not None:
            event.stop()
            event.prevent_default()
            act()

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the base class's handler after this one, with the same event.
        event.text = self._pasted.folded(event.text)
