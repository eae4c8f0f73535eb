"""Copying: through the terminal (OSC 52), which works over SSH too, and into this machine's own clipboard."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

log = logging.getLogger("mneme.tui")


def copy(app: App[object], text: str) -> None:
    """Put ``text`` on the clipboard; the native half in a thread, since it calls other programs."""
    app.copy_to_clipboard(text)
    if not _far_away():
        app.run_worker(lambda: _copy_here(text), thread=True, group="clipboard", exclusive=True, exit_on_error=False)


def _far_away() -> bool:
    """Over SSH the clipboard of this machine is not the one before the user."""
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))


def _copy_here(text: str) -> None:
    import pyperclip

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError) as error:
        log.info("no clipboard of this machine's own: %s", str(error).partition("\n")[0])
