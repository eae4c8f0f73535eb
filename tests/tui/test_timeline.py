"""Figures and columns: what was said when, how strong it is, what a prune takes and how it is taken back."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Static
from typer.testing import CliRunner

from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.records import NewTurn
from tests.tui.app_kit import DAWN, wait_until
from tui.app import MnemeApp
from tui.cli import app as command_line
from tui.memories.timeline import UNITS, Span, days_of, fitting, gathered, last
from tui.screens.confirm import Confirm
from tui.screens.timeline import TimelineScreen
from tui.text import plots
from tui.text.show import cell_width
from tui.widgets.prune_table import PruneTable

MakeApp = Callable[..., MnemeApp]
Opener = Callable[[Settings], MemoryStore]

spans = st.dictionaries(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(1, 50), max_size=12).map(
    lambda found: [Span(day, found[day]) for day in sorted(found)]
)


@given(spans, st.sampled_from(UNITS))
def test_gathering_loses_no_turn_and_leaves_no_gap(days: list[Span], unit: str) -> None:
    found = gathered(days, unit)
    assert sum(span.turns for span in found) == sum(day.turns for day in days)
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[unit]
    steps = [(b.begins - a.begins).days for a, b in itertools.pairwise(found)]
    assert all(0 < step <= longest for step in steps)
    kept, earlier = last(found, 5)
    assert len(kept) <= 5
    assert earlier + sum(span.turns for span in kept) == sum(day.turns for day in days)


@given(spans, st.integers(20, 120))
def test_the_unit_that_is_chosen_fits(days: list[Span], room: int) -> None:
    unit = fitting(days, room)
    assert unit == "year" or len(gathered(days, unit)) <= room


def test_days_are_those_of_the_reader(monkeypatch: pytest.MonkeyPatch, home: object) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    late = datetime(2026, 5, 1, 18, 15, tzinfo=UTC)
    said = [(late, 2), (late + timedelta(minutes=15), 3)]
    assert days_of(said) == (Span(date(2026, 5, 1), 2), Span(date(2026, 5, 2), 3))


@how(deadline=None)  # the first one imports plotext
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=100), st.integers(52, 118), st.integers(5, 12))
def test_a_plot_fits_its_place(heights: list[int], width: int, height: int) -> None:
    drawn = plots.columns(heights[: width - 9], ["2026-05-01"] * len(heights), width=width, height=height)
    assert len(drawn) == height
    assert max(map(cell_width, drawn)) <= width
    assert f"{max(1, *heights[: width - 9], 0):,}" in drawn[0]


@pytest.fixture
def years(settings: Settings, opener: Opener) -> Settings:
    with opener(settings) as store:
        store.remember_many(NewTurn(f"day {n}", said_at=DAWN - timedelta(days=n * 9)) for n in range(100))
    return settings


async def opened(app: MnemeApp, pilot: Pilot[object]) -> TimelineScreen:
    await wait_until(pilot, lambda: app.session.store is not None)
    await pilot.press("f8")
    await wait_until(pilot, lambda: isinstance(app.screen, TimelineScreen) and app.screen._found is not None)
    assert isinstance(app.screen, TimelineScreen)
    return app.screen


def shown(screen: TimelineScreen, id: str) -> str:
    return str(screen.query_one(id, Static).content)


async def test_the_unit_follows_the_width_until_one_is_chosen(years: Settings, make_app: MakeApp) -> None:
    app = make_app(years)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await wait_until(pilot, lambda: "Turns per month" in shown(screen, "#turns-plot"))
        await pilot.press("ctrl+f", "ctrl+f", "ctrl+f", "ctrl+f")
        await wait_until(pilot, lambda: "Turns per year" in shown(screen, "#turns-plot"))
        assert "100" in shown(screen, "#store-facts")


async def test_a_prune_asks_is_made_and_taken_back(years: Settings, make_app: MakeApp) -> None:
    app = make_app(years)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("p")
        table = screen.query_one(PruneTable)
        await wait_until(pilot, lambda: table.has_focus)
        await pilot.press("G", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        weaker, taken = table.highlighted
        assert (weaker, taken > 0) == (0.7, True)
        await pilot.press("y")
        await wait_until(pilot, lambda: len(app.session.store.memories(forgotten=True)) == taken)
        await wait_until(pilot, lambda: table.highlighted[1] == 0)
        await pilot.press("u")
        await wait_until(pilot, lambda: table.highlighted[1] == taken)


def test_the_command_draws_and_counts(years: Settings) -> None:
    drawn = CliRunner().invoke(command_line, ["memory", "timeline"], catch_exceptions=False).stdout
    assert "Turns per month" in drawn
    assert "█" in drawn
    document = json.loads(CliRunner().invoke(command_line, ["memory", "timeline", "--by", "year", "--json"]).stdout)
    assert sum(span["turns"] for span in document["turns"]) == 100
    assert sum(part["memories"] for part in document["strength"]) == 100
