"""Everything remembered: found while typing, explained, corrected, pinned, forgotten and brought back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Static, TextArea

from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.records import NewTurn
from tests.tui.app_kit import TALKS, Scripted, wait_until, write
from tui.app import MnemeApp
from tui.screens.chat import ChatScreen
from tui.screens.edit_text import EditText
from tui.screens.memory import MemoryScreen
from tui.screens.reading import ReadingScreen
from tui.talking.session import Opening
from tui.widgets.transcript import Transcript
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]
Opened = tuple[Pilot[object], MemoryScreen]


@asynccontextmanager
async def memories(app: MnemeApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Opened]:
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: isinstance(app.screen, MemoryScreen) and app.screen.is_mounted)
        screen = app.screen
        await wait_until(pilot, lambda: screen.table.shown)
        yield pilot, screen


def detail(screen: MemoryScreen) -> str:
    return str(screen.query_one("#detail-text", Static).content)


def said(app: MnemeApp) -> list[str]:
    return [notice.message for notice in app._notifications]


async def test_the_newest_come_first(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        assert screen.table.shown == 11
        await pilot.press("down")
        await wait_until(pilot, lambda: "number 12" in detail(screen))
        assert "a note" in detail(screen)


async def test_typing_searches_and_says_why(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        await pilot.press(*"shellfish")
        await wait_until(pilot, lambda: screen.table.highlighted and "shellfish" in screen.table.highlighted.text)
        await wait_until(pilot, lambda: "Why it was found" in detail(screen))
        text = detail(screen)
        assert "in “Trip to Kyoto”" in text
        assert "我想去看樱花" in text
        assert "words" in text
        assert "recalled, best first" in str(screen.query_one("#memory-count", Static).content)


async def test_chinese_words_are_found(world: Settings, make_app: MakeApp) -> None:
    async with memories(make_app(world)) as (pilot, screen):
        screen.input.value = "樱花"
        await wait_until(pilot, lambda: screen.table.highlighted and "樱花" in screen.table.highlighted.text)


async def test_a_pin_is_kept_shown_and_taken_back(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "p")
        await wait_until(pilot, lambda: screen.table.highlighted.pinned and "pinned" in detail(screen))
        key = screen.table.highlighted.id
        assert app.session.store.get(key).pinned
        await pilot.press("u")
        await wait_until(pilot, lambda: not screen.table.highlighted.pinned)
        assert not app.session.store.get(key).pinned


async def test_forgetting_can_be_restored(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "f")
        await wait_until(pilot, lambda: screen.table.highlighted.forgotten)
        key = screen.table.highlighted.id
        assert app.session.store.get(key).forgotten
        assert any("u takes it back" in line for line in said(app))
        await pilot.press("r")
        await wait_until(pilot, lambda: not screen.table.highlighted.forgotten)
        assert not app.session.store.get(key).forgotten


async def test_the_forgotten_have_a_list_of_their_own(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "f")
        await wait_until(pilot, lambda: screen.table.highlighted.forgotten)
        key = screen.table.highlighted.id
        await pilot.press("ctrl+f", "ctrl+f", "ctrl+f", "ctrl+f")
        await wait_until(pilot, lambda: screen.table.shown == 1)
        assert screen.table.highlighted.id == key


async def test_a_correction_keeps_the_earlier_wording(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, EditText))
        app.screen.query_one(TextArea).text = "The spare key is with Ana now."
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "with Ana now" in detail(screen) and "number 12" in detail(screen))
        key = screen.table.highlighted.id
        assert app.session.store.get(key).text == "The spare key is with Ana now."
        assert [old.text for old in app.session.store.revisions(key)] == [
            "The spare key is with the neighbours at number 12."
        ]


async def test_a_correction_can_be_left(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, EditText))
        app.screen.query_one(TextArea).text = "   "
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, EditText)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        assert app.session.store.revisions(screen.table.highlighted.id) == []


async def test_what_is_too_long_for_a_dialog_is_left_to_an_editor(
    settings: Settings, make_app: MakeApp, opener: Callable[[Settings], MemoryStore]
) -> None:
    with opener(settings) as store:
        store.remember("whale " + "x" * 1_000_000, speaker="user")
    app = make_app(settings)
    async with memories(app, size=(80, 24)) as (pilot, screen):
        await wait_until(pilot, lambda: "more characters" in detail(screen))
        screen.table.focus()
        await pilot.press("e")
        await wait_until(pilot, lambda: any("mneme memory edit" in words for words in said(app)))
        assert app.screen is screen


async def test_a_memory_opens_in_its_conversation(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        screen.input.value = "tuna"
        await wait_until(pilot, lambda: screen.table.highlighted and "tuna" in screen.table.highlighted.text)
        await pilot.press("down", "o")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen) and app.chat.transcript.entries)
        assert "Miso" in app.chat.transcript.entries[0].text


async def test_something_recalled_opens_where_it_can_be_read_and_changed(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Miso."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, lambda: not app.session.busy and app.chat.panel.shown)
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ReadingScreen) and app.screen.query(TurnView))
        read = [view.entry.text for view in app.screen.query(TurnView)]
        assert [words for speaker, words in TALKS["A cat called Miso"]] == read
        assert "called Miso" in app.screen.focused.entry.text
        assert app.screen.query_one(Transcript).scroll_y == 0
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, MemoryScreen) and "Miso" in detail(app.screen))
        await pilot.press("f", "escape", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        await wait_until(pilot, lambda: app.chat.panel.shown_memories()[0].forgotten)


async def test_a_long_list_is_read_as_it_is_scrolled(
    settings: Settings, opener: Callable[[Settings], MemoryStore], make_app: MakeApp
) -> None:
    with opener(settings) as store:
        store.remember_many(NewTurn(f"note {n}") for n in range(450))
    async with memories(make_app(settings)) as (pilot, screen):
        assert screen.table.shown == 200
        for _ in range(3):
            await pilot.press("down", "G")
            await pilot.pause(0.1)
        await wait_until(pilot, lambda: screen.table.shown == 450)


async def test_markup_in_a_memory_is_text(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        screen.input.value = "bridge deadline"
        await wait_until(pilot, lambda: "[b]Not markup[/b]" in detail(screen))
        assert "[b]Not" in app.export_screenshot()


async def test_escape_empties_the_search_then_leaves(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, opening=Opening())
    async with memories(app, size=(80, 24)) as (pilot, screen):
        await pilot.press("x", "escape")
        assert screen.input.value == ""
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))


async def test_what_is_opened_from_a_search_is_kept_to_learn_from(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with memories(app) as (pilot, screen):
        await pilot.press("down", "enter")  # no search: nothing to learn from
        await pilot.press("slash", *"shellfish sort:newest")
        await wait_until(pilot, lambda: screen.table.highlighted and "shellfish" in screen.table.highlighted.text)
        await pilot.press("enter", "enter")
        store = app.session.store
        assert store is not None
        await wait_until(pilot, lambda: store.labels_given().items)
        [label] = store.labels_given().items
        assert label.text == "shellfish"
        assert screen.table.highlighted is not None
        assert label.gold == {screen.table.highlighted.id}


async def test_searches_are_not_kept_where_the_settings_say_so(world: Settings, make_app: MakeApp) -> None:
    private = world.model_copy(update={"privacy": world.privacy.model_copy(update={"keep_searches": False})})
    app = make_app(private)
    async with memories(app) as (pilot, screen):
        await pilot.press("slash", *"shellfish")
        await wait_until(pilot, lambda: screen.table.highlighted and "shellfish" in screen.table.highlighted.text)
        await pilot.press("enter", "enter")
        await wait_until(pilot, lambda: screen.focused is screen.detail)
        await pilot.pause(0.2)
        store = app.session.store
        assert store is not None
        assert not store.labels_given().items
