"""How instants, numbers and places are put into words on the screen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


def day(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d}"


def minute(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"


def clock(instant: datetime, *, now: datetime) -> str:
    """The time of day; with the date when it was not today."""
    local, today = instant.astimezone(), now.astimezone().date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 memory``, ``2,048 memories``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(number: int) -> str:
    """``812``, ``4.1k``, ``131k``."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 10_000 else f"{number // 1000}k"


def place(path: Path) -> str:
    """``path`` with the home folder as ``~``."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
