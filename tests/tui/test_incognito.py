"""Incognito: nothing that is written, said or answered reaches the disk, and the header says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.widgets import Static

from agent.settings import Settings
from tests.tui.app_kit import Scripted, wait_until, write
from tests.tui.test_commands import answered, talk, texts, told
from tests.tui.test_plain import assert_nowhere
from tui.app import MnemeApp
from tui.screens.writing import DRAFT_EVERY_S
from tui.talking.privacy import Privacy

MakeApp = Callable[..., MnemeApp]


def badge(app: MnemeApp) -> str:
    return str(app.chat.query_one("#top-switches", Static).content)


async def test_nothing_of_it_reaches_the_disk(world: Settings, make_app: MakeApp, home: Path) -> None:
    model = Scripted(["A quagga ", "[1], indeed."])
    app = make_app(world, model)
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_until(pilot, lambda: app.session.store)
        before = [app.session.store.stats().memories, app.session.store.memories(forgotten=None)]
        await write(pilot, "/incognito")
        await wait_until(pilot, lambda: "incognito" in badge(app))
        await talk(pilot, "Is a zebra like my cat called Miso?")
        assert "Miso" in app.chat.panel.shown_memories()[0].text
        await pilot.press("f6")
        await wait_until(pilot, lambda: len(model.asked) == 2)
        await answered(pilot, 1)
        await write(pilot, "/rewrite Is a zebra like my dog?")
        await wait_until(pilot, lambda: texts(app) == ["Is a zebra like my dog?", "A quagga [1], indeed."])
        await answered(pilot, 1)
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: any("An editor writes" in said for said in told(app)))
        app.chat.prompt.insert("Another zebra, never sent")
        await pilot.pause(DRAFT_EVERY_S * 2)
        assert [app.session.store.stats().memories, app.session.store.memories(forgotten=None)] == before
    assert_nowhere(home, b"zebra", b"quagga")


async def test_the_model_reads_what_was_said_and_another_model_goes_on(world: Settings, make_app: MakeApp) -> None:
    model = Scripted(["Yes."])
    app = make_app(world, model)
    async with app.run_test(size=(120, 30)) as pilot:
        await write(pilot, "/incognito on")
        await wait_until(pilot, lambda: not app.session.privacy.remember)
        await talk(pilot, "First?")
        app.session.use_model(app.session.settings)
        await talk(pilot, "Second?", 2)
        assert [message.content for message in model.asked[-1].messages[1:3]] == ["First?", "Yes."]
        await write(pilot, "/incognito off")
        await wait_until(pilot, lambda: texts(app) == [] and badge(app) == "")
        await pilot.press("up")
        assert "Second?" not in app.chat.prompt.text


async def test_nothing_is_recalled_where_that_is_switched_off(world: Settings, make_app: MakeApp) -> None:
    model = Scripted(["Yes."])
    app = make_app(world, model)
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/recall off")
        await wait_until(pilot, lambda: badge(app) == "no recall")
        await talk(pilot, "What is my cat called?")
        assert app.chat.panel.shown.rows == ()
        assert "Miso" not in model.asked[0].messages[-1].content
        await pilot.resize_terminal(120, 30)
        await wait_until(pilot, lambda: badge(app) == Privacy(recall=False).label)
