"""Text on the screen is data."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text.sanitise import StreamCleaner, clean, one_line

BITS = "ab []0;m\x1b\x07\\\r\n\t\x9b\x9d\u202e\u2066\ud800世👩\u200d"
SPITEFUL = st.text(alphabet=st.sampled_from(BITS), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("nul\x00 bell\x07 back\x08", "nul bell back"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("abc\u202edef", "abcdef"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("[bold]stays[/bold] & <b>", "[bold]stays[/bold] & <b>"),
        ("世界 👩\u200d👩\u200d👧 é", "世界 👩\u200d👩\u200d👧 é"),
    ],
)
def test_what_a_terminal_would_obey_is_gone(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(SPITEFUL | st.text())
def test_nothing_harmful_is_left(text: str) -> None:
    shown = clean(text)
    shown.encode("utf-8")
    assert not [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert clean(shown) == shown


@given(st.lists(st.text(alphabet="ab[]0;m\\\x1b\x07\x9b\r\n", max_size=6), max_size=8))
def test_pieces_are_cleaned_as_the_whole_would_be(pieces: list[str]) -> None:
    cleaner = StreamCleaner()
    streamed = "".join([*map(cleaner.feed, pieces), cleaner.finish()])
    assert streamed == clean("".join(pieces))


def test_a_line_is_one_line_of_bounded_length() -> None:
    assert one_line("  a\n\n b\tc\u2028d ") == "a b c d"
    line = one_line("x" * 5_000_000, limit=10)
    assert line == "xxxxxxxxx…"


def test_a_cut_is_said() -> None:
    assert clean("a" * 50, limit=20) == "a" * 20 + "\n[… 30 more characters]"
