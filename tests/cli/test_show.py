"""What is printed: aligned by what it fills on a screen, and never obeyed by a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import show

ODD = "\x1b[2J\x9b31m\x07\u202egnp.exe\u2066\ud800"


@pytest.mark.parametrize(
    ("text", "cells"), [("abc", 3), ("猫がいる", 8), ("é", 1), ("e\u0301", 1), ("👩\u200d👩\u200d👧", 2), ("שלום", 4)]
)
def test_a_cell_is_cut_and_padded_by_what_it_fills(text: str, cells: int) -> None:
    assert show.cell_width(text) == cells
    assert show.cell_width(show.fit(text, 10)) == 10
    assert show.cell_width(show.fit(text * 10, 10)) == 10


def test_a_terminal_is_not_flooded_and_a_pipe_gets_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert show.first(range(200)) == range(200)
    show.rest(range(200))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert show.first(range(200)) == range(50)
    show.rest(range(50))
    show.rest(range(200))
    assert capsys.readouterr().err == "… and 150 more; a pipe gets all of them.\n"


def test_a_table_fits_80_columns_and_puts_each_row_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("ID", "", "WORDS"), [("a1", "", "one\ntwo [bold]three[/bold]"), ("b2", "", "猫" * 200)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ID  WORDS"
    assert lines[1] == "a1  one two [bold]three[/bold]"
    assert show.cell_width(lines[2]) <= 80
    assert lines[2].endswith("…")
    assert len(lines) == 3


def test_what_a_terminal_would_obey_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show.line(ODD)
    show.say(ODD)
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert text.isascii() or "\ufffd" in text
        assert not set(text) & set("\x1b\x9b\x07\u202e\u2066\ud800")


@given(st.text(st.characters(codec=None), max_size=50))
def test_json_is_printable_and_loses_nothing(text: str) -> None:
    printed = show.as_json([text])
    assert json.loads(printed) == [text]
    printed.encode()
    assert not set(printed) & set("\x1b\x9b\x7f\u202e\u2028")


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (713_000, "713 kB"), (2.4e9, "2.4 GB")]
)
def test_sizes(number: int, shown: str) -> None:
    assert show.size(number) == shown


def test_counts() -> None:
    assert show.count(1, "memory", "memories") == "1 memory"
    assert show.count(1200, "memory", "memories") == "1,200 memories"
    assert show.count(0, "turn") == "0 turns"
