"""Keys of the user's own: bound, shown in help and footer, and refused in one line when they cannot be bound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.errors import SettingsError
from agent.settings import Settings, load_settings
from tests.tui.app_kit import settled, wait_until, words_of
from tui.app import MnemeApp
from tui.cli import app as command_line
from tui.keys.keymap import checked
from tui.keys.table import keys_of, places
from tui.screens.conversations import ConversationsScreen
from tui.screens.help import HelpScreen
from tui.screens.log import LogScreen

MakeApp = Callable[..., MnemeApp]


def settings_with(home: Path, keys: str) -> Settings:
    file = load_settings(None, None).paths.config_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[keys]\n{keys}\n", "utf-8")
    return load_settings(None, None)


async def test_another_key_does_it_and_the_old_one_no_longer(home: Path, make_app: MakeApp) -> None:
    app = make_app(settings_with(home, 'log = "f11,ctrl+b"\n"list.down" = "n"\n"conversations.new" = "ctrl+e"'))
    async with app.run_test(size=(110, 50)) as pilot:
        await pilot.press("f9")
        assert not isinstance(app.screen, LogScreen)
        await pilot.press("ctrl+b")
        await wait_until(pilot, lambda: isinstance(app.screen, LogScreen))
        await pilot.press("escape", "f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await settled(pilot)
        text = words_of(app.screen)
        assert "F11 Ctrl+B" in text
        assert "F9" not in text


async def test_a_list_is_walked_with_the_key_that_was_chosen(home: Path, world: Settings, make_app: MakeApp) -> None:
    app = make_app(settings_with(home, '"list.down" = "h"'))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: isinstance(app.screen, ConversationsScreen) and app.screen.is_mounted)
        await wait_until(pilot, lambda: app.screen.table.row_count == 3)
        await pilot.press("j")
        assert app.screen.table.cursor_row == 0
        await pilot.press("h")
        await wait_until(pilot, lambda: app.screen.table.cursor_row == 1)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"conversations.renam": "e"}, 'Did you mean "conversations.rename"'),
        ({"qqq": "e"}, "`mneme config keys` lists"),
        ({"log": "f99x"}, '"f99x" is no key'),
        ({"log": ""}, '"" is no key'),
        ({"log": "ctl+b"}, '"ctl+b" is no key'),
        ({"conversations.rename": "b"}, "both conversations.rename and conversations.branch"),
        ({"conversations.new": "/"}, "both"),
        ({"log": "f8"}, "both timeline and log"),
        ({"conversations.new": "f8"}, "both timeline and conversations.new"),
    ],
)
def test_what_cannot_be_bound_is_refused(keys: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        checked(keys)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_keys_can_change_places() -> None:
    swapped = {"conversations.rename": "b", "conversations.branch": "r", "log": "asterisk, comma", "timeline": "?"}
    assert checked(swapped) == swapped | {"log": "asterisk,comma"}


def test_a_name_is_one_thing_and_no_key_has_two_in_one_place() -> None:
    for place in places():
        named = [binding.id for binding in place.bindings if binding.id]
        assert len(named) == len(set(named)), place.where
        keys = [key for binding in place.bindings for key in keys_of(binding).split(",")]
        assert len(keys) == len(set(keys)), place.where


def test_the_command_lists_names_and_keys_in_force(home: Path) -> None:
    settings_with(home, 'log = "f11"')
    rows = json.loads(CliRunner().invoke(command_line, ["config", "keys", "--json"]).stdout)
    assert {"name": "log", "keys": "f11", "where": "Everywhere", "does": "The log"} in rows
