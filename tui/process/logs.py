"""The log file: private to its owner, created with its folder only when there is something to write."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

LIMIT = 1_000_000
"""Bytes before the log is rotated; one older file is kept."""


class LazyFile(RotatingFileHandler):
    """A log that is never the reason why something fails: where it cannot be written, it is not written."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=LIMIT, backupCount=1, encoding="utf-8", errors="backslashreplace", delay=True)
        self.file = file
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def _open(self) -> IO[str]:  # type: ignore[override]
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open(
            self.file,
            "a",
            encoding="utf-8",
            errors="backslashreplace",
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        del record
