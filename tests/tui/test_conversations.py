"""The list of conversations: resume, begin, rename, delete, and take it back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Input

from agent.settings import Settings
from tests.tui.app_kit import Scripted, wait_until, write
from tui.app import MnemeApp
from tui.screens.ask_line import AskLine
from tui.screens.chat import ChatScreen
from tui.screens.confirm import Confirm
from tui.screens.conversations import ConversationsScreen
from tui.session import Opening
from tui.widgets.top_bar import TopBar

MakeApp = Callable[..., MnemeApp]
Listed = tuple[Pilot[object], ConversationsScreen]


@asynccontextmanager
async def conversations(app: MnemeApp) -> AsyncIterator[Listed]:
    async with app.run_test(size=(90, 30)) as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: isinstance(app.screen, ConversationsScreen) and app.screen.is_mounted)
        screen = app.screen
        await wait_until(pilot, lambda: titles(screen))
        yield pilot, screen


def titles(screen: ConversationsScreen) -> list[str]:
    return [one.title for one in screen.table.conversations]


async def test_the_newest_is_first_and_enter_resumes_it(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with conversations(app) as (pilot, screen):
        assert titles(screen) == ["The bridge", "Trip to Kyoto", "A cat called Miso"]
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen) and app.chat.transcript.entries)
        assert app.chat.transcript.entries[0].text == "I am planning a trip to Kyoto in April with Ana."
        assert app.chat.query_one(TopBar).title_text == "Trip to Kyoto"


async def test_what_is_said_next_belongs_to_the_resumed_conversation(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with conversations(app) as (pilot, _):
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen) and app.chat.transcript.entries)
        await write(pilot, "Is that done?")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 4)
        bridge = app.session.store.conversations(matching="bridge")[0]
        assert [turn.text for turn in app.session.store.history(bridge.id)][-2:] == ["Is that done?", "Yes."]


async def test_typing_filters(world: Settings, make_app: MakeApp) -> None:
    async with conversations(make_app(world)) as (pilot, screen):
        await pilot.press("slash", *"kyoto")
        await wait_until(pilot, lambda: titles(screen) == ["Trip to Kyoto"])


async def test_renaming_is_kept_and_taken_back(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with conversations(app) as (pilot, screen):
        await pilot.press("r")
        await wait_until(pilot, lambda: isinstance(app.screen, AskLine))
        app.screen.query_one(Input).value = "North [pier]"
        await pilot.press("enter")
        await wait_until(pilot, lambda: titles(screen)[0] == "North [pier]")
        await pilot.press("u")
        await wait_until(pilot, lambda: titles(screen)[0] == "The bridge")


async def test_deleting_asks_and_can_be_taken_back(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with conversations(app) as (pilot, screen):
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        assert len(titles(screen)) == 3
        await pilot.press("d", "y")
        await wait_until(pilot, lambda: titles(screen) == ["Trip to Kyoto", "A cat called Miso"])
        assert not app.session.store.memories(matching="bridge")
        await pilot.press("u")
        await wait_until(pilot, lambda: len(titles(screen)) == 3)
        assert app.session.store.memories(matching="bridge")


async def test_deleting_the_present_one_begins_a_new_one(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, opening=Opening(latest=True))
    async with conversations(app) as (pilot, _):
        await wait_until(pilot, lambda: app.chat.transcript.entries)
        await pilot.press("d", "y")
        await wait_until(pilot, lambda: app.session.conversation_id is None and not app.chat.transcript.entries)


async def test_n_begins_a_new_one(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, opening=Opening(latest=True))
    async with conversations(app) as (pilot, _):
        await wait_until(pilot, lambda: app.chat.transcript.entries)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen) and not app.chat.transcript.entries)
