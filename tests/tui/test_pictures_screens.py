"""Pictures of memories, conversations, timeline, log and their forms, at two sizes and in four themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from agent.settings import Settings
from tests.tui.app_kit import wait_until
from tests.tui.test_conflicts import contradicted
from tests.tui.test_pictures import conversations, memories, picture, pictured
from tui.screens.confirm import Confirm
from tui.screens.conflicts import ConflictsScreen
from tui.screens.filter_memories import FilterMemories
from tui.screens.log import LogScreen
from tui.screens.timeline import TimelineScreen
from tui.themes.brought import ANSI, CONTRAST, DARK, LIGHT

__all__ = ["contradicted", "picture", "pictured"]

Take = Callable[..., bool]
TINY, SMALL, LARGE = (60, 20), (80, 24), (120, 32)

LOG = """\
2026-08-03 09:30:01,123 INFO mneme.agent: nothing was read ahead: the model is loading
2026-08-03 09:30:02,003 WARNING mneme.tui: the status could not be read: the database is locked
2026-08-03 09:31:10,500 ERROR mneme.tui: a reply could not be made
Traceback (most recent call last):
  File "tui/talking/session.py", line 260, in _answer
RuntimeError: 模型 [b]broke[/b]
"""


async def selected(pilot: Pilot[object]) -> None:
    await memories(pilot)
    await pilot.press("space", "space")


async def erasing(pilot: Pilot[object]) -> None:
    await selected(pilot)
    await pilot.press("X")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, Confirm))


async def filtering(pilot: Pilot[object]) -> None:
    await memories(pilot)
    pilot.app.screen.input.value = "by:Ana after:2026-08-20T00:00+00:00"
    await pilot.press("ctrl+g")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, FilterMemories) and pilot.app.screen.is_mounted)
    form = pilot.app.screen
    await wait_until(pilot, lambda: form.query_one("#filter-by").value == "Ana")
    for box in form.query("Input"):
        box.cursor_blink = False


async def looking_into(pilot: Pilot[object]) -> None:
    await conversations(pilot)
    screen = pilot.app.screen
    await pilot.press("G")
    await wait_until(pilot, lambda: screen.turns.shown and "Miso" in screen.turns.shown.turns[0].text)
    await pilot.press("tab", "k")


async def timeline(pilot: Pilot[object]) -> None:
    await pilot.press("f8")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, TimelineScreen) and pilot.app.screen._found)
    facts = pilot.app.screen.query_one("#store-facts")
    facts.update("The store")  # bytes on a disk are not the same on every machine


async def log(pilot: Pilot[object]) -> None:
    file = pilot.app.session.settings.paths.log_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(LOG, "utf-8")
    await pilot.press("f9")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, LogScreen) and pilot.app.screen.is_mounted)
    screen = pilot.app.screen
    await wait_until(pilot, lambda: screen.table.row_count == 3)
    screen.query_one("#log-file").update("mneme.log")  # a scratch folder has another name each time


ACTS = {
    "selected": selected,
    "erasing": erasing,
    "filtering": filtering,
    "conversations": looking_into,
    "timeline": timeline,
    "log": log,
}


@pytest.mark.parametrize(
    ("act", "size", "theme"),
    [
        ("selected", TINY, DARK),
        ("selected", LARGE, LIGHT),
        ("erasing", SMALL, LIGHT),
        ("filtering", TINY, LIGHT),
        ("filtering", LARGE, DARK),
        ("conversations", TINY, DARK),
        ("conversations", LARGE, LIGHT),
        ("conversations", SMALL, ANSI),
        ("timeline", TINY, LIGHT),
        ("timeline", LARGE, DARK),
        ("timeline", SMALL, CONTRAST),
        ("log", TINY, DARK),
        ("log", LARGE, LIGHT),
    ],
)
def test_a_picture(pictured: Settings, picture: Take, act: str, size: tuple[int, int], theme: str) -> None:
    assert picture(pictured, ACTS[act], size, theme)


async def contradictions(pilot: Pilot[object]) -> None:
    await wait_until(pilot, lambda: pilot.app.conflicts)
    pilot.app.action_conflicts()
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConflictsScreen) and pilot.app.screen.is_mounted)
    await wait_until(pilot, lambda: pilot.app.screen.table.chains)


def test_contradictions_small(contradicted: Settings, picture: Take) -> None:
    assert picture(contradicted, contradictions, SMALL, DARK)


def test_contradictions_large(contradicted: Settings, picture: Take) -> None:
    assert picture(contradicted, contradictions, LARGE, LIGHT)
