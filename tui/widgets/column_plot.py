"""Columns on a screen: drawn by plotext for the width there is, in the theme's colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.widgets import Static

from tui.text import plots

_BLOCKS = re.compile("[▀-▟]+")

Figures = Callable[[int], tuple[str, Sequence[int], Sequence[str]]]
"""Columns that have room -> the plot's title, the heights, and the labels below them."""


class ColumnPlot(Static):
    """Give it figures with :meth:`show`; it asks them anew whenever its width changes."""

    def __init__(self, *, height: int, id: str) -> None:
        super().__init__(id=id)
        self._height = height
        self._figures: Figures | None = None

    def show(self, figures: Figures) -> None:
        self._figures = figures
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        del event
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if self._figures is None or width < 1:
            return
        title, heights, labels = self._figures(max(1, width - len(f"{1_000_000:,}")))
        lines = plots.columns(heights, labels, width=width, height=self._height)
        self.update(Content("\n").join([Content.styled(title, "bold $primary"), *map(_coloured, lines)]))


def _coloured(line: str) -> Content:
    parts: list[tuple[str, str]] = []
    at = 0
    for blocks in _BLOCKS.finditer(line):
        parts += [(line[at : blocks.start()], "$quiet"), (blocks[0], "$primary")]
        at = blocks.end()
    return Content.assemble(*parts, (line[at:], "$quiet"))
