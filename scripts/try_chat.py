"""Use the app as a person would, through a pseudo-terminal: tell it something, quit, come back and ask.

    python3 scripts/try_chat.py make chat

Standard library only. Prints what it saw when something does not come; exit code 1 then. CI runs it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

BUILDING_S = 900
"""Building comes first, when the command is `make chat` in a new clone."""
PATIENCE_S = 60
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL)
CTRL_Q = b"\x11"


class Terminal:
    """A command on an 80 by 24 terminal."""

    def __init__(self, command: list[str]) -> None:
        self._seen = b""
        self._looked = 0
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
            os.execvp(command[0], command)  # noqa: S606
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    @property
    def text(self) -> str:
        """All that was ever shown, without the escape sequences."""
        return ESCAPES.sub(" ", self._seen.decode("utf-8", "replace"))

    def wait_for(self, pattern: str, patience: float = PATIENCE_S) -> None:
        """Read until ``pattern`` is shown by what came since the last call. Exits with what was seen."""
        deadline = time.monotonic() + patience
        while True:
            text = self.text
            if found := re.search(pattern, text[self._looked :]):
                self._looked += found.end()
                print(f"try_chat: saw {found[0]!r}", flush=True)
                return
            if time.monotonic() > deadline or not self._read(deadline):
                sys.exit(f"try_chat: {pattern!r} was never shown. The screen, in order:\n{text[-4000:]}")

    def say(self, words: str) -> None:
        """Type ``words``, and Enter once they are on the screen: all in one go would be a paste."""
        os.write(self._fd, words.encode())
        self.wait_for(re.escape(words))
        self.press(b"\r")

    def press(self, key: bytes) -> None:
        os.write(self._fd, key)

    def end(self) -> int:
        """Read to the end; the command's exit code."""
        while self._read(time.monotonic() + PATIENCE_S):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))
        try:
            piece = os.read(self._fd, 65536) if ready else b""
        except OSError:  # Linux says so when the other side has closed
            piece = b""
        self._seen += piece
        return bool(piece)


def visit(command: list[str], words: str, answer: str) -> None:
    """Open the app, say ``words``, see ``answer``, and leave. Exits when anything else happens."""
    terminal = Terminal(command)
    terminal.wait_for("memory_only", BUILDING_S)
    terminal.say(words)
    terminal.wait_for(answer)
    terminal.press(CTRL_Q)
    code = terminal.end()
    if code:
        sys.exit(f"try_chat: the app ended with exit code {code}")


def main() -> None:
    command = sys.argv[1:]
    visit(command, "My bicycle is called Esmeralda.", "Noted")
    visit(command, "What is my bicycle called?", "Esmeralda")
    print("try_chat: it remembered")


if __name__ == "__main__":
    main()
