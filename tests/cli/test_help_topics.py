"""``mneme help``: pages, commands, the manual page; completion for shells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.command import Run
from tui.manual import rendering, roff, tree
from tui.manual.pages import topics

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_topics_are_the_pages_of_the_documentation(mneme: Run) -> None:
    listed = [line.split()[0] for line in mneme("help").done().out.splitlines()[1:]]
    assert listed == [*sorted(page.stem for page in DOCS.glob("*.md")), "changes"]


@pytest.mark.parametrize("topic", topics())
def test_a_page_is_drawn_plainly_where_no_terminal_is(topic: str, mneme: Run) -> None:
    shown = mneme("help", topic).done().out
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert ".md)" not in shown.replace("\n", "")


def test_links_lead_somewhere_from_a_terminal() -> None:
    pages = topics()
    text = "See [recall.md](recall.md#x), [the why](adr/0001-x.md), [a site](https://example.org), [asking](recall.md)."
    assert rendering.readable(text, pages) == (
        "See `mneme help recall`, the why, [a site](https://example.org), asking (`mneme help recall`)."
    )


def test_a_command_is_a_topic_too(mneme: Run) -> None:
    assert mneme("help", "memory", "prune").done().out == mneme("memory", "prune", "--help").done().out
    assert mneme("help", "ask").done().out == mneme("ask", "--help").done().out


def test_an_unknown_topic_names_near_ones(mneme: Run) -> None:
    mneme("help", "recal").refused("Did you mean 'recall'")
    mneme("help", "memory", "prun").refused("'memory prune'")
    mneme("help", "xyzzy").refused("mneme help")


def test_the_manual_page_has_every_command_and_every_topic(mneme: Run) -> None:
    page = mneme("help", "--man").done().out
    assert page.startswith('.TH MNEME 1 "20')
    for command in tree.commands():
        assert roff.escape(command.path) in page
        assert all(roff.escape(name) in page for name, _ in command.options)
    assert all(rf"\fB{name}\fR" in page for name in topics())


@given(st.text(st.characters(codec="ascii", exclude_characters="\n\r") | st.sampled_from(".'`\\-é€"), max_size=60))
def test_nothing_that_is_written_is_taken_for_a_request(text: str) -> None:
    escaped = roff.escape(text)
    assert not escaped.startswith((".", "'"))
    assert escaped.isascii()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str, mneme: Run) -> None:
    printed = mneme(env={"_MNEME_COMPLETE": f"source_{shell}"}).done().out
    assert f"_MNEME_COMPLETE=complete_{shell}" in printed


def test_commands_options_and_topics_are_completed(mneme: Run) -> None:
    def completed(words: str) -> list[str]:
        asked = {"_MNEME_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        return mneme(env=asked).done().out.split()

    assert completed("mneme memory se") == ["search"]
    assert completed("mneme memory prune --older") == ["--older-than"]
    assert completed("mneme help rec") == ["recall"]
