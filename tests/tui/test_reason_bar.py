"""A score as a bar: what it shows must be what recall said."""

from __future__ import annotations

import pytest

from tui.themes.brought import DEFAULTS
from tui.widgets.reason_bar import COLOURS, FULL, KNOWN, bar, colour, legend, told


def test_the_bar_is_as_long_as_the_score_beside_the_best() -> None:
    drawn = bar({"words": 0.3, "meaning": 0.2}, best=1.0, width=20)
    assert drawn.plain.count(FULL) == 10
    assert drawn.cell_length == 20


def test_what_speaks_against_is_told_but_takes_no_length() -> None:
    reasons = {"words": 0.5, "question": -0.1}
    assert bar(reasons, best=1.0, width=20).plain.count(FULL) == 10
    assert legend(reasons, width=40).plain == "words 0.50  question -0.10"


@pytest.mark.parametrize("best", [0.0, -1.0])
def test_without_anything_to_compare_with_the_bar_is_empty(best: float) -> None:
    assert FULL not in bar({"words": 0.5}, best=best, width=10).plain


def test_a_reason_and_its_figure_stay_on_one_line() -> None:
    lines = legend({"words": 0.51, "meaning": 0.22, "neighbours": 0.1}, width=24).plain.split("\n")
    assert lines == ["words 0.51  meaning 0.22", "neighbours 0.10"]


def test_every_reason_has_its_own_colour_and_an_unknown_one_has_one_too() -> None:
    assert len({colour(name) for name in KNOWN}) == COLOURS
    assert colour("learned").removeprefix("$") in DEFAULTS
    assert told({"zeal": 1.0, "words": 0.1, "none": 0.001}) == [("words", 0.1), ("zeal", 1.0)]
