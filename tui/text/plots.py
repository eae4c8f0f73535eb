"""Columns drawn with characters, by plotext. Plain text, so that the theme (or none) colours it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

WIDEST_COLUMN = 8


def columns(heights: Sequence[int], labels: Sequence[str], *, width: int, height: int) -> list[str]:
    """One column for each of ``heights``, with the scale at the left and as many ``labels`` below as have room.

    ``width`` and ``height`` in cells; heights are 0 or more. Columns are equally wide, in whole cells, so what cannot
    be divided stays empty at the right. Lines are without colour and without spaces at their ends.
    """
    import plotext

    if not heights:
        return []
    top = max(1, *heights)
    scale = sorted({0, top // 2, top})
    margin = len(f"{top:,}")
    wide = max(1, min(WIDEST_COLUMN, (width - margin) // len(heights)))
    shown = _ticks(labels, wide)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.axes(False)
    figure.plot_size(margin + wide * len(heights), height)
    figure.draw(figure.bar(list(range(len(heights))), list(heights), width=0.8, marker="hd"))
    figure.ruler("x", "lower").lim(-0.5, len(heights) - 0.5)
    figure.ruler("x", "lower").alignment(lim="edge")
    figure.ruler("x", "lower").ticks(shown, [labels[place] for place in shown])
    figure.ruler("y", "left").lim(0, top)
    figure.ruler("y", "left").ticks(scale, [f"{number:,}" for number in scale])
    return [line.rstrip() for line in figure.build().string(colorless=True).splitlines()]


def _ticks(labels: Sequence[str], wide: int) -> list[int]:
    """Places whose labels can stand below their columns without touching."""
    needed = max(len(label) for label in labels) + 2
    step = next(step for step in itertools.count(1) if step * wide >= needed)
    return list(range(0, len(labels), step))
