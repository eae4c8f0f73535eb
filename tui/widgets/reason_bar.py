"""A score as a bar, split by what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from textual.content import Content

KNOWN = (
    *("words", "meaning", "phrase", "neighbours", "session"),
    *("speaker", "date", "standing", "recency", "question"),
)
"""Recall's own reasons, in the order and colours in which every bar shows them, so that bars can be compared."""
COLOURS = 10
FULL, REST = "━", "─"
SMALLEST = 0.005
"""What would be written as 0.00 is not worth its place."""

Reasons = Mapping[str, float]


def colour(reason: str) -> str:
    """The colour of a reason: the same everywhere, for one that recall will learn of later too."""
    place = KNOWN.index(reason) if reason in KNOWN else crc32(reason.encode()) % COLOURS
    return f"$reason-{place % COLOURS + 1}"


def told(reasons: Reasons) -> list[tuple[str, float]]:
    """The reasons worth showing, in their fixed order."""
    shown = [(name, value) for name, value in reasons.items() if abs(value) >= SMALLEST]
    return sorted(shown, key=lambda item: (KNOWN.index(item[0]) if item[0] in KNOWN else len(KNOWN), item[0]))


def bar(reasons: Reasons, *, best: float, width: int) -> Content:
    """``width`` cells, full at ``best``. Reasons that speak against are in the legend only."""
    parts: list[tuple[str, str]] = []
    used, total = 0, 0.0
    for name, value in told(reasons):
        if value <= 0 or best <= 0:
            continue
        total += value
        cells = min(width, round(total / best * width)) - used
        parts.append((FULL * cells, colour(name)))
        used += cells
    return Content.assemble(*parts, (REST * (width - used), "$border-blurred"))


def legend(reasons: Reasons, *, width: int) -> Content:
    """``words 0.51  meaning 0.22``, in the bar's colours; a name and its figure stay on one line."""
    lines = [Content("")]
    for name, value in told(reasons):
        item = Content.assemble((f"{name.replace('_', ' ')} ", "$quiet"), (f"{value:.2f}", colour(name)))
        gap = "  " if lines[-1] else ""
        if lines[-1] and lines[-1].cell_length + len(gap) + item.cell_length > width:
            lines.append(item)
        else:
            lines[-1] = Content.assemble(lines[-1], gap, item)
    return Content("\n").join(lines)
