"""An encrypted memory in the app: it says so, and is closed when nobody is there, or at a key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.settings import Settings, load_settings
from memory_store import MemoryStore, VirtualClock
from tests.fakes import HashedWords
from tests.tui.app_kit import Scripted, maker, wait_until, write
from tui.app import MnemeApp
from tui.process.idle import IdleClock
from tui.talking.session import Opening, Session
from tui.widgets.status_line import StatusLine

PASSPHRASE = "correct horse battery"


@pytest.fixture
def opener(clock: VirtualClock) -> Callable[[Settings], MemoryStore]:
    def open_store(settings: Settings) -> MemoryStore:
        return MemoryStore.open(
            settings.paths.profile_dir, clock=clock, embedder=HashedWords(), indexing="manual", passphrase=PASSPHRASE
        )

    return open_store


def app_of(opener: Callable[[Settings], MemoryStore], settings: Settings, opening: Opening | None = None) -> MnemeApp:
    return MnemeApp(Session(settings, opener=opener, model_maker=maker(Scripted())), opening)


def test_the_clock_of_idleness() -> None:
    now = [0.0]
    clock = IdleClock(2, lambda: now[0])
    now[0] = 119
    assert not clock.due(busy=False)
    clock.touched()
    now[0] = 238
    assert not clock.due(busy=False)
    assert not clock.due(busy=True)
    now[0] = 357
    assert not clock.due(busy=False)
    now[0] = 358
    assert clock.due(busy=False)
    assert not IdleClock(0, lambda: now[0]).due(busy=False)


async def test_it_is_locked_by_a_key_and_nothing_stays(
    opener: Callable[[Settings], MemoryStore], settings: Settings
) -> None:
    app = app_of(opener, settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await write(pilot, "My cat is called Miso.")
        await wait_until(pilot, lambda: not app.session.busy)
        await wait_until(
            pilot, lambda: "encrypted" in str(app.chat.query_one(StatusLine).query_one("#status-store").render())
        )
        conversation = app.session.conversation_id
        app.chat.prompt.insert("half a sentence")
        await pilot.press("f12")
    assert app.draft == "half a sentence"
    assert app.session.store is None
    again = app_of(opener, settings, Opening(conversation, draft=app.draft))
    async with again.run_test() as pilot:
        await wait_until(pilot, lambda: again.chat.prompt.text == "half a sentence")
        await wait_until(pilot, lambda: len(again.chat.transcript.entries) == 2)


async def test_it_is_locked_when_nobody_is_there(
    opener: Callable[[Settings], MemoryStore], home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.LOOK_S", 0.05)
    app = app_of(opener, load_settings(None, None, privacy__lock_after=0.01))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.draft is not None)
    assert app.session.store is None


async def test_a_plain_memory_is_not_locked(settings: Settings, clock: VirtualClock) -> None:
    def plain(settings: Settings) -> MemoryStore:
        return MemoryStore.open(settings.paths.profile_dir, clock=clock, embedder=HashedWords(), indexing="manual")

    app = app_of(plain, settings)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store)
        await pilot.press("f12")
        await pilot.pause(0.1)
        assert app.is_running
        assert app.draft is None


async def test_a_crash_does_not_tell_what_was_said(
    opener: Callable[[Settings], MemoryStore], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash() -> None:
        said = "the zyxmark that nobody else may read"
        raise RuntimeError(f"{len(said)} characters")

    app = app_of(opener, settings)

    async def run() -> None:
        async with app.run_test() as pilot:
            await wait_until(pilot, lambda: app.session.store)
            app.call_later(crash)
            await pilot.pause(0.5)

    with pytest.raises(RuntimeError, match="37 characters"):
        await run()
    told = capsys.readouterr()
    assert "37 characters" in told.err
    assert "zyxmark" not in told.out + told.err.replace('said = "the zyxmark that nobody else may read"', "")
