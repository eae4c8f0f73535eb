"""What can only be seen from outside the process: what is imported, what reaches the terminal, a real terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

HEAVY = ("torch", "transformers", "chromadb", "sqlalchemy", "numpy")


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


def test_the_first_picture_needs_nothing_heavy(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from agent.settings import load_settings
from tui.app import MnemeApp
from tui.session import Session

session = Session(load_settings(Path({str(tmp_path)!r}), None))
session.start = lambda opening: print([name for name in {HEAVY!r} if name in sys.modules])

async def paint():
    async with MnemeApp(session).run_test() as pilot:
        await pilot.pause()

asyncio.run(paint())
"""
    done = run(program)
    assert done.stdout.strip() == "[]", done.stderr


def test_what_native_code_writes_goes_to_the_log_and_the_screen_to_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "mneme.log"
    program = f"""
import os, sys
from pathlib import Path
from tui.stderr_guard import stderr_to

with stderr_to(Path({str(log)!r})):
    os.write(2, b"malloc complains\\n")
    print("python complains", file=sys.stderr)
    sys.__stderr__.write("the picture\\n")
    sys.__stderr__.flush()
os.write(2, b"afterwards\\n")
"""
    done = run(program)
    assert done.stderr == "the picture\nafterwards\n"
    assert log.read_text() == "malloc complains\npython complains\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_without_a_terminal_chat_says_what_to_use(tmp_path: Path) -> None:
    done = run("from tui.cli import main; main()", MNEME_HOME=str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "mneme ask" in done.stderr


@pytest.mark.slow
def test_in_a_real_terminal_something_told_is_found_again_after_a_restart(tmp_path: Path) -> None:
    environment = {**os.environ, "MNEME_HOME": str(tmp_path), "TERM": "xterm-256color", "NO_COLOR": "1"}

    def start() -> pexpect.spawn:
        return pexpect.spawn(
            sys.executable,
            ["-c", "from tui.cli import main; main()", "chat"],
            env=environment,
            dimensions=(30, 100),
            timeout=90,
            encoding="utf-8",
        )

    first = start()
    first.expect("index up to date")
    first.send("My cat is called Miso.")
    first.expect("Miso")
    first.send("\r")
    first.expect("2 memories")
    first.send("\x11")
    first.expect(r"Resume with: mneme chat --conversation (\w+)")
    first.expect(pexpect.EOF)
    first.close()
    assert first.exitstatus == 0

    second = start()
    second.expect("2 memories from 1 conversation")
    second.send("What is my cat called?")
    second.send("\r")
    second.expect("This is what I remember|called Miso")
    second.expect("4 memories")
    second.send("\x03\x03")
    second.expect("Resume with: mneme chat --conversation")
    second.expect(pexpect.EOF)
    second.close()
    assert second.exitstatus == 0
