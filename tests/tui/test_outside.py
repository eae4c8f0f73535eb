"""What can only be seen from outside the process: what is imported, what reaches the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
from tui.talking.session import Session

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
from tui.process.stderr_guard import stderr_to

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
