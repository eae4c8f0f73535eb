"""What was being written when the app went away: kept in a file of the profile's state until it is sent."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

log = logging.getLogger("mneme.tui")


class Draft:
    """One file, readable by its owner alone. Losing it is a pity and no more, so it never raises."""

    def __init__(self, folder: Path, profile: str) -> None:
        key = hashlib.sha256(profile.encode()).hexdigest()[:12]
        self._file = folder / f"draft-{key}.txt"
        self._kept = ""

    @property
    def file(self) -> Path:
        return self._file

    def take(self) -> str:
        """What was left. It is taken away, so that a second window does not offer it too."""
        try:
            words = self._file.read_text("utf-8")
            self._file.unlink()
        except (OSError, ValueError):
            return ""
        return words

    def keep(self, words: str) -> None:
        """Write ``words`` down; nothing to keep takes the file away."""
        if words == self._kept:
            return
        try:
            if words.strip():
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                beside = self._file.with_suffix(".new")
                with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", -1, "utf-8") as file:
                    file.write(words)
                beside.replace(self._file)
            else:
                self._file.unlink(missing_ok=True)
        except (OSError, ValueError) as error:
            log.warning("the draft was not kept: %s", error)
        self._kept = words
