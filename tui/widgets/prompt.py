"""Where the user writes: several lines, Enter sends, and the arrow keys at the edges walk through earlier words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.messages import Submitted
from tui.pasted import Pasted

MOST_LINES = 8


class Chooser(Protocol):
    """What the arrows and Enter are for while nothing is written."""

    @property
    def is_attached(self) -> bool: ...

    def move(self, way: int) -> None: ...

    def take(self) -> None: ...


class Prompt(TextArea):
    """A text area that sends. Its history is a list of earlier words; the draft is kept while walking through it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send"),
        Binding("ctrl+j,shift+enter", "newline", "New line", key_display="^j", show=False),
        Binding("up", "earlier", "Earlier words (top line)", show=False),
        Binding("down", "later", "Later words (last line)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(
            id="prompt",
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="Say something…",
        )
        self._earlier: list[str] = []
        self._place = 0
        self._draft = ""
        self._pasted = Pasted()
        self.chooser: Chooser | None = None

    def know(self, words: Iterable[str]) -> None:
        """Take over what was said in former sittings, oldest first."""
        self._earlier = [*words, *self._earlier]
        self._place = len(self._earlier)

    def give_back(self, words: str) -> None:
        """Put words that came to nothing before what has been typed since."""
        typed = self.text
        words = self._pasted.folded(words)
        self.set_words(f"{words}\n{typed}" if typed.strip() else words)

    def set_words(self, words: str) -> None:
        self.text = words
        self.move_cursor(self.document.end)

    def action_send(self) -> None:
        words = self._pasted.unfolded(self.text)
        if not words.strip():
            if chooser := self._choosing():
                chooser.take()
            return
        if not self._earlier or self._earlier[-1] != words:
            self._earlier.append(words)
        self._place, self._draft = len(self._earlier), ""
        self.clear()
        self.post_message(Submitted(words))

    def action_newline(self) -> None:
        start, end = self.selection
        self._replace_via_keyboard("\n", start, end)

    def action_earlier(self) -> None:
        if chooser := self._choosing():
            chooser.move(-1)
            return
        if not self.cursor_at_first_line or self._place == 0:
            self.action_cursor_up()
            return
        if self._place == len(self._earlier):
            self._draft = self.text
        self._place -= 1
        self.set_words(self._pasted.folded(self._earlier[self._place]))
        self.move_cursor((0, len(self.document[0])))

    def action_later(self) -> None:
        if chooser := self._choosing():
            chooser.move(1)
            return
        if not self.cursor_at_last_line or self._place >= len(self._earlier):
            self.action_cursor_down()
            return
        self._place += 1
        at_draft = self._place == len(self._earlier)
        self.set_words(self._draft if at_draft else self._pasted.folded(self._earlier[self._place]))

    def _choosing(self) -> Chooser | None:
        return self.chooser if self.chooser is not None and self.chooser.is_attached and not self.text else None

    def action_copy(self) -> None:
        if self.selected_text:
            super().action_copy()
        else:
            self.app.action_help_quit()

    async def _on_key(self, event: events.Key) -> None:
        # A priority binding would run before the letters that are still in this widget's queue have arrived.
        breaks, sends = self.action_newline, self.action_send
        act = {"enter": sends, "ctrl+j": breaks, "shift+enter": breaks}.get(event.key)
        if act is not None:
            event.stop()
            event.prevent_default()
            act()

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the base class's handler after this one, with the same event.
        event.text = self._pasted.folded(event.text)
