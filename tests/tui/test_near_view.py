"""What is far from the view costs no layout, and is there as soon as it is looked at."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from textual.geometry import Size
from textual.layout import DockArrangeResult
from textual.pilot import Pilot

from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.records import NewTurn
from tests.tui.app_kit import wait_until
from tui.app import MnemeApp
from tui.talking.session import Opening
from tui.widgets.near_view import NearView
from tui.widgets.reply_text import ReplyText

MakeApp = Callable[..., MnemeApp]
SECTION = "Section {n} says *this*.\n\n- one of {n}\n- two of {n}\n\n```python\nload = {n}\n```\n\n"
LONG_REPLY = "".join(SECTION.format(n=n) for n in range(24))


@pytest.fixture
def long_reply(settings: Settings, opener: Callable[[Settings], MemoryStore]) -> Settings:
    with opener(settings) as store:
        store.remember_many(
            NewTurn(words, speaker=speaker, conversation="long")
            for words, speaker in (
                ("Say much.", "user"),
                (LONG_REPLY, "assistant"),
                ("And more?", "user"),
                ("No.", "assistant"),
            )
        )
    return settings


def drawn(app: MnemeApp) -> list[str]:
    """The transcript's lines as they stand on the screen."""
    region = app.chat.transcript.region
    strips = app.screen._compositor.render_strips()
    return [
        "".join(part.text for part in strip.crop(region.x, region.right)) for strip in strips[region.y : region.bottom]
    ]


async def looked_at(pilot: Pilot[object], places: list[float]) -> list[list[str]]:
    """What is drawn at each of these places, 0 the beginning and 1 the end."""
    app = pilot.app
    seen = []
    for place in places:
        app.chat.transcript.scroll_to(y=round(place * app.chat.transcript.max_scroll_y), animate=False, force=True)
        await settled(pilot)
        seen.append(drawn(app))
    return seen


async def test_wherever_one_looks_it_is_drawn_as_when_all_is_placed(
    long_reply: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = await tour(make_app(long_reply, opening=Opening("long")))
    monkeypatch.setattr(NearView, "arrange", everything)
    whole = await tour(make_app(long_reply, opening=Opening("long")))
    assert any("Section 23 says this." in line for line in near[1])
    for place, (one, other) in enumerate(zip(near, whole, strict=True)):
        assert one == other, place


async def tour(app: MnemeApp) -> list[list[str]]:
    """Here and there in a long reply, at two sizes."""
    rng = random.Random(5)
    places = [0.0, 1.0, 0.5, *(rng.random() for _ in range(3)), 0.01]
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.chat.transcript.max_scroll_y > 150)
        await settled(pilot)
        seen = await looked_at(pilot, places)
        await pilot.resize_terminal(64, 22)
        await wait_until(pilot, lambda: app.chat.transcript.size.width < 64)
        await settled(pilot)
        return seen + await looked_at(pilot, places)


async def settled(pilot: Pilot[object]) -> None:
    """Until the transcript stays as it is."""
    seen: list[str] = []
    same = 0
    while same < 4:
        await pilot.pause(0.03)
        now = drawn(pilot.app)
        seen, same = now, same + 1 if now == seen else 0


def everything(reply: NearView, size: Size, optimal: bool = False) -> DockArrangeResult:
    """As Textual does it."""
    return super(NearView, reply).arrange(size, optimal)


async def test_what_is_far_away_has_no_place(long_reply: Settings, make_app: MakeApp) -> None:
    app = make_app(long_reply, opening=Opening("long"))
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.chat.transcript.max_scroll_y > 150)
        reply = app.chat.query(ReplyText).first()
        blocks = sum(1 for _ in reply.walk_children())
        for y in (0, 100, app.chat.transcript.max_scroll_y):
            app.chat.transcript.scroll_to(y=y, animate=False, force=True)
            await settled(pilot)
            app.screen._refresh_layout()
            placed = set(app.screen._compositor.full_map)
            assert sum(1 for block in reply.walk_children() if block in placed) < blocks / 2
