"""The terminal's window is closed, or the machine goes down: the memory is closed in order all the same."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pexpect
import pytest


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_the_index_is_not_left_marked_as_open(tmp_path: Path, number: signal.Signals) -> None:
    mark = tmp_path / "profiles" / "default" / "index.open"
    app = pexpect.spawn(
        sys.executable,
        ["-c", "from tui.cli import main; main()", "chat"],
        env={**os.environ, "MNEME_HOME": str(tmp_path), "TERM": "xterm-256color", "NO_COLOR": "1"},
        dimensions=(30, 100),
        timeout=90,
        encoding="utf-8",
    )
    app.expect("index up to date")
    end = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < end:
        app.expect(pexpect.TIMEOUT, timeout=0.2)
    assert mark.exists()
    app.kill(number)
    app.expect(pexpect.EOF)
    app.wait()
    assert not mark.exists()
