"""Pictures of the chat's states, each on a small light screen and on a large dark one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from textual.pilot import Pilot

from agent.settings import Settings
from tests.tui.app_kit import Scripted, settled, wait_until, write
from tests.tui.test_pictures import Compare, pictured  # noqa: F401  a fixture
from tui.app import MnemeApp
from tui.screens.comparison import ComparisonScreen
from tui.screens.earlier_words import EarlierWords
from tui.screens.reading import ReadingScreen
from tui.talking.requests import Pace
from tui.talking.session import Opening
from tui.themes.brought import DARK, LIGHT
from tui.widgets.command_menu import CommandMenu
from tui.widgets.new_words import NewWords
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.status_line import StatusLine
from tui.widgets.turn_view import TurnView

SCREENS = {"small_light": ((60, 20), LIGHT), "large_dark": ((120, 40), DARK)}


async def typing(pilot: Pilot[object], model: Scripted) -> None:
    await wait_until(pilot, lambda: pilot.app.chat.panel.shown and pilot.app.chat.panel.shown.rows)
    await pilot.press("slash", "r", "e")
    await wait_until(pilot, lambda: pilot.app.chat.query_one(CommandMenu).display)


async def judging(pilot: Pilot[object], model: Scripted) -> None:
    app = pilot.app
    await wait_until(pilot, lambda: app.chat.panel.shown and app.chat.panel.shown.rows)
    await write(pilot, "/why")
    await wait_until(pilot, lambda: isinstance(app.focused, RecollectionCard))
    await pilot.press("+")
    await wait_until(pilot, lambda: app.focused.row.signal == "helpful")
    app.clear_notifications()


async def comparing(pilot: Pilot[object], model: Scripted) -> None:
    app = pilot.app
    model.pieces = ["I do not know ", "your cat's name."]
    await wait_until(pilot, lambda: app.chat.panel.shown and app.chat.panel.shown.rows)
    app.chat.without(app.chat.panel.shown.rows[0].memory)
    await wait_until(pilot, lambda: isinstance(app.screen, ComparisonScreen) and app.screen.made.state == "settled")
    app.screen.made.recalled = None
    app.screen.query(TurnView).last().refresh_foot()


async def reading(pilot: Pilot[object], model: Scripted) -> None:
    app = pilot.app
    app.chat.open_in_conversation(app.session.store.memories(matching="tuna", speaker="user", newest_first=False)[0])
    await wait_until(pilot, lambda: isinstance(app.screen, ReadingScreen) and app.screen.query(TurnView))


async def rewriting(pilot: Pilot[object], model: Scripted) -> None:
    await wait_until(pilot, lambda: pilot.app.chat.panel.shown and pilot.app.chat.panel.shown.rows)
    await pilot.press("f7")


async def hidden(pilot: Pilot[object], model: Scripted) -> None:
    await write(pilot, "/incognito")
    await wait_until(pilot, lambda: not pilot.app.session.privacy.remember)
    await write(pilot, "/as-of 2026-08-10")
    app = pilot.app
    await wait_until(pilot, lambda: "2026-08-10" in str(app.chat.query_one("#top-switches").content))
    model.pieces = ["Noted."]
    await write(pilot, "A surprise for Ana.")
    await wait_until(pilot, lambda: not app.session.busy and not app.chat.replies.waiting())
    await wait_until(pilot, lambda: app.chat.transcript.entries[-1].text == "Noted.")


async def waiting(pilot: Pilot[object], model: Scripted) -> None:
    app = pilot.app
    await write(pilot, "Count.")
    model.gate.release(30)
    await wait_until(pilot, lambda: app.chat.transcript.max_scroll_y > 20)
    await write(pilot, "And then?")
    await wait_until(pilot, lambda: app.chat.prompt.something_waits)
    app.chat.query_one(StatusLine).doing("writing…  Esc stops")


async def below(pilot: Pilot[object], model: Scripted) -> None:
    app = pilot.app
    await waiting(pilot, model)
    await wait_until(pilot, lambda: app.chat.transcript.scroll_y == app.chat.transcript.max_scroll_y)
    await pilot.press("pageup")
    model.gate.release(3)
    await wait_until(pilot, lambda: app.chat.query_one(NewWords).display)
    app.chat.query_one(StatusLine).doing("writing…  Esc stops")


async def searching(pilot: Pilot[object], model: Scripted) -> None:
    await wait_until(pilot, lambda: pilot.app.chat.panel.shown and pilot.app.chat.prompt.past.words)
    await pilot.press("ctrl+f")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, EarlierWords) and pilot.app.screen.query("#line"))
    pilot.app.screen.query_one("#line").cursor_blink = False
    await pilot.press(*"cat")
    await wait_until(pilot, lambda: pilot.app.screen.query_one("#earlier-words").option_count == 2)


SCENES = [typing, judging, comparing, reading, rewriting, hidden, waiting, below, searching]


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_chat(
    pictured: Settings,  # noqa: F811
    make_app: Callable[..., MnemeApp],
    snap_compare: Compare,
    scene: Callable[..., object],
    screen: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size, theme = SCREENS[screen]
    held = scene in (waiting, below)
    model = Scripted([f"line {n}\n\n" for n in range(90)], threading.Semaphore(0) if held else None, name="memory_only")
    app = make_app(pictured, model, Opening(latest=True))
    monkeypatch.setattr(Pace, "per_second", 0.0)

    async def before(pilot: Pilot[object], act: Callable[..., object]) -> None:
        app.theme = theme
        app.chat.prompt.cursor_blink = False
        await wait_until(pilot, lambda: app.chat.query_one(StatusLine).known and app.chat.transcript.entries)
        await wait_until(pilot, lambda: "memory_only" in str(app.chat.query_one("#top-model").content))
        await act(pilot, model)
        app.clear_notifications()
        await settled(pilot)

    assert snap_compare(app, run_before=partial(before, act=scene), terminal_size=size)
