"""Pictures of choosing a model, at two sizes. After ``pytest --snapshot-update``, look at them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agent.settings import Settings
from memory_store import MemoryStore
from tests.tui.app_kit import settled, wait_until
from tests.tui.models_kit import ALL, found, named_models
from tui.app import MnemeApp
from tui.screens import beginning, models
from tui.screens.models import ModelsScreen
from tui.talking.session import Session
from tui.themes.brought import DARK, LIGHT
from tui.widgets.status_line import StatusLine

SMALL, LARGE = (80, 24), (110, 30)


@pytest.fixture
def picture(
    snap_compare: Callable[..., bool],
    settings: Settings,
    opener: Callable[[Settings], MemoryStore],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., bool]:
    def take(here: list, size: tuple[int, int], theme: str, *, picker: bool = False) -> bool:
        for screen in (beginning, models):
            monkeypatch.setattr(screen, "models_here", found(*here))
        app = MnemeApp(Session(settings, opener=opener, model_maker=named_models), greet=True)

        async def before(pilot: Pilot[object]) -> None:
            app.theme = theme
            app.chat.prompt.cursor_blink = False
            await wait_until(pilot, lambda: app.chat.query_one(StatusLine).known)
            await wait_until(pilot, lambda: "● memory_only" in str(app.chat.query_one("#top-model", Static).content))
            await wait_until(
                pilot, lambda: "begin to write" in str(app.chat.query_one("#first-run-foot", Static).content)
            )
            if picker:
                await pilot.press("ctrl+l")
                await wait_until(pilot, lambda: isinstance(app.screen, ModelsScreen) and app.screen.is_mounted)
                await wait_until(pilot, lambda: app.screen.table.models)
                await pilot.press("down")
            await settled(pilot)

        return snap_compare(app, run_before=before, terminal_size=size)

    return take


def test_the_first_time_with_models_small(picture: Callable[..., bool]) -> None:
    assert picture(ALL, SMALL, DARK)


def test_the_first_time_with_models_large(picture: Callable[..., bool]) -> None:
    assert picture(ALL, LARGE, LIGHT)


def test_the_first_time_without_a_model(picture: Callable[..., bool]) -> None:
    assert picture([], SMALL, DARK)


def test_the_picker_small(picture: Callable[..., bool]) -> None:
    assert picture(ALL, SMALL, LIGHT, picker=True)


def test_the_picker_large(picture: Callable[..., bool]) -> None:
    assert picture(ALL, LARGE, DARK, picker=True)
