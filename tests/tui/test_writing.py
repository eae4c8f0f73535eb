"""The draft, the editor, earlier words, copying, and the mark of new text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.widgets import OptionList

from agent.settings import Settings
from tests.tui.app_kit import Scripted, wait_until, words_of, write
from tests.tui.test_commands import talk, told
from tui.app import MnemeApp
from tui.memories.prompt_history import PromptHistory
from tui.resuming.draft import Draft
from tui.screens.earlier_words import EarlierWords
from tui.text.code_blocks import code_blocks
from tui.widgets.new_words import NewWords

MakeApp = Callable[..., MnemeApp]


async def test_what_was_being_written_is_there_the_next_time(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        app.chat.prompt.insert("Dear diary,\n世界")
        await wait_until(pilot, lambda: list(settings.paths.state_dir.glob("draft-*.txt")))
        [file] = settings.paths.state_dir.glob("draft-*.txt")
        assert file.stat().st_mode & 0o777 == 0o600
        # A process that is killed here leaves just this file.
        again = make_app(settings)
    async with again.run_test() as pilot:
        assert again.chat.prompt.text == "Dear diary,\n世界"
        await pilot.press("enter")
        await wait_until(pilot, lambda: not again.session.busy and again.session.conversation_id)
    assert not list(settings.paths.state_dir.glob("draft-*"))


def test_a_draft_is_offered_once_and_never_raises(tmp_path: Path) -> None:
    Draft(tmp_path, "work").keep("words")
    assert Draft(tmp_path, "home").take() == ""
    assert Draft(tmp_path, "work").take() == "words"
    assert Draft(tmp_path, "work").take() == ""
    (tmp_path / "file").write_text("")
    Draft(tmp_path / "file" / "below", "work").keep("lost")


async def test_the_editor_is_lent_the_terminal(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "%s and more" "$(cat "$1")" > "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(script))
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        app.chat.prompt.insert("Some words")
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: any("cannot be lent" in said for said in told(app)))
        lent: list[str] = []

        @contextmanager
        def suspend() -> Iterator[None]:
            lent.append("away")
            yield
            lent.append("back")  # as Textual does: not when an error comes through

        monkeypatch.setattr(app, "suspend", suspend)
        await pilot.press("ctrl+g")
        assert app.chat.prompt.text == "Some words and more"
        monkeypatch.setenv("VISUAL", str(tmp_path / "no editor"))
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: any("cannot be started" in said for said in told(app)))
        assert app.chat.prompt.text == "Some words and more"
        assert lent == ["away", "back"] * 2


async def test_earlier_words_are_found_by_any_of_theirs(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: app.chat.prompt.past.words)
        await pilot.press("ctrl+f")
        await wait_until(pilot, lambda: isinstance(app.screen, EarlierWords))
        await pilot.press(*"dinners")
        await wait_until(pilot, lambda: app.screen.query_one(OptionList).option_count == 0)
        await wait_until(pilot, lambda: "Nothing that was said" in words_of(app.screen))
        await pilot.press("enter")
        assert isinstance(app.screen, EarlierWords), "typed on and pressed again, Enter would say it to the model"
        await pilot.press("backspace")
        await wait_until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.chat.prompt.text.startswith("Ana is allergic"))


def test_history_finds_each_once_newest_first() -> None:
    history = PromptHistory()
    history.know(["Buy bread", "Buy milk", "buy BREAD now", "Buy milk"])
    assert history.matching("bread") == ["buy BREAD now", "Buy bread"]
    assert history.matching("buy")[0] == "Buy milk"
    assert len(history.matching("")) == 3


async def test_a_reply_its_code_and_all_of_it_are_copied(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Do this:\n\n```sh\nls -l\n```\n\nthen\n\n~~~\npwd\n~~~\n"]))
    async with app.run_test(size=(100, 30)) as pilot:
        await talk(pilot, "How?")
        await pilot.press("ctrl+y")
        assert app.clipboard.startswith("Do this:")
        await write(pilot, "/copy code")
        assert app.clipboard == "ls -l\n\npwd"
        await write(pilot, "/copy all")
        assert app.clipboard.startswith("user: How?")
        await pilot.press("tab")
        await pilot.press("c")
        await wait_until(pilot, lambda: app.clipboard == "ls -l\n\npwd")


def test_code_is_what_markdown_says_it_is() -> None:
    assert code_blocks("a `b`\n\n```py\nx = 1\n```\n\n    indented\n\n```\nopen") == ["x = 1", "indented", "open"]
    assert code_blocks("none") == []


async def test_new_text_below_is_marked_until_it_is_seen(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(0)
    app = make_app(settings, Scripted([f"line {n}\n\n" for n in range(60)], gate=gate))
    async with app.run_test(size=(80, 24)) as pilot:
        mark, transcript = app.chat.query_one(NewWords), app.chat.transcript
        await write(pilot, "Count.")
        gate.release(40)
        await wait_until(pilot, lambda: transcript.max_scroll_y > 30 and transcript.scroll_y == transcript.max_scroll_y)
        assert not mark.display
        await pilot.press("pageup")
        assert not mark.display
        gate.release(10)
        await wait_until(pilot, lambda: mark.display and mark.region.width)
        await pilot.click(NewWords)
        await wait_until(pilot, lambda: not mark.display and transcript.scroll_y == transcript.max_scroll_y)
        gate.release(10)
        await wait_until(pilot, lambda: not app.session.busy)
        assert not mark.display
