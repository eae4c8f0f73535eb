"""Which brackets in a reply are citations, and what becomes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.citations import cited, numbers, replaced, without_citations
from tests.agent.making import turn

MEMORIES = tuple(turn(n, f"memory {n}") for n in range(1, 6))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Your cat is called Miso [3].", (3,)),
        ("Miso[3]", (3,)),
        ("She is five [1, 2] and grey [3][5].", (1, 2, 3, 5)),
        ("Both [ 4 ; 2 ], again [4].", (4, 2)),
        ("All of them [1-3], and [4 and 5].", (1, 2, 3, 4, 5)),
        ("As you said in [3]: no.", (3,)),
        ("[2] says so.", (2,)),
        ("Not [0], not [6], not [99], not [2026].", ()),
        ("One of these is there [2, 9].", (2,)),
        ("A list[str] and [x] and [ ] and [^3].", ()),
        ("`rows[1]` and ``a ` [2]`` but [3].", (3,)),
        ("```python\nx = [1]\n```\nSee [2].", (2,)),
        ("~~~\n[1]\n~~~\n[2]", (2,)),
        ("```\nstill being written [1]", ()),
        ("[3](https://example.org) [text][2] ![1] \\[4\\]", ()),
        ("[1][2](https://example.org)", ()),
        ("[3]: https://example.org", ()),
    ],
)
def test_what_is_a_citation(text: str, found: tuple[int, ...]) -> None:
    assert numbers(text, len(MEMORIES)) == found
    assert [citation.memory for citation in cited(text, MEMORIES)] == [MEMORIES[number - 1] for number in found]


def test_nothing_is_cited_where_no_memory_was_given() -> None:
    assert cited("It is so [1].", ()) == ()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Your cat is called Miso [3].", "Your cat is called Miso."),
        ("She is five [1, 2] and grey [3][5].", "She is five and grey."),
        ("[1] says so.\n[2] does not [4].", "says so.\ndoes not."),
        ("In the year [2026], `rows[1]`, [3](link).", "In the year [2026], `rows[1]`, [3](link)."),
        ("No number here.", "No number here."),
    ],
)
def test_a_reply_without_its_numbers(text: str, bare: str) -> None:
    assert without_citations(text) == bare


def test_known_numbers_become_links_and_others_stay() -> None:
    def link(number: int, shown: str) -> str:
        return f"<{number}{shown}>"

    assert replaced("Miso [3], five [1, 2], `x[3]`, [4].", {1, 2, 3}, link) == (
        "Miso <3[3]>, five <1[1]><2[2]>, `x[3]`, [4]."
    )


@given(st.text(alphabet="[]()0123 ,-`~:\\!\nab", max_size=60))
def test_taking_out_leaves_nothing_to_take_out_but_what_moved_together(text: str) -> None:
    bare = without_citations(text)
    assert len(bare) <= len(text)
    if not numbers(text, 999) and "[" not in text:
        assert bare == text
    assert replaced(text, (), lambda number, shown: f"{number}{shown}") == text


@given(st.text(max_size=200))
def test_any_text_at_all_can_be_looked_at(text: str) -> None:
    assert set(numbers(text, 3)) <= {1, 2, 3}
