"""A sitting that ended without goodbye is gone on with; one that said goodbye, or is open still, is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.records import NewTurn
from tests.tui.app_kit import settled, wait_until
from tui.app import MnemeApp
from tui.resuming.going_back import spot_of
from tui.resuming.sitting import Sitting, Spot
from tui.screens.conversations import ConversationsScreen
from tui.talking.session import Opening

MakeApp = Callable[..., MnemeApp]

CRASH = """
import os, sys
from pathlib import Path
from tui.resuming.sitting import Sitting, Spot
Sitting(Path(sys.argv[1]), "default").keep(Spot(*sys.argv[2:]))
os._exit(1)
"""


def crashed(folder: Path, conversation: str, screen: str, turn: str = "") -> None:
    """A window that was there, and is gone."""
    subprocess.run([sys.executable, "-c", CRASH, str(folder), conversation, screen, turn], check=False)


def test_what_a_crash_left_is_found_once(tmp_path: Path) -> None:
    crashed(tmp_path, "talk", "memories")
    assert Sitting(tmp_path, "other").left() is None
    assert Sitting(tmp_path, "default").left() == Spot("talk", "memories")
    assert Sitting(tmp_path, "default").left() is None
    assert list(tmp_path.iterdir()) == []


def test_a_window_that_is_open_is_left_alone(tmp_path: Path) -> None:
    here = Sitting(tmp_path, "default")
    here.keep(Spot("talk"))
    script = "import sys; from pathlib import Path; from tui.resuming.sitting import Sitting\n"
    script += "print(Sitting(Path(sys.argv[1]), 'default').left())"
    seen = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True)
    assert seen.stdout == "None\n"
    here.end()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_or_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / f"{Sitting(tmp_path, 'default')._prefix}-1.json").write_text("{nonsense")
    assert Sitting(tmp_path, "default").left() is None
    (tmp_path / "file").write_text("")
    blocked = Sitting(tmp_path / "file", "default")
    blocked.keep(Spot("talk"))
    blocked.end()


async def test_the_app_comes_back_to_conversation_and_screen(world: Settings, make_app: MakeApp) -> None:
    first = make_app(world)
    async with first.run_test() as pilot:
        await wait_until(pilot, lambda: first.session.store is not None)
        cat = first.session.store.conversations(matching="Miso")[0].id
    assert not list(world.paths.state_dir.glob("sitting-*"))
    crashed(world.paths.state_dir, cat, "conversations")
    app = make_app(world)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ConversationsScreen))
        await wait_until(pilot, lambda: app.session.conversation_id == cat)
        assert any("without goodbye" in note.message for note in app._notifications)
        mine = world.paths.state_dir / f"{app.sitting._prefix}-{os.getpid()}.json"
        await wait_until(pilot, mine.exists)


async def test_who_asks_for_a_place_gets_that_one(world: Settings, make_app: MakeApp) -> None:
    crashed(world.paths.state_dir, "nosuchone", "memories")
    app = make_app(world, opening=Opening(latest=True))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(app.chat.transcript.entries) == 2)
        assert app.screen is app.chat


async def test_a_conversation_that_is_no_more_is_not_missed(world: Settings, make_app: MakeApp) -> None:
    crashed(world.paths.state_dir, "nosuchone", "")
    app = make_app(world)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.session.store is not None)
        await pilot.pause(0.5)
        assert app.is_running
        assert app.session.conversation_id is None


@pytest.mark.parametrize(("goodbye", "left"), [("\x11", ""), ("", "memories")])
def test_a_closed_terminal_is_no_goodbye(tmp_path: Path, goodbye: str, left: str) -> None:
    command = str(Path(sys.executable).with_name("mneme"))
    app = pexpect.spawn(command, ["--home", str(tmp_path), "chat"], dimensions=(24, 80), encoding="utf-8", timeout=60)
    app.expect("Say something|ay something")
    app.sendcontrol("o")
    reading = threading.Thread(target=app.read, daemon=True)  # else its picture fills the terminal, and it waits
    reading.start()
    state = tmp_path / "state"
    until(lambda: any("memories" in file.read_text() for file in state.glob("sitting-*.json")))
    if goodbye:
        app.send(goodbye)
    else:
        os.kill(app.pid, signal.SIGHUP)
    until(lambda: not app.isalive())
    found = Sitting(state, "default").left()
    assert (found.screen if found else "") == left


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


async def test_the_reader_comes_back_to_what_was_read(
    settings: Settings, opener: Callable[[Settings], MemoryStore], make_app: MakeApp
) -> None:
    with opener(settings) as store:
        turns = store.remember_many(
            NewTurn(f"turn {n}", speaker="user" if n % 2 else "assistant", conversation="long") for n in range(80)
        )
        read = store.history("long")[20]
    assert len(turns) == 80
    crashed(settings.paths.state_dir, "long", "", read.id)
    app = make_app(settings)
    async with app.run_test() as pilot:
        transcript = app.chat.transcript

        def back() -> bool:
            view = transcript.view(transcript.entries[20]) if len(transcript.entries) == 80 else None
            return view is not None and transcript.region.contains_region(view.region)

        await wait_until(pilot, back)
        await settled(pilot)
        assert back()
        assert app.chat.prompt.has_focus
        above = transcript.view(transcript.entries[8])
        assert above is not None
        above.styles.min_height = 30  # as when the words of a turn come after the turn
        await settled(pilot)
        assert back(), "what grows above pushes it nowhere"
        above.styles.min_height = 2
        await settled(pilot)
        spot = spot_of(app)
        assert spot.conversation == "long"
        assert 15 <= int(app.session.store.get(spot.turn).text.partition(" ")[2]) <= 20
        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: spot_of(app).turn == "")
