"""Commands: one table, obeyed by whoever says so, and what each does to the conversation and the memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agent.settings import Settings
from memory_store.errors import InvalidInput
from tests.tui.app_kit import Scripted, settled, wait_until, words_of, write
from tui.app import MnemeApp
from tui.keys.palette import commands, title
from tui.screens.comparison import ComparisonScreen
from tui.screens.memory import MemoryScreen
from tui.screens.output import OutputScreen
from tui.slash.parsing import Call, begun, parsed
from tui.slash.table import BY_NAME, COMMANDS
from tui.widgets.command_menu import CommandMenu
from tui.widgets.recollection_card import RecollectionCard

MakeApp = Callable[..., MnemeApp]


def texts(app: MnemeApp) -> list[str]:
    return [entry.text for entry in app.chat.transcript.entries]


def told(app: MnemeApp) -> list[str]:
    return [notice.message for notice in app._notifications]


async def talk(pilot: Pilot[object], words: str, replies: int = 1) -> None:
    app = pilot.app
    await write(pilot, words)
    await answered(pilot, replies)
    assert app.session.store is not None


async def answered(pilot: Pilot[object], replies: int) -> None:
    app = pilot.app

    def done() -> bool:
        said = [entry for entry in app.chat.transcript.entries if entry.is_reply and not entry.is_live]
        return len(said) == replies and not app.session.busy and not app.chat.replies._pairs

    await wait_until(pilot, done, f"{replies} replies")


# --- the table


def test_names_and_keys_are_given_once() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names)) == len(BY_NAME)
    keys = [key for command in COMMANDS for key in command.keys.split(",") if key]
    assert len(keys) == len(set(keys))


async def test_the_app_obeys_every_command_and_no_other(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test():
        assert app.chat.commands.obeyed.keys() == {command.name for command in COMMANDS}
        bindings = [*app.BINDINGS, *app.chat.BINDINGS]
        bound = {binding.id: binding.key for binding in bindings if binding.id in BY_NAME}
        assert bound == {command.name: command.keys for command in COMMANDS if command.keys}
        offered = {command.title for command in commands(app, app.chat)}
        assert offered == {title(command) for command in COMMANDS} | {"Screenshot"}
        for command in COMMANDS:
            if command.anywhere:
                assert hasattr(app, f"action_{command.name}")


def test_what_is_typed_is_a_command_or_words() -> None:
    assert parsed("/pin 2") == Call(BY_NAME["pin"], "2")
    assert parsed("/PIN  2 ") == Call(BY_NAME["pin"], "2")
    assert parsed("/note  two\nlines") == Call(BY_NAME["remember"], "two\nlines")
    for words in ("hello /pin", "/etc/hosts is a file", "/", "/ pin", " /pin 2", "1/2"):
        assert parsed(words) == words
    assert parsed("//pin it") == "/pin it"
    with pytest.raises(InvalidInput, match="Did you mean /forget"):
        parsed("/forgt 2")
    with pytest.raises(InvalidInput, match="/pin MEMORY"):
        parsed("/pin")


def test_a_beginning_finds_names_then_what_is_said_of_them() -> None:
    assert [command.name for command in begun("/re")][:2] == ["resume", "regenerate"]
    assert begun("/not")[0].name == "remember"
    assert "copy" in [command.name for command in begun("/code")]
    assert len(begun("/")) == len(COMMANDS)
    assert begun("/pin ") == begun("words") == begun("/etc/") == []


# --- typing them


async def test_the_menu_follows_completes_and_leaves(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with app.run_test(size=(100, 30)) as pilot:
        menu, prompt = app.chat.query_one(CommandMenu), app.chat.prompt
        await pilot.press("slash", "p", "i")
        await wait_until(pilot, lambda: menu.display)
        assert menu.commands[0].name == "pin"
        await pilot.press("tab")
        assert prompt.text == "/pin "
        assert not menu.display
        prompt.clear()
        await pilot.press("slash", "down", "up", "escape")
        assert not menu.display
        assert prompt.text == "/"
        await pilot.press("s", "e", "a", "enter")
        assert prompt.text == "/search "
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, MemoryScreen))


async def test_what_is_no_command_stays_in_the_prompt(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    async with app.run_test() as pilot:
        await write(pilot, "/frogets 2")
        await wait_until(pilot, lambda: told(app))
        assert "Did you mean /forget?" in told(app)[0]
        assert app.chat.prompt.text == "/frogets 2"
        assert texts(app) == []


async def test_memories_are_written_pinned_judged_corrected_and_taken_back(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["She is called Miso [1]."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await talk(pilot, "What is my cat called?")
        store = app.session.store
        cited = next(row.memory for row in app.chat.panel.shown.rows if row.cited)
        await write(pilot, "/pin [1]")
        await wait_until(pilot, lambda: store.get(cited.id).pinned)
        await write(pilot, "/helpful 1")
        await wait_until(pilot, lambda: [one.signal for one in store.feedback_given()] == ["helpful"])
        assert store.feedback_given()[0].reply_id == app.chat.transcript.entries[-1].turn.id
        await write(pilot, f"/edit {cited.id} We adopted a cat called Mochi.")
        await wait_until(pilot, lambda: store.get(cited.id).text == "We adopted a cat called Mochi.")
        await write(pilot, "/undo 3")
        await wait_until(pilot, lambda: not store.feedback_given() and not store.get(cited.id).pinned)
        assert store.get(cited.id).text == cited.text
        await write(pilot, "/remember The attic key is blue.")
        await wait_until(pilot, lambda: store.memories(matching="attic key", notes=True))
        await write(pilot, "/forget this")
        await wait_until(pilot, lambda: [turn.text for turn in store.memories(forgotten=True)])
        await wait_until(pilot, lambda: any("/undo takes it back" in said for said in told(app)))
        assert [turn.text for turn in store.memories(forgotten=True)] == ["What is my cat called?"]
        await write(pilot, "/pin 77")
        await wait_until(pilot, lambda: any("There is no [77]" in said for said in told(app)))


async def test_a_reply_is_made_anew_and_the_old_one_brought_back(world: Settings, make_app: MakeApp) -> None:
    model = Scripted(["The first."])
    app = make_app(world, model)
    async with app.run_test(size=(120, 40)) as pilot:
        await talk(pilot, "What is my cat called?")
        model.pieces = ["The second."]
        await pilot.press("f6")
        await wait_until(pilot, lambda: texts(app) == ["What is my cat called?", "The second."])
        await answered(pilot, 1)
        await wait_until(pilot, lambda: "1 earlier turn is forgotten. /undo brings it back." in told(app))
        assert [turn.text for turn in app.session.store.history(app.session.conversation_id)] == texts(app)
        held = app.session.store.stats().memories - 1
        await wait_until(pilot, lambda: f"{held} memories" in words_of(app.screen), "one fewer is held")
        await write(pilot, "/undo")
        await wait_until(pilot, lambda: texts(app) == ["What is my cat called?", "The first."])
        model.failure = "Out of memory."
        await pilot.press("f6")
        await wait_until(pilot, lambda: any("Out of memory" in said for said in told(app)))
        await wait_until(pilot, lambda: texts(app) == ["What is my cat called?", "The first."])
        assert app.chat.prompt.text == ""


async def test_earlier_words_are_said_in_others(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with app.run_test(size=(120, 40)) as pilot:
        for number, words in enumerate(("One?", "Two?"), start=1):
            await talk(pilot, words, number)
        await pilot.press("f7")
        assert app.chat.prompt.text == "Two?"
        await pilot.press("escape")
        assert app.chat.prompt.text == ""
        assert app.chat.prompt.instead_of is None
        app.chat.commands.rewrite(app.chat.transcript.entries[0])
        app.chat.prompt.set_words("Zero?")
        await pilot.press("enter")
        await wait_until(pilot, lambda: texts(app) == ["Zero?", "Yes."])
        await answered(pilot, 1)
        await write(pilot, "/rewrite None?")
        await wait_until(pilot, lambda: texts(app)[0] == "None?")
        await answered(pilot, 1)
        kept = app.session.store.history(app.session.conversation_id)
        assert [turn.text for turn in kept] == ["None?", "Yes."]


async def test_what_waits_can_be_taken_back(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(0)
    model = Scripted(["Yes."], gate=gate)
    app = make_app(settings, model)
    async with app.run_test() as pilot:
        await write(pilot, "First?")
        await write(pilot, "Second?")
        await wait_until(pilot, lambda: len(model.asked) == 1 and app.chat.prompt.something_waits)
        await pilot.press("up")
        await wait_until(pilot, lambda: app.chat.prompt.text == "Second?")
        assert texts(app) == ["First?", ""]
        await pilot.press("f6")
        await wait_until(pilot, lambda: any("Esc stops it" in said for said in told(app)))
        gate.release(2)
        await answered(pilot, 1)
        assert [prompt.words for prompt in model.asked] == ["First?"]


async def test_the_day_can_be_set_back(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, "/as-of 2026-08-10")
        await wait_until(pilot, lambda: "as of 2026-08-10" in str(app.chat.query_one("#top-switches").content))
        await talk(pilot, "Where do I plan to go in April?")
        said = [row.memory.said_at for row in app.chat.panel.shown.rows]
        assert said
        assert max(said) < datetime(2026, 8, 11, tzinfo=UTC)
        await write(pilot, "/as-of nonsense")
        await wait_until(pilot, lambda: any("A date is like" in text for text in told(app)))
        await write(pilot, "/as-of now")
        await wait_until(pilot, lambda: app.session.as_of is None)


async def test_a_conversation_is_named_written_to_a_file_and_gone_on_with(
    world: Settings, make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, "/export")
        await wait_until(pilot, lambda: any("Nothing of this conversation" in said for said in told(app)))
        await write(pilot, "/resume kyoto")
        await wait_until(pilot, lambda: len(texts(app)) == 4)
        await write(pilot, "/title Spring in Kyoto")
        await wait_until(pilot, lambda: "Spring in Kyoto" in str(app.chat.query_one("#top-title").content))
        file = tmp_path / "kyoto.md"
        await write(pilot, f"/export {file}")
        await wait_until(pilot, file.exists)
        assert "伏见稻荷大社" in file.read_text("utf-8")
        await write(pilot, "/resume nowhere at all")
        await wait_until(pilot, lambda: any("There is no conversation with" in said for said in told(app)))


async def test_the_command_line_is_at_hand(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Yes."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await talk(pilot, "My boat is called Argo.")
        await write(pilot, "/mneme memory list --matching Argo")
        await wait_until(pilot, lambda: isinstance(app.screen, OutputScreen))
        shown = lambda: "".join(str(part.content) for part in app.screen.query(Static))  # noqa: E731
        await wait_until(pilot, lambda: "My boat is called Argo." in shown())


async def test_a_branch_is_begun_by_word_or_on_a_turn(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with app.run_test(size=(100, 30)) as pilot:
        await talk(pilot, "One?")
        first = app.session.conversation_id
        await talk(pilot, "Two?", 2)
        await write(pilot, "/branch")
        await wait_until(pilot, lambda: app.session.conversation_id not in (None, first))
        await wait_until(pilot, lambda: texts(app) == ["One?", "Yes.", "Two?", "Yes."])
        second = app.session.conversation_id
        await settled(pilot)
        view = app.chat.transcript.view(app.chat.transcript.entries[1])
        view.focus()
        await wait_until(pilot, lambda: view.has_focus)
        await pilot.press("b")
        await wait_until(pilot, lambda: app.session.conversation_id not in (first, second))
        await wait_until(pilot, lambda: texts(app) == ["One?", "Yes."])
        assert sum("A branch" in said for said in told(app)) == 1  # the same notice is not said twice at a time


async def test_incognito_has_a_key(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Yes."]))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await pilot.press("f10")
        await wait_until(pilot, lambda: not app.session.privacy.remember)
        await pilot.press("f10")
        await wait_until(pilot, lambda: app.session.privacy.remember)


# --- what follows a command


def offered(app: MnemeApp) -> list[str]:
    return [offer.text for offer in app.chat.prompt.menu.offers] if app.chat.prompt.menu.display else []


async def test_what_follows_a_command_is_offered_and_taken(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        prompt = app.chat.prompt
        prompt.set_words("/resume kyoto")
        kyoto = app.session.store.conversations(matching="kyoto")[0].id
        await wait_until(pilot, lambda: offered(app) == [kyoto])
        assert "Trip to Kyoto" in prompt.menu.offers[0].says
        await pilot.press("tab")
        assert prompt.text == f"/resume {kyoto}"
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.session.conversation_id == kyoto)
        prompt.set_words("/theme contr")
        await wait_until(pilot, lambda: offered(app) == ["contrast"])
        await pilot.press("down", "enter")
        assert prompt.text == "/theme contrast"
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.theme == "mneme-contrast")
        await write(pilot, "/theme lihgt")
        await wait_until(pilot, lambda: any("Did you mean light?" in said for said in told(app)))
        prompt.clear()
        prompt.set_words("/recall o")
        await wait_until(pilot, lambda: offered(app) == ["on", "off"])
        await pilot.press("escape")
        assert not prompt.menu.display
        prompt.set_words("/search o")
        await pilot.pause(0.1)
        assert not offered(app)


async def test_files_and_numbers_are_offered(
    world: Settings, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talks" / "old").mkdir(parents=True)
    (tmp_path / "talks" / "one.md").touch()
    (tmp_path / "talks" / ".hidden").touch()
    monkeypatch.chdir(tmp_path)
    app = make_app(world, Scripted(["Miso."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await talk(pilot, "What is my cat called?")
        prompt = app.chat.prompt
        prompt.set_words("/export ta")
        await wait_until(pilot, lambda: offered(app) == ["talks/"])
        await pilot.press("tab")
        await wait_until(pilot, lambda: offered(app) == ["talks/old/", "talks/one.md"])
        await wait_until(pilot, app.chat.numbered)
        prompt.set_words("/pin ")
        await wait_until(pilot, lambda: offered(app)[:1] == ["1"] and offered(app)[-1] == "this")
        assert prompt.menu.offers[0].says == app.chat.numbered()[1].text[:80]


async def test_a_key_pressed_twice_compares_once(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Yes."]))
    async with app.run_test(size=(110, 30)) as pilot:
        await talk(pilot, "What do you know of Miso?")
        await wait_until(pilot, lambda: app.chat.query(RecollectionCard))
        app.chat.query(RecollectionCard).first().focus()
        await pilot.press("a", "a")
        await wait_until(pilot, lambda: isinstance(app.screen, ComparisonScreen) and app.screen.made.text == "Yes.")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)
        await pilot.press("slash")
        assert app.chat.prompt.has_focus
        assert app.chat.prompt.text == "/"
