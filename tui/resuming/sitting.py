"""Where the app is just now, on the disk: a sitting that ends without goodbye can be gone on with by the next one.

Each window has a file of its own and holds a lock beside it; a file whose lock is free was left by a window that
crashed, was killed, or lost its terminal.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

log = logging.getLogger("mneme.tui")


@dataclass(frozen=True, slots=True)
class Spot:
    """A conversation's id (None: none had begun) and the name of the screen that was in front (empty: the chat)."""

    conversation: str | None = None
    screen: str = ""
    turn: str = ""
    """Id of the turn that was read, where that were not the newest words."""


class Sitting:
    """Losing it is a pity and no more, so nothing here raises."""

    def __init__(self, folder: Path, profile: str) -> None:
        self._folder = folder
        self._prefix = f"sitting-{hashlib.sha256(profile.encode()).hexdigest()[:12]}"
        self._file = folder / f"{self._prefix}-{os.getpid()}.json"
        self._lock: BaseFileLock | None = None
        self._kept: Spot | None = None

    def left(self) -> Spot | None:
        """The newest spot that was left without goodbye; what was left is taken away."""
        found: list[tuple[float, Spot]] = []
        try:
            for file in self._folder.glob(f"{self._prefix}-*.json"):
                with _lock(file):
                    found.append((file.stat().st_mtime, Spot(**json.loads(file.read_text("utf-8")))))
                    file.unlink()
                file.with_suffix(".lock").unlink(missing_ok=True)
        except TimeoutError:
            return None  # a window that is open still: whoever opens a second one wants another place
        except (OSError, ValueError, TypeError) as error:
            log.warning("where the last sitting was could not be read: %s", error)
        return max(found, key=lambda one: one[0])[1] if found else None

    def keep(self, spot: Spot) -> None:
        """Write down where the app is."""
        if spot == self._kept:
            return
        self._kept = spot
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._lock is None:
                self._lock = _lock(self._file)
                self._lock.acquire()
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps(asdict(spot)), "utf-8")
            draft.replace(self._file)
        except OSError as error:
            log.warning("where the app is was not written down: %s", error)

    def end(self) -> None:
        """Goodbye."""
        try:
            self._file.unlink(missing_ok=True)
            if self._lock is not None:
                self._lock.release()
                self._file.with_suffix(".lock").unlink(missing_ok=True)
        except OSError as error:
            log.warning("the sitting's file was not taken away: %s", error)


def _lock(file: Path) -> BaseFileLock:
    """The lock beside a sitting's file, not yet held. Acquiring it raises TimeoutError where another has it."""
    from filelock import FileLock  # most windows begin where nothing was left: not before the first picture

    return FileLock(file.with_suffix(".lock"), timeout=0, mode=0o600)
