"""The list of conversations: resume, begin, rename, delete, and take it back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from agent.settings import Settings
from tests.tui.app_kit import Scripted, wait_until, write
from tui.app import MnemeApp
from tui.screens.ask_line import AskLine
from tui.screens.chat import ChatScreen
from tui.screens.confirm import Confirm
from tui.screens.conversations import ConversationsScreen
from tui.talking.session import Opening
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


def turns(screen: ConversationsScreen) -> list[str]:
    return [turn.text for turn in screen.turns.shown.turns] if screen.turns.shown else []


async def test_what_was_said_is_searched_and_shown_where_it_matches(world: Settings, make_app: MakeApp) -> None:
    async with conversations(make_app(world)) as (pilot, screen):
        await pilot.press("slash", *"tuna")
        await wait_until(pilot, lambda: titles(screen) == ["A cat called Miso"])
        await wait_until(pilot, lambda: screen.turns.highlighted_turn and "tuna" in screen.turns.highlighted_turn.text)
        assert screen.turns.highlighted_turn.text == "She hides under the sofa and comes out for tuna."


async def test_a_branch_begins_at_the_turn_under_the_cursor(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with conversations(app) as (pilot, screen):
        await pilot.press("G")
        await wait_until(pilot, lambda: len(turns(screen)) == 4 and "Miso" in turns(screen)[0])
        await pilot.press("tab", "g", "j", "b")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen) and len(app.chat.transcript.entries) == 2)
        branch = app.session.store.conversation(app.session.conversation_id)
        assert (branch.title, branch.turns) == ("A cat called Miso (2)", 0)
        await write(pilot, "And her name?")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 4)
        assert len(app.session.store.history(branch.id)) == 4
        assert len(app.session.store.memories(matching="adopted a cat")) == 1


async def test_archiving_is_not_deleting_and_is_taken_back(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with conversations(app) as (pilot, screen):
        await pilot.press("a")
        await wait_until(pilot, lambda: len(titles(screen)) == 2)
        assert app.session.store.memories(matching="bridge")
        await pilot.press("ctrl+f")
        await wait_until(pilot, lambda: titles(screen) == ["The bridge"])
        await pilot.press("a")
        await wait_until(pilot, lambda: titles(screen) == [])
        await pilot.press("u")
        await wait_until(pilot, lambda: titles(screen) == ["The bridge"])


async def test_the_deleted_have_a_list_and_are_restored_before_they_are_resumed(
    world: Settings, make_app: MakeApp
) -> None:
    app = make_app(world)
    async with conversations(app) as (pilot, screen):
        await pilot.press("d", "y")
        await wait_until(pilot, lambda: len(titles(screen)) == 2)
        await pilot.press("ctrl+f", "ctrl+f")
        await wait_until(pilot, lambda: titles(screen) == ["The bridge"] and len(turns(screen)) == 2)
        await pilot.press("enter")
        assert app.screen is screen
        await pilot.press("R")
        await wait_until(pilot, lambda: titles(screen) == [])
        assert app.session.store.memories(matching="bridge")


async def test_a_conversation_is_written_to_a_file_and_no_file_is_replaced(
    world: Settings, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(world)
    async with conversations(app) as (pilot, _):
        for file in ("the-bridge.md", "the-bridge.json"):
            await pilot.press("x")
            await wait_until(pilot, lambda: isinstance(app.screen, AskLine))
            assert app.screen.query_one(Input).value.endswith("the-bridge.md")
            app.screen.query_one(Input).value = str(tmp_path / file)
            await pilot.press("enter")
            await wait_until(pilot, (tmp_path / file).exists)
        assert (tmp_path / "the-bridge.md").read_text().startswith("# The bridge")
        assert json.loads((tmp_path / "the-bridge.json").read_text())["title"] == "The bridge"
        await pilot.press("x", "enter")
        await wait_until(pilot, lambda: any("exists. Name another" in note.message for note in app._notifications))


async def test_an_empty_list_offers_nothing_that_needs_a_conversation(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: isinstance(app.screen, ConversationsScreen) and app.screen.is_mounted)
        await pilot.press("r", "b", "a", "x", "d", "enter", "j", "G", "tab", "tab", "enter")
        assert isinstance(app.screen, ConversationsScreen)
        await pilot.click("#conversations-scope", offset=(9, 0))
        said = app.screen.query_one("#conversations-count", Static)
        await wait_until(pilot, lambda: "None is archived" in str(said.content))
