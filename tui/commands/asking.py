"""Questions to the person at the terminal, and to their editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import typer

from memory_store.errors import InvalidInput, MnemeError
from tui.text import show

LONGEST = 4 * 1024 * 1024
"""Bytes of words: the store takes no more."""


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether to go on: --yes, or "y" at a terminal. Nobody there to ask means no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        show.say("Nothing was changed: add --yes to do it.")
        return False
    if typer.confirm(question, default=False, err=True):
        return True
    show.say("Nothing was changed.")
    return False


def standard_input() -> str:
    """All of standard input. Raises InvalidInput."""
    raw = sys.stdin.buffer.read(LONGEST + 1)
    if len(raw) > LONGEST:
        raise InvalidInput(f"More than {LONGEST // 2**20} MiB on standard input; remember less at a time.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"Standard input is not UTF-8 text (byte {error.start}); convert it first.") from None


def edited(text: str) -> str:
    """``text`` after the person has changed it in $VISUAL or $EDITOR. Raises MnemeError."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise MnemeError("No editor is set: give the new text as an argument, or set EDITOR.")
    folder = Path(tempfile.mkdtemp(prefix="mneme-", dir=_in_memory()))  # mode 0700
    file = folder / "words.txt"
    name = str(file)
    try:
        file.write_text(text + "\n", encoding="utf-8", newline="")
        try:
            code = subprocess.run([*shlex.split(editor), name], check=False).returncode
        except OSError as error:
            raise MnemeError(f"The editor {editor} cannot be started: {error.strerror}. Nothing was changed.") from None
        if code:
            raise MnemeError(f"The editor ended with code {code}. Nothing was changed.")
        return file.read_text("utf-8").removesuffix("\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # with what the editor left beside it


def _in_memory() -> str | None:
    """A folder of the user's own, or of the system's, that never reaches the disk, where there is one."""
    places = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return next((place for place in places if place and os.access(place, os.W_OK | os.X_OK)), None)
