"""Help and palette say what the keys do, because they are read from them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
from textual.widgets._footer import FooterKey

from agent.settings import Settings
from tests.tui.app_kit import settled, wait_until, words_of
from tui.app import MnemeApp
from tui.keys.palette import commands
from tui.keys.table import key_groups
from tui.screens.chat import ChatScreen
from tui.screens.help import HelpScreen
from tui.talking.session import Opening
from tui.widgets.key_footer import KeyFooter
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]
NEED_PROTOCOLS = {"ctrl+i", "ctrl+m", "ctrl+tab", "ctrl+enter", "super"}


def test_every_key_is_named_once_in_its_place() -> None:
    groups = key_groups()
    assert [group.where for group in groups][:2] == ["Writing", "Conversation"]
    for group in groups:
        keys = [key for row in group.rows for key in row.keys.split()]
        assert keys
        assert len(keys) == len(set(keys)), group.where
    rows = {row.keys: row.does for group in groups for row in group.rows}
    assert rows["Ctrl+J Shift+Enter"] == "New line"
    assert rows["Ctrl+Q"].startswith("Leave")


def test_no_key_needs_a_protocol_that_many_terminals_lack() -> None:
    keys = {key.lower() for group in key_groups() for row in group.rows for key in row.keys.split()}
    assert not keys & NEED_PROTOCOLS


async def test_f1_shows_them_and_where_everything_lies(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test(size=(110, 50)) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await settled(pilot)
        text = words_of(app.screen)
        for group in key_groups():
            assert group.where in text
            assert all(row.does in text for row in group.rows)
        assert "~/.local/share/mneme" in text
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))


async def test_every_command_of_the_palette_can_be_called(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        for command in commands(app, app.chat):
            if command.title not in ("Quit", "Theme", "Screenshot"):
                command.callback()
                await pilot.pause()
                while app.screen is not app.chat:
                    app.pop_screen()
        assert app.is_running


async def test_the_footer_lets_go_of_the_keys_it_showed(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.chat.query(FooterKey))
        first = [weakref.ref(key) for key in app.chat.query(FooterKey)]
        for turn in range(3):
            app.chat.query_one(KeyFooter)._says = f"{{}}, {turn}".format
            app.chat.refresh_bindings()
            await pilot.pause(0.05)
        await wait_until(pilot, lambda: not any(key.is_attached for one in first if (key := one()) is not None))
        gc.collect()
        assert not [one for one in first if one() is not None]


async def test_the_footer_keeps_its_keys_while_they_do_the_same(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.chat.query(FooterKey))
        await settled(pilot)
        before = list(app.chat.query(FooterKey))
        app.chat.refresh_bindings()
        await settled(pilot)
        assert list(app.chat.query(FooterKey)) == before


@pytest.mark.parametrize("width", [60, 72, 80, 120])
async def test_the_keys_that_are_shown_are_shown_whole(world: Settings, make_app: MakeApp, width: int) -> None:
    app = make_app(world, opening=Opening(latest=True))
    async with app.run_test(size=(width, 24)) as pilot:
        await wait_until(pilot, lambda: app.chat.query(TurnView))
        app.chat.query(TurnView).last().focus()
        await settled(pilot)
        shown = [key for key in app.chat.query(FooterKey) if key.display]
        assert shown[-1].region.right <= width
        said = [key.description for key in shown]
        assert said[0] == "Copy"
        assert said[-2:] == ["Help", "More"]
        assert "Write" in said  # what Esc does here
