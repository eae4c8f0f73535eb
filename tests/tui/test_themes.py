"""Themes: chosen by a short name, kept, told when there is none; the row under the cursor is seen in all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

from agent.settings import Settings, load_settings
from tests.tui.app_kit import wait_until
from tui.app import MnemeApp
from tui.screens.conversations import ConversationsScreen
from tui.themes.brought import ANSI, CONTRAST, DARK, LIGHT, SHORT, THEMES

MakeApp = Callable[..., MnemeApp]


@pytest.mark.parametrize("short", SHORT)
async def test_a_short_name_is_enough(home: Path, make_app: MakeApp, short: str) -> None:
    app = make_app(load_settings(None, None, chat__theme=short))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.theme == SHORT[short]
        [theme] = [theme for theme in THEMES if theme.name == SHORT[short]]
        assert app.has_class(f"-theme-{theme.name}")
        if not theme.ansi:
            assert app.chat.styles.background == Color.parse(theme.background)
            assert app.chat.query_one("#top").styles.background == Color.parse(theme.surface)


async def test_a_choice_is_kept_and_an_unknown_theme_is_told(home: Path, make_app: MakeApp) -> None:
    app = make_app(load_settings(None, None, chat__theme="pink"))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: any("no theme 'pink'" in note.message for note in app._notifications))
        app.theme = CONTRAST
        await pilot.pause()
    again = make_app(load_settings(None, None))
    async with again.run_test() as pilot:
        await pilot.pause()
        assert again.theme == CONTRAST


async def test_a_setting_that_is_changed_wins_over_an_earlier_choice(home: Path, make_app: MakeApp) -> None:
    async def begun_with(setting: str, choice: str = "") -> str:
        app = make_app(load_settings(None, None, chat__theme=setting))
        async with app.run_test() as pilot:
            await pilot.pause()
            began = app.theme
            app.theme = choice or began
            await pilot.pause()
        return began

    assert await begun_with("ansi") == ANSI
    assert await begun_with("contrast", LIGHT) == CONTRAST
    assert await begun_with("contrast") == LIGHT
    assert await begun_with("dark") == DARK


async def listed(app: MnemeApp, pilot: Pilot[object]) -> ConversationsScreen:
    await wait_until(pilot, lambda: app.session.store is not None)
    await pilot.press("ctrl+r")
    await wait_until(pilot, lambda: isinstance(app.screen, ConversationsScreen) and app.screen.is_mounted)
    await wait_until(pilot, lambda: app.screen.table.row_count == 3)
    assert isinstance(app.screen, ConversationsScreen)
    return app.screen


def look(screen: ConversationsScreen, row: int) -> Style:
    """How the title in a row of the table is drawn."""
    strip = screen.table.render_line(row + 1)
    return next(segment.style for segment in strip if segment.text.strip() and segment.style)


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST, ANSI])
@pytest.mark.parametrize("no_color", [False, True])
async def test_the_row_under_the_cursor_is_seen(
    world: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, theme: str, no_color: bool
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(world)
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        screen = await listed(app, pilot)
        for focused in (True, False):
            await pilot.pause()
            here, other = look(screen, 0), look(screen, 1)
            told = (here.reverse, here.underline) != (other.reverse, other.underline)
            assert told or (here.bgcolor != other.bgcolor and not (no_color or theme == ANSI)), (focused, here, other)
            assert not any(part.style and part.style.dim for part in screen.table.render_line(1))
            assert any(part.style and part.style.dim for part in screen.table.render_line(2))
            screen.turns.focus()
