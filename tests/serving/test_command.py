"""``mneme serve`` as it is started and stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

COMMAND = str(Path(sys.executable).with_name("mneme"))


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    return kept | {"MNEME_HOME": str(home), "OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_server_is_started_used_and_stopped(tmp_path: Path, sent: signal.Signals) -> None:
    command = [COMMAND, "serve", "--openai", "--port", "0"]
    with subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        found = re.search(r"Serving (\S+) until Ctrl\+C; the token is in (\S+)\.", running.stderr.readline())
        assert found
        url, file = found[1], Path(found[2])
        assert file.stat().st_mode & 0o777 == 0o600
        body = {"messages": [{"role": "user", "content": "My cat is called Miso."}]}
        headers = {"Authorization": f"Bearer {file.read_text().strip()}"}
        assert httpx.post(f"{url}/chat/completions", json=body, headers=headers, timeout=60).status_code == 200
        running.send_signal(sent)
        assert running.wait(30) == 0
    assert not (file.parent / "index.open").exists()  # the store was closed, not left


def test_what_cannot_be_served_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments, problem in (
            (["--openai", "--port", port], "Choose another with --port."),
            ([], "--mcp or --openai"),
        ):
            ran = subprocess.run(
                [COMMAND, "serve", *arguments], env=environment(tmp_path), capture_output=True, text=True, check=False
            )
            assert ran.returncode == 2
            assert problem in ran.stderr
            assert ran.stderr.count("\n") == 1
