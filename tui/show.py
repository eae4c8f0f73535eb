"""Printing. Standard output is data, standard error is narration; people's words are never markup nor escapes.

Rich is not imported here: a list of memories should not cost its start-up.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]"
)
"""Characters that move the cursor, start an escape sequence or turn the text around: terminals obey them."""

BREAKS = re.compile(r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")

WIDTH = 80


def clean(text: str) -> str:
    """``text`` with every harmful character shown as an escape (``\\x1b``); tabs and newlines stay."""
    return HARMFUL.sub(lambda match: _escaped(match[0]), text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """``text`` cleaned, on one line."""
    return clean(BREAKS.sub(" ", text)).strip()


def line(text: str = "") -> None:
    """One piece of data, cleaned, on standard output."""
    print(clean(text))


def say(text: str) -> None:
    """One line of narration on standard error."""
    print(clean(text), file=sys.stderr)


def document(value: Any) -> None:
    """One JSON document on standard output: UTF-8, indented, with harmful characters as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(HARMFUL.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text))


def when(instant: datetime) -> str:
    """An instant in the reader's time zone, to the minute."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, flexible: int = -1, width: int = WIDTH) -> None:
    """Columns, aligned by what they fill on a screen. The ``flexible`` column is cut so that lines fit ``width``."""
    cells = [tuple(one_line(cell) for cell in row) for row in rows]
    flexible %= len(headings)
    widths = [max(cell_width(row[n]) for row in (headings, *cells)) for n in range(len(headings))]
    fixed = sum(widths) - widths[flexible] + 2 * (len(headings) - 1)
    widths[flexible] = max(8, min(widths[flexible], width - fixed))
    for row in (headings, *cells):
        print("  ".join(fit(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip())


def fit(text: str, width: int) -> str:
    """``text`` cut or padded to exactly ``width`` cells."""
    from rich.cells import set_cell_size

    if cell_width(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    return text + " " * (width - cell_width(text))


def cell_width(text: str) -> int:
    """Columns that ``text`` fills on a screen: two for a Chinese character, none for a combining mark."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
