"""Filters among the words of a search: read, written by the form, and obeyed by lists and recall alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from agent.settings import Settings
from memory_store.errors import InvalidInput
from tests.tui.app_kit import wait_until
from tui.app import MnemeApp
from tui.memories.memory_filters import NAMES, Filter, parsed, values, with_value, words_of
from tui.screens.filter_memories import FilterMemories
from tui.screens.memory import MemoryScreen

MakeApp = Callable[..., MnemeApp]
Opened = tuple[Pilot[object], MemoryScreen]


@asynccontextmanager
async def memories(app: MnemeApp) -> AsyncIterator[Opened]:
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: isinstance(app.screen, MemoryScreen) and app.screen.is_mounted)
        screen = app.screen
        await wait_until(pilot, lambda: screen.table.shown)
        yield pilot, screen


def texts(screen: MemoryScreen) -> list[str]:
    return [memory.text for memory in screen.table._memories]


def said(screen: MemoryScreen) -> str:
    return str(screen.query_one("#memory-count", Static).content)


def test_a_line_is_read() -> None:
    line = 'by:"Ana Maria" trip to Kyoto after:2026-05-01T00:00+00:00 IN:c81d sort:old'
    assert parsed(line, "turns") == Filter(
        "trip to Kyoto", "turns", "Ana Maria", "c81d", datetime(2026, 5, 1, tzinfo=UTC), None, "oldest"
    )


@pytest.mark.parametrize("line", ["http://x.y by the sea", "at 10:30", "note:this", "nearby:Ana"])
def test_what_is_no_filter_is_words(line: str) -> None:
    assert parsed(line, "all") == Filter(line)


@pytest.mark.parametrize(
    ("line", "problem"), [("after:never-ever", "after: takes a date"), ("sort:loudest", "best, newest, oldest")]
)
def test_what_cannot_be_meant_is_said(line: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parsed(line, "all")


@pytest.mark.parametrize("line", ["by: tea", 'tea by:"', "tea after:"])
def test_a_filter_that_is_being_typed_asks_for_nothing(line: str) -> None:
    assert parsed(line, "all") == Filter("tea")


names = st.sampled_from(NAMES)
plain = st.text(st.characters(categories=("L", "N"), include_characters=" -."), min_size=1).map(str.strip)


@given(st.dictionaries(names, plain.filter(bool), max_size=5), plain)
def test_what_was_written_is_read_again(given_values: dict[str, str], words: str) -> None:
    line = words
    for name, value in given_values.items():
        line = with_value(line, name, value)
    assert {name: " ".join(value.split()) for name, value in values(line).items()} == {
        name: " ".join(value.split()) for name, value in given_values.items()
    }
    assert words_of(line) == " ".join(words.split())
    for name in NAMES:
        line = with_value(line, name, "")
    assert line == " ".join(words.split())


async def test_by_speaker_without_words_and_in_a_search(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        screen.input.value = "by:ana"
        await wait_until(pilot, lambda: texts(screen) == ["我想去看樱花，还有伏见稻荷大社。"])
        screen.input.value = "by:assistant tuna"
        await wait_until(pilot, lambda: texts(screen)[:1] == ["Tuna is a good start."])
        assert all(memory.speaker == "assistant" for memory in screen.table._memories)


async def test_by_dates_and_a_wrong_date_is_said(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        screen.input.value = "after:2026-08-20 before:2026-08-24"
        await wait_until(pilot, lambda: screen.table.shown == 4 and "Kyoto" in texts(screen)[-1])
        screen.input.value = "after:someday"
        await wait_until(pilot, lambda: "after: takes a date" in said(screen))


async def test_only_the_conversation_of_a_memory(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        screen.input.value = "shellfish"
        await wait_until(pilot, lambda: screen.table.highlighted and "shellfish" in screen.table.highlighted.text)
        screen.input.value = ""
        screen.table.focus()
        await wait_until(pilot, lambda: screen.table.shown == 11)
        await pilot.press("G", "i")
        await wait_until(pilot, lambda: screen.table.shown == 4 and "cat" in texts(screen)[-1])
        screen.input.value = "in:nosuchid"
        await wait_until(pilot, lambda: "no conversation" in said(screen))


async def test_the_order_is_changed_and_said(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        first, last = texts(screen)[0], texts(screen)[-1]
        await pilot.press("down", "s")
        await wait_until(pilot, lambda: texts(screen)[0] == last)
        await pilot.press("s")
        await wait_until(pilot, lambda: texts(screen)[0] == first and screen.input.value == "")
        screen.input.value = "tuna"
        await wait_until(pilot, lambda: "best first" in said(screen))
        await pilot.press("s")
        await wait_until(pilot, lambda: "newest first" in said(screen))
        dates = [memory.said_at for memory in screen.table._memories]
        assert dates == sorted(dates, reverse=True)


async def test_the_form_writes_the_line_and_leaves_the_words(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        screen.input.value = "cat sort:oldest"
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: isinstance(app.screen, FilterMemories))
        form = app.screen
        by = form.query_one("#filter-by", Select)
        await wait_until(pilot, lambda: len(by._options) > 3)
        assert form.query_one("#filter-sort", Select).value == "oldest"
        by.value = "assistant"
        form.query_one("#filter-before", Input).value = "not a day"
        await pilot.press("ctrl+s")
        assert "takes a date" in str(form.query_one("#filter-problem", Static).content)
        form.query_one("#filter-before", Input).value = "2026-08-20"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.screen is screen)
        assert screen.input.value == "cat by:assistant before:2026-08-20 sort:oldest"
        await wait_until(pilot, lambda: screen.table.shown and "Congratulations" in texts(screen)[0])
