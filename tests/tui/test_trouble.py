"""What goes badly: the screen stays whole, what was said is text, and a notice says what happened."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator

import pytest

from agent.models.base import Prompt, Sampling
from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.sqlite import database
from tests.tui.app_kit import Scripted, wait_until, words_of, write
from tests.tui.test_commands import answered, talk, texts, told
from tui.app import MnemeApp
from tui.screens import chat_replies
from tui.text.sanitise import DISPLAY_LIMIT
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]


class Dying(Scripted):
    """A model whose thread is made to end, which no library should do."""

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        yield "So far"
        raise SystemExit("a library calls exit")


async def test_a_model_that_ends_its_thread_costs_one_reply(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Dying())
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "Are you there?")
        await wait_until(pilot, lambda: any("SystemExit: a library calls exit" in said for said in told(app)))
        assert texts(app) == ["Are you there?", "So far"]
        assert app.chat.prompt.text == "Are you there?"
        app.chat.prompt.clear()
        await write(pilot, "/remember It goes on.")
        await wait_until(pilot, lambda: app.session.store.memories(notes=True))
        assert app.session._thread.is_alive()


async def test_a_memory_that_another_process_holds_is_said_and_the_words_come_back(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = [one if "busy_timeout" not in one else "PRAGMA busy_timeout=200" for one in database.PRAGMAS]
    monkeypatch.setattr(database, "PRAGMAS", brief)
    app = make_app(settings, Scripted(["Yes."]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        holder = sqlite3.connect(app.session.store.path / "memory.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        await write(pilot, "Can you hear me?")
        await wait_until(pilot, lambda: app.chat.prompt.text == "Can you hear me?")
        assert len(told(app)) == 1
        await write(pilot, "")
        holder.execute("ROLLBACK")
        holder.close()
        await pilot.press("enter")
        await wait_until(pilot, lambda: texts(app)[-1:] == ["Yes."])
        await wait_until(pilot, lambda: not app.session.busy)
        kept = app.session.store.history(app.session.conversation_id)
        assert [turn.text for turn in kept] == ["Can you hear me?", "Yes."]


async def test_words_that_wait_for_another_process_are_said_to_wait(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_replies, "UNHEARD_S", 0.1)
    app = make_app(settings, Scripted(["Yes."]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        holder = sqlite3.connect(app.session.store.path / "memory.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        await write(pilot, "Can you hear me?")
        await wait_until(pilot, lambda: "waiting for the memory" in words_of(app.screen))
        holder.execute("ROLLBACK")
        await answered(pilot, 1)
        assert "waiting for the memory" not in words_of(app.screen)


async def test_five_megabytes_on_one_line_are_cut_on_the_screen(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["世" * 1_300_000, "x" * 3_700_000]))
    async with app.run_test(size=(60, 20)) as pilot:
        await talk(pilot, "Say a lot.")
        view = app.chat.query(TurnView).last()
        assert "more characters are not shown" in str(view.query_one(".turn-foot").content)
        assert len(view.query_one(".turn-words").source) <= DISPLAY_LIMIT
        assert len(told(app)) == 1, "the memory keeps no turn that long, and says so"
        assert app.chat.prompt.text == "Say a lot."


async def test_resized_in_the_middle_of_a_stream(world: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(0)
    pieces = [
        "```py\n",
        "x = 1\n",
        "```\n",
        "\n| 猫 | 👩\u200d👩\u200d👧 |\n",
        "|---|---|\n",
        "| 世界 | b |\n",
        "\n*end*",
    ]
    app = make_app(world, Scripted(pieces, gate=gate))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "What is my cat called?")
        for width, height in ((60, 20), (200, 60), (80, 24), (61, 21), (120, 40), (60, 20), (100, 30)):
            gate.release()
            await pilot.resize_terminal(width, height)
            await pilot.pause(0.05)
        await answered(pilot, 1)
        assert texts(app)[-1] == "".join(pieces)
        words = app.chat.query(TurnView).last().query_one(".turn-words")
        kinds = ["Fence", "MarkdownTable", "MarkdownParagraph"]
        await wait_until(pilot, lambda: [type(block).__name__ for block in words.children] == kinds)
        assert app.chat.prompt.region.bottom <= 30


async def test_what_turns_text_around_is_gone_from_cards_too(
    settings: Settings, make_app: MakeApp, opener: Callable[[Settings], MemoryStore]
) -> None:
    hostile = "The \u202eterces\u202c [b]word[/b] \x1b]0;x\x07is 世界 👍🏽"
    with opener(settings) as store:
        store.remember(hostile, conversation=store.begin_conversation(title="\u202etalk [/x]").id)
        store.index_now()
    app = make_app(settings, Scripted(["Yes [1]."]))
    async with app.run_test(size=(60, 20)) as pilot:
        await talk(pilot, "What is the secret word?")
        app.chat.explain_last()
        await wait_until(pilot, lambda: app.chat.query(RecollectionCard))
        await wait_until(pilot, lambda: isinstance(app.focused, RecollectionCard))
        card = str(app.focused.render())
        assert "[b]word[/b] is 世界" in card
        assert not {"\u202e", "\x1b", "\x07"} & set(card)
