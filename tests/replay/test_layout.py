"""Text of a known width, whatever it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.replay.layout import beside, cells, column, one_line, visible, wrap

TEXTS = st.text(st.characters(codec="utf-8"), max_size=200) | st.text(
    "ab cd 猫叫米糕，\n\x1b\u202e e\u0301🐈", max_size=200
)


def test_cells_are_what_a_screen_shows() -> None:
    assert cells("Miso") == 4
    assert cells("米糕") == 4
    assert cells("cafe\u0301") == 4


def test_escapes_are_shown_and_not_obeyed() -> None:
    assert visible("a\x1b[31mb\x07") == r"a\x1b[31mb\x07"
    assert visible("a\u202eb\x9b") == r"a\u202eb\x9b"
    assert visible("a\r\nb\tc") == "a\nb   c"
    assert one_line("a\n  b\x00") == r"a b\x00"


def test_words_are_kept_whole_and_long_ones_cut() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("a: b c d", 5, hanging="  ") == ["a: b", "  c d"]
    assert wrap("a\n\nb", 10, indent="> ", hanging="  ") == ["> a", "", "  b"]


def test_chinese_breaks_anywhere() -> None:
    assert wrap("我的猫叫米糕", 6) == ["我的猫", "叫米糕"]


def test_columns_stay_straight() -> None:
    lines = beside(["猫", "b"], ["c"], 20)
    assert [cells(line[: line.index("│")]) for line in lines] == [9, 9]


@given(text=TEXTS, width=st.integers(8, 60))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width, indent="  ", hanging="    ")
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(visible(text).split())


@given(left=TEXTS, right=TEXTS, width=st.integers(20, 100))
def test_two_columns_fit_the_width(left: str, right: str, width: int) -> None:
    lines = beside(wrap(left, column(width)), wrap(right, column(width)), width)
    assert all(cells(line) <= width for line in lines)
