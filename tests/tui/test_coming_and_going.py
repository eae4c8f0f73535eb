"""How the app begins, ends, resumes, and looks the next time."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from textual.widget import MountError
from textual.widgets import Static

from agent.errors import ModelError
from agent.models.base import LanguageModel, Progress
from agent.models.loading import BackgroundModel
from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.errors import StoreTooNew
from tests.tui.app_kit import Scripted, maker, wait_until, write
from tui.app import MnemeApp
from tui.talking.session import Opening, Session
from tui.themes.brought import DARK, LIGHT
from tui.widgets.reply_text import ReplyText
from tui.widgets.top_bar import TopBar
from tui.widgets.welcome import Welcome

MakeApp = Callable[..., MnemeApp]
Opener = Callable[[Settings], MemoryStore]


def shown(app: MnemeApp, selector: str) -> str:
    """The text of a widget; empty while it is not there."""
    return "".join(str(widget.content) for widget in app.chat.query(selector).results(Static))


async def test_an_empty_conversation_says_what_this_is(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(name="memory_only"))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: "no language model" in shown(app, "#fact-model"))
        await wait_until(pilot, lambda: shown(app, "#fact-memory") == "11 memories from 3 conversations")
        assert shown(app, "#fact-folder").startswith("~/.local/share/mneme/")
        await write(pilot, "Hello.")
        await wait_until(pilot, lambda: not app.chat.query(Welcome))


async def test_the_latest_conversation_is_resumed_with_what_was_recalled(world: Settings, make_app: MakeApp) -> None:
    first = make_app(world, Scripted(["Miso."]))
    async with first.run_test() as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, lambda: not first.session.busy and first.session.conversation_id)
    app = make_app(world, opening=Opening(latest=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: app.chat.panel.shown and app.chat.panel.shown.rows)
        assert [entry.text for entry in app.chat.transcript.entries] == ["What is my cat called?", "Miso."]
        assert app.session.conversation_id == first.session.conversation_id
        assert app.chat.query_one(TopBar).title_text == "What is my cat called?"


async def test_an_unknown_conversation_ends_the_app_with_the_reason(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, opening=Opening("nowhere"))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app._exit)
    assert app.return_code == 2
    assert "nowhere" in app.return_value


async def test_a_store_that_cannot_be_opened_ends_the_app_with_the_reason(settings: Settings) -> None:
    def refuse(settings: Settings) -> MemoryStore:
        raise StoreTooNew("Written by a newer mneme. Update this one.")

    app = MnemeApp(Session(settings, opener=refuse, model_maker=maker(Scripted())))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app._exit)
    assert (app.return_code, app.return_value) == (2, "Written by a newer mneme. Update this one.")


async def test_loading_is_shown_and_a_model_that_fails_to_load_is_named(settings: Settings, opener: Opener) -> None:
    go_on = threading.Event()

    def load(progress: Progress) -> LanguageModel:
        progress(0.4, "reading weights")
        go_on.wait(20)
        raise ModelError("Its folder is gone. `mneme models list` shows what is there.")

    session = Session(
        settings, opener=opener, model_maker=lambda _, listener: BackgroundModel(load, name="big", listener=listener)
    )
    app = MnemeApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: "40%" in shown(app, "#top-model"))
        assert "loading big" in shown(app, "#top-model")
        go_on.set()
        await wait_until(pilot, lambda: "not loaded" in shown(app, "#top-model"))
        assert "Its folder is gone" in shown(app, "#fact-model")


async def test_ctrl_c_quits_when_pressed_twice(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.QUIT_WITHIN_S", 60.0)
    app = make_app(settings)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+c")
        assert not app._exit
        await pilot.press("ctrl+c")
        assert app._exit


async def test_quitting_in_the_middle_of_a_reply_keeps_what_was_said(
    settings: Settings, make_app: MakeApp, opener: Opener
) -> None:
    app = make_app(settings, Scripted(["So far. ", "Never."], gate=threading.Semaphore(1)))
    async with app.run_test() as pilot:
        await write(pilot, "Begin.")
        await wait_until(pilot, lambda: app.chat.transcript.entries[-1].text == "So far. ")
        await pilot.press("ctrl+q")
    with opener(settings) as store:
        kept = store.history(app.session.conversation_id)
    assert [(turn.text, turn.status) for turn in kept] == [("Begin.", "complete"), ("So far. ", "partial")]


async def test_the_theme_is_the_same_the_next_time(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        assert app.theme == DARK
        await pilot.press("f4")
        assert app.theme == LIGHT
    app = make_app(settings)
    async with app.run_test():
        assert app.theme == LIGHT


async def test_the_panel_folds_on_a_narrow_screen_and_opens_as_a_drawer(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.chat.panel.display
        await pilot.press("ctrl+t")
        assert app.chat.panel.display
        assert app.chat.panel.region.y > app.chat.transcript.region.y
        await pilot.resize_terminal(120, 30)
        await wait_until(pilot, lambda: app.chat.panel.region.x > app.chat.transcript.region.x)
        await pilot.press("ctrl+t")
        assert not app.chat.panel.display


async def test_words_that_come_while_the_app_is_left_are_no_error(
    world: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(world, Scripted(["A line", "nothing more"], gate=threading.Semaphore(1)))

    async def too_late(words: ReplyText, piece: str) -> None:
        """As Textual has it where a block becomes another while its screen is taken off."""
        raise MountError(f"Can't mount widget(s) before {words!r} is mounted")

    async with app.run_test() as pilot:
        await write(pilot, "Hello.")
        await wait_until(pilot, lambda: app.chat.query("MarkdownParagraph"))
        monkeypatch.setattr(ReplyText, "append", too_late)
        await app.chat.transcript.view(app.chat.transcript.entries[-1]).write("\n---\n")
        app.exit()
    assert app.return_code == 0


async def test_what_is_said_while_the_app_leaves_has_nowhere_to_go(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(settings)

    async def too_late(*_: object) -> None:
        """As Textual has it where the transcript is gone, and the app not yet."""
        raise MountError("Can't mount widget(s) before Transcript(id='transcript') is mounted")

    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        monkeypatch.setattr(app.chat, "asked", too_late)
        app.leaving = True
        await write(pilot, "Hello.")
        await wait_until(pilot, lambda: not app.session.busy and app.session.conversation_id)
        app.exit()
    assert app.return_code == 0
