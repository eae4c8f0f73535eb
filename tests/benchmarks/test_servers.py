"""The benchmark runs beside a real server, and its last line is JSON. What it measures is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.postgres import Server

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "servers.py"


def test_the_last_line_is_json(postgres: Server) -> None:
    url = postgres.url("unused").partition("?")[0]
    command = [
        sys.executable,
        str(SCRIPT),
        "--url",
        url,
        "--sizes",
        "40",
        "--repeat",
        "3",
        "--dialogues",
        "2",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [found] = json.loads(done.stdout.splitlines()[-1])
    assert found["turns"] == 40
    for name in ("import, turns/s", "a recall, p50 ms", "a recall, CPU of mneme, ms", "2 dialogues, turns+recalls/s"):
        assert found[name].keys() == {"folder", "server"}
        assert all(value > 0 for value in found[name].values()), name
