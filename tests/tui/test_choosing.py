"""Choosing a model: the first time, and whenever afterwards."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from agent.settings import Settings, load_settings
from memory_store import MemoryStore
from tests.tui.app_kit import Scripted, wait_until, write
from tests.tui.models_kit import ALL, FOLDER, LARGE, SERVED, SMALL, found, named_models
from tui.app import MnemeApp
from tui.screens import beginning, models
from tui.screens.models import ModelsScreen
from tui.talking.session import Session
from tui.widgets.first_run import FirstRun
from tui.widgets.top_bar import TopBar
from tui.widgets.welcome import Welcome

Opener = Callable[[Settings], MemoryStore]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """``machine(*models)``: what is on it. Everything, unless told."""

    def holds(*here: object) -> None:
        for screen in (beginning, models):
            monkeypatch.setattr(screen, "models_here", found(*here))

    holds(*ALL)
    return holds


@pytest.fixture
def new_app(opener: Opener) -> Callable[[Settings], MnemeApp]:
    def make(settings: Settings) -> MnemeApp:
        return MnemeApp(Session(settings, opener=opener, model_maker=named_models), greet=True)

    return make


def written(settings: Settings) -> dict[str, object]:
    file = settings.paths.config_file
    return tomllib.loads(file.read_text("utf-8")).get("model", {}) if file.exists() else {}


def text(pilot: Pilot[object], selector: str) -> str:
    return "".join(str(widget.content) for widget in pilot.app.screen.query(selector).results(Static))


def offers(app: MnemeApp) -> OptionList:
    return app.chat.query_one("#offers", OptionList)


async def offered(pilot: Pilot[object]) -> None:
    await wait_until(pilot, lambda: "Which of these" in text(pilot, "#first-run-ask"), "models are offered")


def ready(app: MnemeApp, name: str) -> Callable[[], bool]:
    def is_ready() -> bool:
        state = app.chat.query_one(TopBar).model
        return (state.phase, state.name) == ("ready", name)

    return is_ready


async def test_the_first_time_what_is_possible_is_offered_best_first(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test(size=(100, 30)) as pilot:
        await offered(pilot)
        names = [str(offers(app).get_option_at_index(n).prompt).split()[0] for n in range(offers(app).option_count)]
        ends = ["/a-chat-model-with-a-long-name", SMALL.name, SERVED.name, "memory_only", LARGE.name]
        assert all(name.endswith(end) for name, end in zip(names, ends, strict=True)), names
        assert offers(app).get_option_at_index(4).disabled
        assert app.focused is app.chat.prompt


async def test_arrows_and_enter_choose_while_nothing_is_written(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test(size=(100, 30)) as pilot:
        await offered(pilot)
        await pilot.press("down", "enter")
        await wait_until(pilot, ready(app, SMALL.name))
        await wait_until(pilot, lambda: app.chat.query(Welcome) and not app.chat.query(FirstRun))
        await write(pilot, "Who are you?")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 2)
        assert app.chat.transcript.entries[-1].text == f"I am {SMALL.name}."
    assert written(settings) == {"name": SMALL.name}
    assert not new_app(load_settings(None, None)).first_run


async def test_words_can_be_written_at_once_and_nothing_is_chosen(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"Hi Miso")
        await pilot.press("enter")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 2)
        assert app.chat.transcript.entries[0].text == "Hi Miso"
        assert not app.chat.query(FirstRun)
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: app.chat.query(Welcome))
    assert written(settings) == {}


async def test_it_is_shown_once(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test() as pilot:
        await offered(pilot)
    app = new_app(load_settings(None, None))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: "Ctrl+L" in text(pilot, "#fact-model"))
        assert not app.chat.query(FirstRun)


async def test_where_no_model_is_it_says_how_to_get_one(
    settings: Settings, new_app: Callable, machine: Callable
) -> None:
    machine()
    app = new_app(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "mneme models pull" in text(pilot, "#first-run-foot"))
        assert "memory_only answers with" in text(pilot, "#first-run-ask")
        assert "8.0 GB of memory is free" in text(pilot, "#first-run-foot")
        assert not offers(app).display
        await pilot.press("enter", "up", "down")
        await write(pilot, "Hello.")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 2)


async def test_a_model_that_was_chosen_before_needs_no_first_run(home, new_app: Callable) -> None:
    assert not new_app(load_settings(None, None, model__name="memory_only")).first_run
    assert new_app(load_settings(None, None)).first_run


async def test_the_picker_switches_the_running_session_and_writes_it_down(
    world: Settings, opener: Opener, new_app: Callable
) -> None:
    world.paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    world.paths.config_file.write_text('# mine\n[model]\nname = "memory_only" # for now\n', "utf-8")
    settings = load_settings(None, None)
    app = MnemeApp(Session(settings, opener=opener, model_maker=named_models))
    async with app.run_test(size=(110, 30)) as pilot:
        await wait_until(pilot, ready(app, "memory_only"))
        await write(pilot, "Who are you?")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 2)
        await pick(pilot, FOLDER.name)
        assert FOLDER.name in text(pilot, "#models-detail").replace("/models//", "/")
        await pilot.press("enter")
        await wait_until(pilot, ready(app, FOLDER.name))
        assert app.screen is app.chat
        assert "a-chat-model-with-a" in str(app.chat.query_one("#top-model", Static).content)
        await write(pilot, "And now?")
        await wait_until(pilot, lambda: not app.session.busy and len(app.chat.transcript.entries) == 4)
        assert app.chat.transcript.entries[-1].text == f"I am {FOLDER.name}."
        with_history = app.session._current.model._model.asked[-1].messages
        assert any("Who are you?" in message.content for message in with_history), "the conversation goes on"
    assert world.paths.config_file.read_text("utf-8") == f'# mine\n[model]\nname = "{FOLDER.name}" # for now\n'


async def test_for_this_sitting_only_nothing_is_written(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test(size=(110, 30)) as pilot:
        await offered(pilot)
        await pick(pilot, SMALL.name)
        await pilot.press("t")
        await wait_until(pilot, ready(app, SMALL.name))
    assert written(settings) == {}


async def test_a_model_that_does_not_load_leaves_the_app_usable(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test(size=(110, 30)) as pilot:
        await offered(pilot)
        await pick(pilot, SERVED.name)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "not loaded" in text(pilot, "#top-model"))
        assert written(settings) == {"name": SERVED.name, "base_url": SERVED.base_url}
        await write(pilot, "Hello?")
        await wait_until(pilot, lambda: app.chat.transcript.entries[-1].state == "failed")
        await pick(pilot, SMALL.name)
        await pilot.press("enter")
        await wait_until(pilot, ready(app, SMALL.name))
        assert "Hello?" in app.chat.prompt.text
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.chat.transcript.entries[-1].text == f"I am {SMALL.name}.")
    assert written(settings) == {"name": SMALL.name, "base_url": SERVED.base_url, "kind": "transformers"}


async def test_what_is_no_language_model_is_refused_and_the_picker_stays(settings: Settings, new_app: Callable) -> None:
    app = new_app(settings)
    async with app.run_test(size=(110, 30)) as pilot:
        await offered(pilot)
        await pick(pilot, "ana/encoder")
        assert "holds bertmodel" in text(pilot, "#models-detail").lower()
        await pilot.press("enter")
        await wait_until(pilot, lambda: any("BertModel" in note.message for note in app._notifications))
        assert isinstance(app.screen, ModelsScreen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)
    assert written(settings) == {}


async def test_switching_in_the_middle_of_a_reply_keeps_what_was_said(settings: Settings, opener: Opener) -> None:
    import threading

    from agent.models.loading import BackgroundModel

    slow = Scripted(["So far. ", "Never."], gate=threading.Semaphore(1), name="memory_only")

    def make(settings: Settings, listener: Callable) -> BackgroundModel:
        if settings.model.name == "memory_only":
            return BackgroundModel(lambda _progress: slow, name="memory_only", listener=listener)
        return named_models(settings, listener)

    app = MnemeApp(Session(settings, opener=opener, model_maker=make))
    async with app.run_test(size=(110, 30)) as pilot:
        await write(pilot, "Begin.")
        await wait_until(pilot, lambda: app.chat.transcript.entries[-1].text == "So far. ")
        await write(pilot, "And who is next?")
        await pick(pilot, SMALL.name)
        await pilot.press("enter")
        await wait_until(pilot, lambda: not app.session.busy)
        said = [entry.text for entry in app.chat.transcript.entries]
        assert said == ["Begin.", "So far. ", "And who is next?", f"I am {SMALL.name}."]


async def pick(pilot: Pilot[object], name: str) -> None:
    """Open the picker and put the cursor on a model."""
    await pilot.press("ctrl+l")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ModelsScreen) and pilot.app.screen.is_mounted)
    table = pilot.app.screen.table
    await wait_until(pilot, lambda: table.models, "models are listed")
    table.move_cursor(row=[model.name for model in table.models].index(name))
    await wait_until(pilot, lambda: table.highlighted.name == name)
    await pilot.pause()
