"""The window over a long conversation, and following the newest words."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.records import NewTurn
from tests.tui.app_kit import Scripted, wait_until, write
from tui.app import MnemeApp
from tui.talking.entries import Entry
from tui.talking.session import Opening
from tui.widgets.transcript import MOUNTED
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]
LONG = 100


@pytest.fixture
def long_talk(settings: Settings, opener: Callable[[Settings], MemoryStore]) -> Settings:
    with opener(settings) as store:
        store.remember_many(
            NewTurn(f"turn {n}", speaker="user" if n % 2 else "assistant", conversation="long") for n in range(LONG)
        )
    return settings


def mounted(app: MnemeApp) -> list[str]:
    return [view.entry.text for view in app.chat.query(TurnView)]


async def test_only_a_window_of_a_long_conversation_is_mounted(long_talk: Settings, make_app: MakeApp) -> None:
    app = make_app(long_talk, opening=Opening("long"))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(app.chat.transcript.entries) == LONG)
        await wait_until(pilot, lambda: mounted(app) == [f"turn {n}" for n in range(LONG - MOUNTED, LONG)])
        await wait_until(pilot, lambda: str(app.chat.query_one("#earlier").label) == f"↑ {LONG - MOUNTED} earlier")


async def test_earlier_turns_come_and_later_ones_go(long_talk: Settings, make_app: MakeApp) -> None:
    app = make_app(long_talk, opening=Opening("long"))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(mounted(app)) == MOUNTED)
        transcript = app.chat.transcript
        await transcript.show_earlier()
        assert mounted(app) == [f"turn {n}" for n in range(LONG - MOUNTED - 10, LONG - 10)]
        await transcript.show_later()
        assert mounted(app)[-1] == f"turn {LONG - 1}"
        while mounted(app)[0] != "turn 0":
            await transcript.show_earlier()
        assert len(mounted(app)) == MOUNTED
        assert not app.chat.query_one("#earlier").display
        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: mounted(app)[-1] == f"turn {LONG - 1}")


async def test_new_words_bring_the_end_back(long_talk: Settings, make_app: MakeApp) -> None:
    app = make_app(long_talk, Scripted(["Here."]), Opening("long"))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(mounted(app)) == MOUNTED)
        for _ in range(4):
            await app.chat.transcript.show_earlier()
        await write(pilot, "Where are we?")
        await wait_until(pilot, lambda: mounted(app)[-1] == "Here.")
        assert len(mounted(app)) <= MOUNTED


async def test_the_view_follows_until_the_reader_scrolls_up(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(0)
    app = make_app(settings, Scripted([f"line {n}\n\n" for n in range(80)], gate=gate))
    async with app.run_test(size=(80, 24)) as pilot:
        transcript = app.chat.transcript
        await write(pilot, "Count.")

        async def say(number: int) -> None:
            before = len(app.chat.transcript.entries[-1].text)
            gate.release(number)
            await wait_until(pilot, lambda: len(app.chat.transcript.entries[-1].text) >= before + 7 * number)
            await pilot.pause()

        await say(40)
        await wait_until(pilot, lambda: transcript.max_scroll_y > 20 and transcript.scroll_y == transcript.max_scroll_y)
        await pilot.press("pageup")
        held, before = transcript.scroll_y, transcript.max_scroll_y
        await say(20)
        await wait_until(pilot, lambda: transcript.max_scroll_y > before)
        assert transcript.scroll_y == held
        await pilot.press("ctrl+end")
        await say(10)
        await wait_until(pilot, lambda: transcript.scroll_y == transcript.max_scroll_y)


async def test_a_fenced_block_in_an_old_reply_is_one_block(world: Settings, make_app: MakeApp) -> None:
    from textual.widgets._markdown import MarkdownFence

    app = make_app(world, opening=Opening(latest=True))
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.chat.query(MarkdownFence))
        assert [str(fence.code) for fence in app.chat.query(MarkdownFence)] == ["load = 4.2 * 9.81"]


async def test_what_was_recalled_for_a_reply_far_away_is_let_go_of_and_read_again(
    world: Settings, make_app: MakeApp
) -> None:
    app = make_app(world)
    async with app.run_test() as pilot:
        await write(pilot, "What do you know of Miso?")
        await wait_until(pilot, lambda: app.chat.transcript.entries and not app.chat.replies.waiting())
        transcript, reply = app.chat.transcript, app.chat.transcript.entries[-1]
        cards = [row.memory.id for row in reply.recalled.rows]
        assert cards
        for n in range(MOUNTED):
            await transcript.add(Entry("user", f"more {n}"))
        assert reply.recalled is None
        await transcript.show_earlier()
        view = transcript.view(reply)
        assert f"{len(cards)} memories recalled" in str(view.query_one(".turn-foot").content)
        view.focus()
        await pilot.press("enter")
        await wait_until(pilot, lambda: [one.id for one in app.chat.panel.shown_memories()] == cards)
