"""The inbox of contradictions: reached, read, decided, taken back; told where the user sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agent.settings import Settings
from memory_store import MemoryStore, VirtualClock
from tests.tui.app_kit import wait_until, write
from tests.tui.test_memory_filters import memories, said
from tui.app import MnemeApp
from tui.screens.conflicts import ConflictsScreen
from tui.screens.memory import MemoryScreen

MakeApp = Callable[..., MnemeApp]


@pytest.fixture
def contradicted(world: Settings, clock: VirtualClock, opener: Callable[..., MemoryStore]) -> Settings:
    """The world, and two contradictions in it: one of conversations, one of notes."""
    with opener(world, "before") as store:
        talk = store.begin_conversation(title="How Ida is").id
        store.remember("My sister Ida lives in Porto, near the river.", conversation=talk)
        store.remember("My rent is 900 euros a month.")
        clock.advance(timedelta(days=40))
        later = store.begin_conversation(title="News").id
        store.remember("My sister Ida moved to Lisbon with her [b]dog[/b].", conversation=later)
        store.remember("My rent went up to 980 euros.")
        store.index_now()
    return world


@asynccontextmanager
async def inbox(app: MnemeApp) -> AsyncIterator[tuple[Pilot[object], ConflictsScreen]]:
    """Opened from the memory screen."""
    async with app.run_test(size=(110, 34)) as pilot:
        await wait_until(pilot, lambda: app.conflicts)
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: isinstance(app.screen, MemoryScreen) and app.screen.table.shown)
        await wait_until(pilot, lambda: "2 contradictions (c)" in said(app.screen))
        await pilot.press("down", "c")
        await wait_until(pilot, lambda: isinstance(app.screen, ConflictsScreen) and app.screen.is_mounted)
        screen = app.screen
        await wait_until(pilot, lambda: screen.table.chains)
        yield pilot, screen


def detail(screen: ConflictsScreen) -> str:
    return str(screen.query_one("#conflicts-both", Static).content)


async def test_both_statements_are_told_with_dates_and_sources(contradicted: Settings, make_app: MakeApp) -> None:
    async with inbox(make_app(contradicted)) as (pilot, screen):
        await wait_until(pilot, lambda: "980" in detail(screen))
        assert "a note" in detail(screen)
        await pilot.press("j")
        await wait_until(pilot, lambda: "moved to Lisbon with her [b]dog[/b]" in detail(screen))
        assert all(words in detail(screen) for words in ("News", "How Ida is", "lives in Porto"))
        assert "2 to decide" in str(screen.query_one("#conflicts-count", Static).content)


async def test_a_decision_leaves_the_list_and_u_takes_it_back(contradicted: Settings, make_app: MakeApp) -> None:
    app = make_app(contradicted)
    async with inbox(app) as (pilot, screen):
        store = app.session.store
        [rent, home] = store.conflicts()
        await pilot.press("n")
        await wait_until(pilot, lambda: [one.id for one in screen.table.chains] == [home.id])
        assert store.conflict(rent.id).state == "newer"
        assert app.conflicts == 1
        await pilot.press("b")
        await wait_until(pilot, lambda: "Nothing that is remembered contradicts" in detail(screen))
        assert store.conflict(home.id).state == "both"
        await pilot.press("a")
        await wait_until(pilot, lambda: len(screen.table.chains) == 2)
        await wait_until(pilot, lambda: "Decided:" in detail(screen))
        await pilot.press("d")
        await wait_until(pilot, lambda: store.conflict(rent.id).state == "dismissed")
        await pilot.press("u")
        await wait_until(pilot, lambda: store.conflict(rent.id).state == "newer")
        await pilot.press("u", "u")
        await wait_until(pilot, lambda: store.open_conflicts() == 2)


@pytest.fixture
def moved_thrice(world: Settings, clock: VirtualClock, opener: Callable[..., MemoryStore]) -> Settings:
    """The world of somebody who lived in four towns, and had one other thing change."""
    with opener(world, "before") as store:
        for number, town in enumerate(("Porto", "Lisbon", "Faro", "Braga")):
            talk = store.begin_conversation(title=f"News {number}").id
            store.remember(
                f"I live in {town} with my cats." if not number else f"I moved to {town}.", conversation=talk
            )
            clock.advance(timedelta(days=100))
        store.remember("My rent is 900 euros a month.")
        clock.advance(timedelta(days=1))
        store.remember("My rent went up to 980 euros.")
        store.index_now()
    return world


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_what_changed_several_times_is_one_question(
    moved_thrice: Settings, make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app(moved_thrice)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: app.conflicts == 2)
        await write(pilot, "/conflicts")
        await wait_until(pilot, lambda: isinstance(app.screen, ConflictsScreen) and app.screen.is_mounted)
        screen = app.screen
        await wait_until(pilot, lambda: len(screen.table.chains) == 2)
        assert str(screen.table.get_cell_at((1, 2))) == "Porto → Lisbon → Faro → Braga"
        await pilot.press("j")
        await wait_until(pilot, lambda: "Braga" in detail(screen))
        told = [detail(screen).index(town) for town in ("Braga", "Faro", "Lisbon", "Porto")]
        assert told == sorted(told)
        await pilot.press("n")
        await wait_until(pilot, lambda: len(screen.table.chains) == 1 and app.conflicts == 1)
        store = app.session.store
        assert {one.state for one in store.conflicts(("open", "newer")) if one.why == "live"} == {"newer"}
        await pilot.press("u")
        await wait_until(pilot, lambda: len(screen.table.chains) == 2 and app.conflicts == 2)
        assert len(store.conflicts()) == 4


async def test_enter_opens_where_it_was_said(contradicted: Settings, make_app: MakeApp) -> None:
    app = make_app(contradicted)
    async with inbox(app) as (pilot, screen):
        await pilot.press("j", "enter")
        wanted = screen.table.chains[1].statements[-1][0].conversation_id
        await wait_until(pilot, lambda: app.screen is app.chat and app.session.conversation_id == wanted)


async def test_the_command_opens_it_or_decides(contradicted: Settings, make_app: MakeApp) -> None:
    app = make_app(contradicted)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.conflicts)
        store = app.session.store
        first = store.conflicts()[0]
        await write(pilot, f"/conflicts {first.id} newer")
        await wait_until(pilot, lambda: store.conflict(first.id).state == "newer")
        await write(pilot, "/conflicts")
        await wait_until(pilot, lambda: isinstance(app.screen, ConflictsScreen))
        await wait_until(pilot, lambda: len(app.screen.table.chains) == 1)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)
        await write(pilot, "/conflicts what")
        await wait_until(pilot, lambda: any("/conflicts ID" in one.message for one in app._notifications))


async def test_the_details_of_a_memory_name_what_contradicts_it(contradicted: Settings, make_app: MakeApp) -> None:
    app = make_app(contradicted)
    async with memories(app) as (pilot, screen):
        screen.input.value = "Porto river"
        await wait_until(pilot, lambda: screen.table.highlighted and "Lisbon" in screen.table.highlighted.text)
        await pilot.press("down")
        await wait_until(pilot, lambda: "Contradicts" in str(screen.query_one("#detail-text", Static).content))
        await pilot.press("j")
        await wait_until(pilot, lambda: "Contradicted by" in str(screen.query_one("#detail-text", Static).content))
        assert "to decide" in str(screen.query_one("#detail-text", Static).content)
