"""The installed app in a pseudo-terminal, with a model behind a real socket: streamed, stopped, killed, resumed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.agent.server.serving import Exchange, Served, serving

pytestmark = pytest.mark.slow
PATIENCE_S = 90
ESCAPE, CTRL_Q = "\x1b", "\x11"


def answer(exchange: Exchange) -> None:
    """A story that never ends; anything else is answered with what the prompt says of the cat."""
    said = exchange.body["messages"][-1]["content"]
    exchange.begin()
    if "story" in said:
        exchange.say("Once ", "upon ", "a time")
        exchange.stall()
    else:
        exchange.say("She is ", "called ", "Miso." if "called Miso" in said else "I do not know.")
        exchange.done(prompt_tokens=50, completion_tokens=4)


@contextmanager
def terminal(home: Path, served: Served, *, size: tuple[int, int] = (30, 100)) -> Iterator[pexpect.spawn]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MNEME_", "XDG_"))}
    environment |= {"MNEME_HOME": str(home), "TERM": "xterm-256color", "NO_COLOR": "1"}
    environment |= {"MNEME_MODEL__BASE_URL": served.url, "MNEME_MODEL__NAME": "tiny"}
    program = ["-c", "from tui.cli import main; main()", "chat"]
    spawned = pexpect.spawn(
        sys.executable, program, env=environment, dimensions=size, timeout=PATIENCE_S, encoding="utf-8"
    )
    try:
        spawned.expect("index up to date|to index")
        yield spawned
    finally:
        spawned.close(force=True)


def say(spawned: pexpect.spawn, words: str) -> None:
    spawned.send(words)
    spawned.expect(words.rsplit(maxsplit=1)[-1].rstrip("?.").replace(".", r"\."))
    spawned.send("\r")


def left(spawned: pexpect.spawn) -> int:
    spawned.send(CTRL_Q)
    spawned.expect("Resume with: mneme chat --conversation")
    spawned.expect(pexpect.EOF)
    spawned.close()
    assert spawned.exitstatus is not None
    return spawned.exitstatus


def test_typed_streamed_stopped_left_and_found_again(tmp_path: Path) -> None:
    with serving(answer) as served:
        with terminal(tmp_path, served) as spawned:
            say(spawned, "My cat is called Miso.")
            spawned.expect("2 memories")
            say(spawned, "Tell me a story")
            spawned.expect("a time")
            spawned.setwinsize(20, 60)  # resized in the middle of a stream
            spawned.send(ESCAPE)
            spawned.expect("stopped here")
            assert served.gone.wait(PATIENCE_S)
            assert left(spawned) == 0
        with terminal(tmp_path, served, size=(24, 80)) as spawned:
            say(spawned, "/new")
            say(spawned, "What is my cat called?")
            spawned.expect("Miso")
            spawned.expect("recalled")
            assert left(spawned) == 0


def test_a_draft_survives_kill_9_and_a_closed_terminal(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(answer) as served:
        for number, words in ((signal.SIGKILL, "half a thought"), (signal.SIGHUP, " and then some")):
            with terminal(tmp_path, served) as spawned:
                spawned.send(words)
                end = time.monotonic() + PATIENCE_S
                while not any(words in file.read_text() for file in state.glob("draft-*.txt")):
                    assert time.monotonic() < end
                    time.sleep(0.05)
                spawned.kill(number)
                spawned.wait()
        with terminal(tmp_path, served) as spawned:
            say(spawned, "!")
            spawned.expect("2 memories")
        heard = [body["messages"][-1]["content"] for body in served.bodies()]
        assert heard[-1].endswith("half a thought and then some!")
