"""A model that thinks first: one folded line, which can be opened, and nothing of it in what is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.widgets import Static

from agent.events import Thinking
from agent.models.base import Thought
from agent.settings import Settings
from tests.tui.app_kit import Scripted, wait_until, write
from tui.app import MnemeApp
from tui.talking.entries import Entry
from tui.talking.notices import Said, joined
from tui.widgets.thought_fold import ThoughtFold, title_of
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]


def folds(app: MnemeApp) -> list[ThoughtFold]:
    return list(app.chat.query(ThoughtFold))


async def test_a_thought_is_one_folded_line_above_the_reply(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(2)
    app = make_app(settings, Scripted([Thought("The cat\x1b[31m "), Thought("is Miso."), "Miso", "."], gate=gate))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, lambda: folds(app) and folds(app)[0].title == "thinking…")
        gate.release(2)
        await wait_until(pilot, lambda: not app.session.busy and folds(app)[0].title == "thought for a moment")
        (fold,) = folds(app)
        assert fold.collapsed
        app.chat.query(TurnView).last().focus()
        await pilot.press("t")
        await wait_until(pilot, lambda: not fold.collapsed)
        words = fold.query_one("Contents Static", Static)
        await wait_until(pilot, lambda: str(words.content) == "The cat is Miso.")
        kept = app.session.store.history(app.session.conversation_id)
        assert [turn.text for turn in kept] == ["What is my cat called?", "Miso."]


async def test_a_reply_without_a_thought_has_no_fold(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Miso."]))
    async with app.run_test() as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, lambda: len(app.chat.transcript.entries) == 2 and not app.session.busy)
        assert folds(app) == []


def test_how_long_it_took() -> None:
    assert title_of(Entry("assistant", "")) == "thinking…"
    assert title_of(Entry("assistant", "", thought_s=0.3)) == "thought for a moment"
    assert title_of(Entry("assistant", "", thought_s=12.4)) == "thought for 12 s"


def test_pieces_of_a_thought_are_joined_for_the_screen() -> None:
    told = [Said(1, Thinking("a")), Said(1, Thinking("b")), Said(2, Thinking("c"))]
    assert joined(told) == [Said(1, Thinking("ab")), Said(2, Thinking("c"))]
