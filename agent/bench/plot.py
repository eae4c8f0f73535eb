"""Recall against k, drawn: one panel for each data set, one curve for each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.bench.running import WITHOUT
from memory_store.errors import MnemeError, StoreUnavailable

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE = 3
"""Drawn this many times as large, then made smaller: that smooths the lines."""
WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 48, 52
INK, FAINT, PAPER = "#222222", "#d8d8d8", "#ffffff"
COLOURS = ("#0b62a4", "#d1495b", "#2e8b57", "#8a6d3b", "#6a4c93", "#444444")
"""Told apart by place in the legend too, which names the curves from the top down."""

Point = tuple[float, float]


def check_drawable(file: Path) -> None:
    """Before anything slow is begun. Raises MnemeError when Pillow or the folder is missing."""
    if find_spec("PIL") is None:
        raise MnemeError('Drawing needs Pillow, which is not installed: pip install "mneme[bench]".')
    if file.suffix.lower() != ".png" or file.is_dir() or not file.absolute().parent.is_dir():
        raise MnemeError(f"{file} is not the name of a .png file in a folder that exists.")


def draw(reports: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write the plot of these reports (:func:`agent.bench.report.report`). Raises StoreUnavailable."""
    from PIL import Image
    from PIL.ImageDraw import Draw

    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE * len(reports)), PAPER)
    pen = Draw(image)
    for number, report in enumerate(reports):
        curves = {
            name: method["recall_at_k"] for name, method in report["methods"].items() if not name.startswith(WITHOUT)
        }
        title = f"{report['name']}: recall of {report['questions']:,} questions' evidence, by {report['unit']}s"
        _Panel(pen, number * HEIGHT).show(title, curves)
    small = image.resize((WIDTH, HEIGHT * len(reports)), Image.Resampling.LANCZOS)
    try:
        small.save(file, "PNG")
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written: {error.strerror or error}.") from error


class _Panel:
    """One data set's axes, ``top`` pixels down the picture."""

    def __init__(self, pen: ImageDraw, top: int) -> None:
        self._pen = pen
        self._top = top

    def show(self, title: str, curves: Mapping[str, Sequence[float]]) -> None:
        deepest = max(map(len, curves.values()))
        self._text((LEFT, 16), title, "lm", 16)
        for share in range(0, 101, 20):
            self._line([self._at(1, share / 100, deepest), self._at(deepest, share / 100, deepest)], FAINT, 1)
            self._text(_moved(self._at(1, share / 100, deepest), -8, 0), f"{share} %", "rm", 12)
        for k in (1, *range(5, deepest + 1, 5)):
            self._text(_moved(self._at(k, 0, deepest), 0, 16), str(k), "mm", 12)
        self._text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14), "k: how many memories are looked at", "mm", 13)
        self._curves(curves, deepest)

    def _curves(self, curves: Mapping[str, Sequence[float]], deepest: int) -> None:
        by_height = sorted(curves, key=lambda name: -curves[name][-1])
        above = 0.0
        for name, colour in zip(curves, COLOURS, strict=False):
            points = [self._at(k, share, deepest) for k, share in enumerate(curves[name], start=1)]
            self._line(points, colour, 3 if name == next(iter(curves)) else 2)
        for name in by_height:
            colour = COLOURS[list(curves).index(name) % len(COLOURS)]
            x, y = self._at(deepest, curves[name][-1], deepest)
            above = max(y, above + 17)  # labels of curves that end together stand below each other
            self._text((x + 10, above), f"{name}  {curves[name][-1]:.0%}", "lm", 13, colour)

    def _at(self, k: int, share: float, deepest: int) -> Point:
        across = (k - 1) / max(1, deepest - 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)

    def _line(self, points: Sequence[Point], colour: str, width: int) -> None:
        placed = [(x * SCALE, (y + self._top) * SCALE) for x, y in points]
        self._pen.line(placed, colour, width * SCALE, joint="curve")

    def _text(self, at: Point, words: str, anchor: str, size: int, colour: str = INK) -> None:
        from PIL.ImageFont import load_default

        placed = (at[0] * SCALE, (at[1] + self._top) * SCALE)
        self._pen.text(placed, words, colour, load_default(size * SCALE), anchor)


def _moved(at: Point, across: float, down: float) -> Point:
    return at[0] + across, at[1] + down
