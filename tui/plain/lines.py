"""Lines in and out. At a terminal they can be edited, and commands completed; from a pipe they are echoed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tui.slash.parsing import begun
from tui.text.sanitise import clean

YOU, MORE = "You: ", "And: "


class Lines:
    """Standard input and output. What was typed is completed and recalled by readline, where there is one."""

    def __init__(self) -> None:
        self.at_terminal = sys.stdin.isatty()
        self._readline = _readline() if self.at_terminal else None
        if self._readline is not None:
            self._readline.set_completer_delims(" ")
            self._readline.set_completer(_completed)
            self._readline.parse_and_bind("tab: complete")

    def know(self, words: Iterable[str]) -> None:
        """What was said in former sittings, oldest first: the up key brings it back."""
        if self._readline is None:
            return
        for one in words:
            if "\n" not in one and len(one) < 2000:
                self._readline.add_history(clean(one))

    def read(self) -> str | None:
        """What the user says next; a line that ends in a backslash goes on. None at the end. Raises
        KeyboardInterrupt."""
        said = self._line(YOU)
        while said is not None and said.endswith("\\"):
            more = self._line(MORE)
            said = f"{said[:-1]}\n{more or ''}"
        return said

    def answer(self, question: str) -> str:
        """The first letter of what is answered; empty at the end of the input. Raises KeyboardInterrupt."""
        return (self._line(question) or "").strip().lower()[:1]

    def _line(self, label: str) -> str | None:
        try:
            line = input(label)
        except EOFError:
            self.say()
            return None
        if not self.at_terminal:
            print(clean(line), flush=True)
        return line

    def say(self, text: str = "") -> None:
        print(clean(text), flush=True)

    def write(self, text: str) -> None:
        """A piece of a line, clean already."""
        print(text, end="", flush=True)


def _readline() -> Any:
    try:
        import readline
    except ImportError:  # Windows
        return None
    return readline


def _completed(text: str, state: int) -> str | None:
    found = [f"/{command.name}" for command in begun(text)] if text.startswith("/") else []
    return found[state] if state < len(found) else None
