"""Passages: nothing is lost, none is too long, and they are cut where a reader would cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memory_store.interchange.files.cutting import passages, unwrapped

TEXTS = st.lists(
    st.sampled_from(["word ", "# ", "## Head", ". ", "\n", "\n\n", "天气很好。", "x" * 45, "\r\n", "!"])
).map("".join)


def bare(text: str) -> str:
    return "".join(text.split())


@given(TEXTS | st.text(), st.integers(10, 120))
def test_nothing_is_lost_and_nothing_too_long(text: str, longest: int) -> None:
    cut = list(passages(text, longest))
    assert bare("".join(cut)) == bare(text)
    assert all(part.strip() and len(part) <= longest for part in cut)


def test_short_paragraphs_stand_together_and_a_heading_with_what_follows() -> None:
    text = "# Trips\n\nLisbon was warm.\n\nPorto was wet.\n\n## Next year\n\n" + "The fjords. " * 6
    assert list(passages(text, 90)) == [
        "# Trips\n\nLisbon was warm.\n\nPorto was wet.",
        "## Next year\n\n" + ("The fjords. " * 6).strip(),
    ]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    assert list(passages("One is here. Two is there. Three is gone.", 30)) == [
        "One is here. Two is there.",
        "Three is gone.",
    ]
    assert list(passages("今天下雨。明天晴。", 6)) == ["今天下雨。", "明天晴。"]


def test_lines_of_a_page_are_joined() -> None:
    assert (
        unwrapped("The rent is pay-\nable by the\nfifth.\n\nThe end.")
        == "The rent is payable by the fifth.\n\nThe end."
    )
    assert unwrapped("from 1990-\n2000") == "from 1990- 2000"
