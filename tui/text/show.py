"""Printing. Standard output is data, standard error is narration; people's words are never markup nor escapes.

Rich is not imported here, but for the width of what is not ASCII: a list should not cost Rich's start-up.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from tui.text.sanitise import clean, one_line

__all__ = [
    "as_json",
    "cell_width",
    "count",
    "document",
    "first",
    "fit",
    "line",
    "one_line",
    "rest",
    "say",
    "size",
    "table",
    "when",
]

UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What JSON may hold unescaped, but a terminal would obey or could not show."""

WIDTH = 80
AT_A_TERMINAL = 50
"""Rows of a list when nobody asked for a number."""
T = TypeVar("T")


def line(text: str = "") -> None:
    """One piece of data on standard output."""
    print(clean(text))


def say(text: str) -> None:
    """One line of narration on standard error."""
    print(clean(text), file=sys.stderr, flush=True)


def document(value: Any) -> None:
    """One JSON document on standard output: UTF-8, indented."""
    print(as_json(value))


def as_json(value: Any) -> str:
    """``value`` as JSON that is safe to print: what a terminal would obey is escaped, as JSON allows."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def first(rows: Sequence[T]) -> Sequence[T]:
    """All of ``rows`` for a file or a pipe; at a terminal as many as can be read. Then comes :func:`rest`."""
    return rows[:AT_A_TERMINAL] if sys.stdout.isatty() else rows


def rest(rows: Sequence[object]) -> None:
    """Say how many of ``rows`` were not shown."""
    if more := len(rows) - len(first(rows)):
        say(f"… and {more:,} more; a pipe gets all of them.")


def when(instant: datetime) -> str:
    """An instant in the reader's time zone, to the minute."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"


def size(number: int) -> str:
    """Bytes, for a person."""
    value, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 memory``, ``2 memories``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, width: int = WIDTH) -> None:
    """Columns, aligned by what they fill on a screen. The last column is cut so that lines fit ``width``."""
    lines = [tuple(headings), *(tuple(one_line(cell) for cell in row) for row in rows)]
    widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
    taken = sum(wide + 2 for wide in widths[:-1] if wide)
    widths[-1] = max(8, min(widths[-1], width - taken))
    for row in lines:
        print("  ".join(fit(cell, wide) for cell, wide in zip(row, widths, strict=True) if wide).rstrip())


def fit(text: str, width: int) -> str:
    """``text`` cut or padded to exactly ``width`` cells."""
    if cell_width(text) > width:
        from rich.cells import set_cell_size

        text = set_cell_size(text, width - 1).rstrip() + "…"
    return text + " " * (width - cell_width(text))


def cell_width(text: str) -> int:
    """Columns that ``text`` fills on a screen: two for a Chinese character, none for a combining mark."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
