"""Pictures of the screens, at two sizes and in two themes. After ``pytest --snapshot-update``, look at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from textual.pilot import Pilot

from agent.events import Usage
from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.records import Recollection, Recollections
from tests.tui.app_kit import Scripted, settled, wait_until
from tui.app import MnemeApp
from tui.screens.conversations import ConversationsScreen
from tui.screens.memory import MemoryScreen
from tui.talking.session import Opening
from tui.themes.brought import DARK, LIGHT
from tui.widgets.status_line import StatusLine

Act = Callable[[Pilot[object]], Awaitable[None]]
Opener = Callable[..., MemoryStore]


class Compare(Protocol):
    def __call__(self, app: MnemeApp, *, run_before: Act, terminal_size: tuple[int, int]) -> bool: ...


REASONS = (
    {"words": 0.92, "meaning": 0.6, "neighbours": 0.21, "session": 0.4, "speaker": 0.5},
    {"words": 0.38, "meaning": 0.48, "session": 0.4, "speaker": 0.5},
    {"meaning": 0.43, "neighbours": 0.3, "session": 0.2, "question": -0.1},
    {"words": 0.11, "meaning": 0.2, "speaker": 0.05},
)


def recall_as_drawn(store: MemoryStore, query: str, **_: object) -> Recollections:
    memories = [store.memories(matching=words)[0] for words in ("adopted a cat", "She hides", "spare key", "shellfish")]
    hits = [
        Recollection(memory, sum(why.values()), why, ("tuna",)) for memory, why in zip(memories, REASONS, strict=False)
    ]
    return Recollections(hits, confidence=3.0)


@pytest.fixture
def pictured(world: Settings, opener: Opener, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The world, with a conversation whose reply has recalled something. The scores are made up: a picture must not
    change with the weights of recall, nor with the last digit that another processor computes."""
    monkeypatch.setattr(MemoryStore, "recall", recall_as_drawn)
    with opener(world, "before") as store:
        talk = store.begin_conversation(title="Is the cat all right?").id
        store.remember("What is my cat called, and what does she eat?", conversation=talk)
        hits = store.recall("What is my cat called, and what does she eat?", limit=4)
        store.remember(
            "She is called **Miso**, and what she comes out for is `tuna`:\n\n- grey\n- hides under the sofa",
            speaker="assistant",
            conversation=talk,
            recalled=hits,
            in_prompt={hit.memory.id for hit in hits[:3]},
        )
        store.pin(hits[0].memory.id)
        store.index_now()
    return world


@pytest.fixture
def picture(snap_compare: Compare, make_app: Callable[..., MnemeApp]) -> Callable[..., bool]:
    def take(settings: Settings, act: Act, size: tuple[int, int], theme: str, opening: Opening | None = None) -> bool:
        app = make_app(settings, Scripted(name="memory_only"), opening)

        async def before(pilot: Pilot[object]) -> None:
            app.theme = theme
            app.chat.prompt.cursor_blink = False
            await wait_until(pilot, lambda: app.chat.query_one(StatusLine).known)
            await wait_until(pilot, lambda: "memory_only" in str(app.chat.query_one("#top-model").content))
            await act(pilot)
            await settled(pilot)

        return snap_compare(app, run_before=before, terminal_size=size)

    return take


async def still(pilot: Pilot[object]) -> None:
    await wait_until(pilot, lambda: pilot.app.chat.welcome.is_attached)


async def resumed(pilot: Pilot[object]) -> None:
    app = pilot.app
    await wait_until(pilot, lambda: app.chat.panel.shown and app.chat.panel.shown.rows)
    app.chat.query_one(StatusLine).used(Usage(412, 38, 16384, 0.0, 0.0))


async def drawer(pilot: Pilot[object]) -> None:
    await resumed(pilot)
    await pilot.press("ctrl+t")


async def memories(pilot: Pilot[object]) -> None:
    await pilot.press("ctrl+o")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, MemoryScreen) and pilot.app.screen.is_mounted)
    screen = pilot.app.screen
    screen.input.cursor_blink = False
    screen.input.value = "tuna"
    await wait_until(pilot, lambda: screen.table.highlighted and "tuna" in screen.table.highlighted.text)
    await pilot.press("down")
    await wait_until(pilot, lambda: "Why it was found" in str(screen.query_one("#detail-text").content))


async def conversations(pilot: Pilot[object]) -> None:
    await pilot.press("ctrl+r")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConversationsScreen) and pilot.app.screen.is_mounted)
    await wait_until(pilot, lambda: pilot.app.screen.table.conversations)


async def helping(pilot: Pilot[object]) -> None:
    await pilot.press("f1")


LATEST = Opening(latest=True)
SMALL, LARGE = (80, 24), (100, 30)


def test_an_empty_conversation(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, still, SMALL, DARK)


def test_a_reply_and_what_was_recalled_dark(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, resumed, LARGE, DARK, LATEST)


def test_a_reply_and_what_was_recalled_light(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, resumed, LARGE, LIGHT, LATEST)


def test_what_was_recalled_in_a_drawer(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, drawer, SMALL, DARK, LATEST)


def test_memories_searched(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, memories, (120, 32), DARK)


def test_memories_searched_on_a_small_screen(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, memories, SMALL, LIGHT)


def test_conversations(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, conversations, SMALL, LIGHT, LATEST)


def test_help(pictured: Settings, picture: Callable[..., bool]) -> None:
    assert picture(pictured, helping, LARGE, DARK)
