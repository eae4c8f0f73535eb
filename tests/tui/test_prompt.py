"""The prompt's keys: what sends, what breaks the line, and the way through earlier words."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.events import Paste

from agent.settings import Settings
from tests.tui.app_kit import Scripted, wait_until, write
from tui.app import MnemeApp

MakeApp = Callable[..., MnemeApp]


async def test_enter_sends_and_ctrl_j_breaks_the_line(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c")
        assert app.chat.prompt.text == "a\nb\nc"
        await pilot.press("enter")
        assert app.chat.prompt.text == ""
        await wait_until(pilot, lambda: [entry.text for entry in app.chat.transcript.entries][:1] == ["a\nb\nc"])


async def test_nothing_is_sent_when_there_is_nothing_to_say(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await pilot.press("space", "ctrl+j", "enter")
        assert app.chat.transcript.entries == []
        assert app.chat.prompt.text == " \n"


async def test_the_arrows_walk_through_earlier_words_and_keep_the_draft(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with app.run_test() as pilot:
        prompt = app.chat.prompt
        await wait_until(pilot, lambda: app.session.store is not None and prompt.past.words)
        await pilot.press("d", "r", "a", "f", "t", "up")
        assert prompt.text == "The deadline for the bridge model moved to 14 March. [b]Not markup[/b]"
        await pilot.press("up")
        assert prompt.text.startswith("Ana is allergic")
        await pilot.press("down", "down")
        assert prompt.text == "draft"


async def test_up_moves_the_cursor_before_it_leaves_the_text(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await write(pilot, "Sent before.")
        await pilot.press("1", "ctrl+j", "2", "up")
        assert app.chat.prompt.text == "1\n2"
        assert app.chat.prompt.cursor_location[0] == 0
        await pilot.press("up")
        assert app.chat.prompt.text == "Sent before."


async def test_a_paste_keeps_its_lines_and_loses_its_escapes(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        app.post_message(Paste("one\r\n\x1b[31mtwo\x1b[0m\x00"))
        await wait_until(pilot, lambda: app.chat.prompt.text == "one\ntwo")


async def test_a_megabyte_is_pasted_as_a_mark_and_sent_as_a_megabyte(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Long."]))
    async with app.run_test() as pilot:
        app.post_message(Paste("word " * 200_000))
        await wait_until(pilot, lambda: "1,000,000 characters" in app.chat.prompt.text)
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: app.session.conversation_id and not app.session.busy)
        kept = app.session.store.history(app.session.conversation_id)
        assert kept[0].text == "word " * 200_000 + "!"
        assert "⟦" not in "".join(entry.text for entry in app.chat.transcript.entries)
        await pilot.press("up")
        assert len(app.chat.prompt.text) < 100


async def test_tab_goes_from_the_prompt_to_what_was_recalled_to_the_turns(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Miso."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, lambda: app.chat.panel.shown and not app.chat.replies.waiting())
        where = []
        for _ in range(3):
            await pilot.press("tab")
            where.append(type(app.focused).__name__)
        assert where == ["RecollectionCard", "TurnView", "Prompt"]


async def test_keys_are_obeyed_in_the_order_in_which_they_are_pressed(settings: Settings, make_app: MakeApp) -> None:
    """However busy the screen is: none of them waits for the one before it to be drawn."""
    app = make_app(settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.chat.prompt.has_focus)
        for key in ("c", "a", "r", "backspace", "t", "left", "left", "h", "end", "s", "backspace", "!"):
            app.post_message(events.Key(key if key != "!" else "exclamation_mark", key if len(key) == 1 else None))
        await wait_until(pilot, lambda: app.chat.prompt.text.endswith("!"))
        assert app.chat.prompt.text == "chat!"


async def test_what_is_typed_and_sent_at_once_is_obeyed_and_not_what_the_menu_still_shows(
    world: Settings, make_app: MakeApp
) -> None:
    app = make_app(world)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store is not None and app.chat.prompt.past.words)
        await pilot.press("slash")
        await wait_until(pilot, lambda: app.chat.prompt.menu.chosen)
        for letter in "copy all":  # faster than the menu is told of any of it
            app.chat.prompt.post_message(events.Key("space" if letter == " " else letter, letter))
        app.chat.prompt.post_message(events.Key("enter", "\r"))
        await wait_until(pilot, lambda: app.chat.prompt.past.words[-1].startswith("/"))
        assert app.chat.prompt.past.words[-1] == "/copy all"
