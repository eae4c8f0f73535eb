"""Several memories at once, selected by key and mouse; erasing for good, which asks and is proved."""

from __future__ import annotations

from agent.settings import Settings
from tests.tui.app_kit import wait_until, write
from tests.tui.test_memory_filters import MakeApp, memories, said, texts
from tui.screens.confirm import Confirm
from tui.screens.memory import MemoryScreen
from tui.talking.session import Opening


async def test_what_is_selected_is_acted_on_and_taken_back_together(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "space", "space", "space")
        await wait_until(pilot, lambda: said(screen).startswith("3 selected"))
        chosen = [memory.id for memory in screen.table.selected]
        await pilot.press("f")
        await wait_until(pilot, lambda: all(memory.forgotten for memory in screen.table.selected))
        store = app.session.store
        assert {memory.id for memory in store.memories(forgotten=True)} == set(chosen)
        await pilot.press("u")
        await wait_until(pilot, lambda: not store.memories(forgotten=True))
        await pilot.press("p")
        await wait_until(pilot, lambda: len(store.memories(pinned=True)) == 3)
        await wait_until(pilot, lambda: all(memory.pinned for memory in screen.table.selected))
        await pilot.press("p")
        await wait_until(pilot, lambda: not store.memories(pinned=True))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not screen.table.selected)


async def test_all_are_selected_and_none(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        await pilot.press("down", "A")
        await wait_until(pilot, lambda: said(screen).startswith("11 selected"))
        await pilot.press("A")
        await wait_until(pilot, lambda: "selected" not in said(screen))


async def test_a_click_into_the_first_column_selects(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        await pilot.click("#memories", offset=(2, 3))
        await wait_until(pilot, lambda: len(screen.table.selected) == 1)
        await pilot.click("#memories", offset=(20, 2))
        await wait_until(pilot, lambda: screen.table.cursor_row == 1)
        await pilot.click("#memories", offset=(20, 2))
        await wait_until(pilot, lambda: screen.detail.has_focus)
        assert len(screen.table.selected) == 1


async def test_erasing_asks_says_what_goes_and_leaves_nothing(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "space", "X")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "The spare key" in app.screen._detail
        assert "cannot be undone" in app.screen._detail
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        assert screen.table.shown == 11
        await pilot.press("X", "y")
        await wait_until(pilot, lambda: screen.table.shown == 10)
        assert app.session.store.memories(matching="spare", forgotten=None) == []
        await wait_until(pilot, lambda: any("no trace is left" in note.message for note in app._notifications))
        assert not screen.table.selected
        await wait_until(pilot, lambda: "10 memories" in str(screen.query_one("#memory-count").content))


async def test_what_is_erased_leaves_the_chat_too(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, opening=Opening(latest=True))
    async with memories(app) as (pilot, screen):
        await wait_until(pilot, lambda: len(app.chat.transcript.entries) == 2)
        screen.input.value = "deadline"
        await wait_until(pilot, lambda: screen.table.highlighted and "deadline" in screen.table.highlighted.text)
        await pilot.press("down", "X", "y")
        await wait_until(pilot, lambda: len(app.chat.transcript.entries) == 1)
        assert "deadline" not in app.chat.transcript.entries[0].text


async def test_what_is_taken_back_is_listed_as_it_is_then(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, "/remember The boiler is serviced in May.")
        await wait_until(pilot, lambda: app.undoable)
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, MemoryScreen) and app.screen.is_mounted)
        screen = app.screen
        await wait_until(pilot, lambda: any("boiler" in text for text in texts(screen)))
        await pilot.press("down", "u")
        await wait_until(pilot, lambda: not any("boiler" in text for text in texts(screen)))
