"""The end of the log file, as records. What a native library printed between them belongs to the record before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TAIL = 400_000
"""Bytes read from the end of the file: some thousands of records."""

_HEAD = re.compile(rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d),\d{{3}} ({'|'.join(LEVELS)}) ([\w.-]+): (.*)")


@dataclass(frozen=True, slots=True)
class LogRecord:
    """``text`` has the message and, on further lines, its traceback."""

    at: str
    level: str
    source: str
    text: str


def read_log(file: Path, *, tail: int = TAIL) -> list[LogRecord]:
    """Oldest first; nothing where there is no file. Raises OSError."""
    try:
        with file.open("rb") as stream:
            end = stream.seek(0, 2)
            stream.seek(max(0, end - tail))
            raw = stream.read()
    except FileNotFoundError:
        return []
    lines = raw.decode("utf-8", "replace").splitlines()
    return _records(lines[1:] if end > tail else lines)


def at_least(records: Sequence[LogRecord], level: str) -> list[LogRecord]:
    """Those of this level and above."""
    wanted = LEVELS[LEVELS.index(level) :]
    return [record for record in records if record.level in wanted]


def _records(lines: Sequence[str]) -> list[LogRecord]:
    heads: list[tuple[str, str, str]] = []
    texts: list[list[str]] = []
    for line in lines:
        head = _HEAD.match(line)
        if head is not None:
            heads.append((head[1], head[2], head[3]))
            texts.append([head[4]])
        elif texts:
            texts[-1].append(line)
        elif line.strip():
            heads.append(("", "INFO", "stderr"))
            texts.append([line])
    return [LogRecord(*head, "\n".join(text).rstrip()) for head, text in zip(heads, texts, strict=True)]
