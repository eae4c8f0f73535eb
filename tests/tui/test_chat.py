"""Talking in the app: what is sent, shown, kept, stopped and given back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.widgets import Markdown, Static

from agent.settings import Settings
from memory_store import MemoryStore
from tests.tui.app_kit import Scripted, maker, wait_until, write
from tui.app import MnemeApp
from tui.screens.reading import ReadingScreen
from tui.talking.session import Opening, Session
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.status_line import StatusLine
from tui.widgets.turn_view import TurnView

MakeApp = Callable[..., MnemeApp]
Opener = Callable[[Settings], MemoryStore]


def replies(app: MnemeApp) -> list[str]:
    return [entry.text for entry in app.chat.transcript.entries if entry.is_reply]


def shown(app: MnemeApp) -> str:
    """The words of the last reply on the screen."""
    return next((words.source for words in reversed(app.chat.query(Markdown))), "")


def answered(app: MnemeApp, number: int = 1) -> Callable[[], bool]:
    return lambda: len(replies(app)) >= number and not app.session.busy and not app.chat.replies.waiting()


def foot(view: TurnView) -> str:
    return str(view.query_one(".turn-foot", Static).content)


async def test_words_are_answered_shown_and_kept(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["Your cat ", "is **Miso**."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, answered(app))
        assert replies(app) == ["Your cat is **Miso**."]
        await wait_until(pilot, lambda: shown(app) == "Your cat is **Miso**.")
        assert "recalled" in foot(app.chat.query(TurnView).last())
        cards = list(app.chat.query(RecollectionCard))
        assert any("Miso" in card.row.memory.text for card in cards)
        assert "context" in str(app.chat.query_one("#status-now", Static).content)
        kept = app.session.store.history(app.session.conversation_id)
    assert [(turn.speaker, turn.text) for turn in kept] == [
        ("user", "What is my cat called?"),
        ("assistant", "Your cat is **Miso**."),
    ]


async def test_a_citation_leads_to_the_memory(world: Settings, make_app: MakeApp) -> None:
    app = make_app(world, Scripted(["She is called ", "Miso [1], ", "not [99]."]))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "What is my cat called?")
        await wait_until(pilot, answered(app))
        await wait_until(pilot, lambda: shown(app) == "She is called Miso [\\[1\\]](mneme:1), not [99].")
        [numbered] = [card.row for card in app.chat.query(RecollectionCard) if card.row.number == 1]
        view = app.chat.query(TurnView).last()
        words = app.chat.query(Markdown).last()
        words.post_message(Markdown.LinkClicked(words, "mneme:1"))
        cited = view.entry.cited[1]
        await wait_until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, TurnView))
        assert app.screen.focused.entry.turn.id == cited  # among what was said around it, as its card has it
        assert cited == numbered.memory.id
        conversation = app.session.conversation_id
    reopened = make_app(world, Scripted([]), opening=Opening(conversation=conversation))
    async with reopened.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: "(mneme:1)" in shown(reopened))


async def test_the_reply_appears_while_it_is_being_made(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(0)
    app = make_app(settings, Scripted(["One. ", "Two."], gate=gate))
    async with app.run_test() as pilot:
        await write(pilot, "Count.")
        gate.release()
        await wait_until(pilot, lambda: shown(app) == "One. ")
        assert app.session.busy
        gate.release()
        await wait_until(pilot, answered(app))
        await wait_until(pilot, lambda: shown(app) == "One. Two.")


async def test_escape_stops_the_reply_and_keeps_what_was_said(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(1)
    app = make_app(settings, Scripted(["Once upon ", "a time."], gate=gate))
    async with app.run_test() as pilot:
        await write(pilot, "Tell me a story.")
        await wait_until(pilot, lambda: replies(app) == ["Once upon "])
        await pilot.press("escape")
        await wait_until(pilot, answered(app))
        kept = app.session.store.history(app.session.conversation_id)
        assert (kept[-1].text, kept[-1].status) == ("Once upon ", "partial")
        assert "stopped here" in foot(app.chat.query(TurnView).last())


async def test_words_typed_before_the_memory_is_open_are_sent_when_it_is(settings: Settings, opener: Opener) -> None:
    opened = threading.Event()

    def slow(settings: Settings) -> MemoryStore:
        opened.wait(20)
        return opener(settings)

    app = MnemeApp(Session(settings, opener=slow, model_maker=maker(Scripted(["Good morning."]))))
    async with app.run_test() as pilot:
        await write(pilot, "Good morning!")
        await wait_until(pilot, lambda: [entry.text for entry in app.chat.transcript.entries] == ["Good morning!", ""])
        assert app.session.store is None
        opened.set()
        await wait_until(pilot, answered(app))
        assert [entry.text for entry in app.chat.transcript.entries] == ["Good morning!", "Good morning."]


async def test_a_second_message_waits_for_the_first_reply(settings: Settings, make_app: MakeApp) -> None:
    gate = threading.Semaphore(0)
    model = Scripted(["Yes."], gate=gate)
    app = make_app(settings, model)
    async with app.run_test() as pilot:
        await write(pilot, "First?")
        await write(pilot, "Second?")
        await wait_until(pilot, lambda: len(model.asked) == 1)
        assert "waiting" in foot(app.chat.query(TurnView).last())
        gate.release(2)
        await wait_until(pilot, answered(app, 2))
        assert [entry.text for entry in app.chat.transcript.entries] == ["First?", "Yes.", "Second?", "Yes."]
        assert [prompt.words for prompt in model.asked] == ["First?", "Second?"]


async def test_what_there_is_to_know_about_a_model_is_said_once_it_is_there(
    settings: Settings, make_app: MakeApp
) -> None:
    app = make_app(settings, Scripted(["Yes."], remark="Reads 900 tokens at once: what fits the free [b]memory[/]."))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(app._notifications) == 1)
        assert [notice.message for notice in app._notifications] == [
            "Reads 900 tokens at once: what fits the free [b]memory[/]."
        ]


async def test_a_failing_model_gives_the_words_back(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Half a"], failure="Out of [b]memory[/]. Choose a smaller model."))
    async with app.run_test() as pilot:
        await write(pilot, "Are you there?")
        await wait_until(pilot, lambda: app.chat.prompt.text == "Are you there?")
        await wait_until(pilot, lambda: len(app._notifications) == 1)
        assert [notice.message for notice in app._notifications] == ["Out of [b]memory[/]. Choose a smaller model."]
        assert "not finished · Out of [b]memory[/]. Choose" in foot(app.chat.query(TurnView).last())
        assert replies(app) == ["Half a"]


async def test_words_that_were_not_answered_are_kept_once_however_often_they_are_tried(
    settings: Settings, make_app: MakeApp
) -> None:
    model = Scripted([], failure="The server is away.")
    app = make_app(settings, model)
    async with app.run_test() as pilot:
        await write(pilot, "Are you there?")
        await wait_until(pilot, lambda: app.chat.prompt.text == "Are you there?")
        assert "Enter tries again" in str(app.chat.prompt.border_title)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(model.asked) == 2 and app.chat.prompt.text == "Are you there?")
        model.failure, model.pieces = "", ["Yes."]
        await pilot.press("enter")
        await wait_until(pilot, lambda: replies(app) == ["Yes."] and not app.session.busy)
        assert app.chat.prompt.text == ""
        assert not app.chat.prompt.border_title
        kept = app.session.store.history(app.session.conversation_id)
        assert [turn.text for turn in kept] == ["Are you there?", "Yes."]
        assert app.session.store.memories(forgotten=True) == []


async def test_other_words_take_the_place_of_those_that_were_not_answered(
    settings: Settings, make_app: MakeApp
) -> None:
    model = Scripted([], failure="The server is away.")
    app = make_app(settings, model)
    async with app.run_test() as pilot:
        await write(pilot, "Are you there?")
        await wait_until(pilot, lambda: app.chat.prompt.text == "Are you there?")
        model.failure, model.pieces = "", ["Yes."]
        app.chat.prompt.clear()
        await write(pilot, "Is anybody there?")
        await wait_until(pilot, lambda: replies(app) == ["Yes."] and not app.session.busy)
        kept = app.session.store.history(app.session.conversation_id)
        assert [turn.text for turn in kept] == ["Is anybody there?", "Yes."]


async def test_hostile_text_is_only_text(settings: Settings, opener: Opener, make_app: MakeApp) -> None:
    hostile = "[bold red]x[/] [/foo] \x1b[31mred\x1b[0m \x1b]0;title\x07 \u202eevil 👩\u200d👩\u200d👧 世界 \x00"
    with opener(settings) as store:
        store.remember(hostile, speaker="[b]Eve[/b]", conversation="[i]talk[/i]")
        store.index_now()
    app = make_app(settings, Scripted(["\x1b[3", "1m[/bar]", "\x07 <b>done</b>"]))
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "red title " + hostile.replace("\x00", ""))
        await wait_until(pilot, answered(app))
        await wait_until(pilot, lambda: shown(app) == "[/bar] <b>done</b>")
        picture = app.export_screenshot()
        assert "[/foo]" in picture.replace("&#x27;", "'")
        assert not {"\x1b", "\x07", "\u202e", "\x00"} & set(picture)


async def test_a_finished_reply_says_what_it_cost(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["a b c d"]))
    async with app.run_test() as pilot:
        await write(pilot, "Letters, please.")
        await wait_until(pilot, answered(app))
        said = str(app.chat.query_one(StatusLine).query_one("#status-now", Static).content)
        assert said.startswith("4 tokens")
        assert said.endswith("of 4.1k")


async def test_what_is_no_language_model_counts_no_tokens(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings, Scripted(["Noted."], name="memory_only"))
    async with app.run_test() as pilot:
        await write(pilot, "The key is under the mat.")
        await wait_until(pilot, answered(app))
        await wait_until(pilot, lambda: str(app.chat.query_one("#status-now", Static).content) == "")
