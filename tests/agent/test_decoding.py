"""Text comes out whole: no half characters, no stop texts, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from agent.models.decoding import StopText, TextPieces


def bytewise(ids: Sequence[int]) -> str:
    return bytes(ids).decode("utf-8", "replace")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd")))
def test_one_byte_a_token_shows_only_whole_characters(text: str) -> None:
    pieces = TextPieces(bytewise)
    shown = [pieces.add(byte) for byte in text.encode()]
    assert [piece for piece in shown if piece] == list(text)
    assert pieces.rest() == ""


def test_a_character_that_is_never_finished_is_dropped_and_nothing_else() -> None:
    pieces = TextPieces(bytewise)
    shown = [pieces.add(byte) for byte in "猫ab".encode() + "猫".encode()[:2]]
    assert "".join(shown) + pieces.rest() == "猫ab"


def test_bytes_that_are_no_text_do_not_hold_up_what_follows() -> None:
    pieces = TextPieces(bytewise)
    shown = [pieces.add(byte) for byte in b"\xff" * 6 + b"hello"]
    assert shown[3], "after four bytes no character is still to come"
    assert "".join(shown) == "\ufffd" * 6 + "hello"


def test_a_token_whose_text_depends_on_the_one_before_it() -> None:
    words = {1: "Hello", 2: "world"}
    pieces = TextPieces(lambda ids: " ".join(words[i] for i in ids))
    assert [pieces.add(1), pieces.add(2), pieces.add(1)] == ["Hello", " world", " Hello"]


@given(
    st.lists(st.text("ab\nuser:", max_size=4), max_size=20),
    st.lists(st.text("ab\nuser:", min_size=1, max_size=6), max_size=3),
)
def test_everything_before_the_first_stop_and_nothing_after(pieces: list[str], stops: list[str]) -> None:
    text, stop, shown = "".join(pieces), StopText(stops), ""
    for piece in pieces:
        shown += stop.add(piece)
        if stop.found:
            break
    shown += "" if stop.found else stop.rest()
    places = [text.find(s) for s in stops if s in text]
    assert stop.found == bool(places)
    if not places:
        assert shown == text
    else:
        assert not any(s in shown for s in stops)
        assert text.startswith(shown)


def test_text_that_cannot_begin_a_stop_is_not_held_back() -> None:
    stop = StopText(["\nuser:"])
    assert [stop.add("yes"), stop.add("\nus"), stop.add("eful"), stop.add("\nuser: no")] == ["yes", "", "\nuseful", ""]
    assert stop.found
