"""Hand a file to the program that the system opens such files with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from memory_store.errors import InvalidInput


def open_file(path: Path) -> None:
    """Open ``path``, without waiting for the program. Raises InvalidInput: the file is gone, or nothing opens it."""
    if not path.exists():
        raise InvalidInput(f"The file is no longer there: {path}.")
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606  what the user asked for
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise InvalidInput(f"This system has no xdg-open to open files with. The file is {path}.")
    # Detached and silent: what it prints must not be drawn over the screen.
    nowhere = subprocess.DEVNULL
    subprocess.Popen([opener, str(path)], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
