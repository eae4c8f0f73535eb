"""``/mneme memory stats``: any command of the command line, in a process of its own, on the same memory."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput

if TYPE_CHECKING:
    from agent.settings import Settings

LONGEST_S = 600
_PROGRAM = "from tui.cli import main; main()"


def run(settings: Settings, rest: str) -> str:
    """What it printed, narration first. Nobody is there to be asked: what wants a yes needs ``--yes``.

    Raises InvalidInput for quotes that are not closed, or when it takes longer than ten minutes."""
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise InvalidInput(f"That cannot be read as a command: {error}.") from None
    words = words[words[:1] == ["mneme"] :]
    environment = {**os.environ, "MNEME_PROFILE": settings.profile, "NO_COLOR": "1", "COLUMNS": "80"}
    if settings.home is not None:
        environment["MNEME_HOME"] = str(settings.home)
    command = [sys.executable, "-c", _PROGRAM, *words]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InvalidInput(f"It took longer than {LONGEST_S // 60} minutes and was stopped.") from None
    return done.stdout or ("Done." if done.returncode == 0 else f"It ended with exit code {done.returncode}.")
