"""The app's benchmark runs on a real pseudo-terminal, and its last line is JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "app_speed.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_last_line_is_json() -> None:
    short = ["--turns", "60", "--repeat", "1", "--keys", "6", "--hours", "0", "--json"]
    done = subprocess.run([sys.executable, str(SCRIPT), *short], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["first_paint"]["app_ms"] > found["first_paint"]["interpreter_ms"]
    assert found["keys"]["streaming_ms"]["keys"] == 6
    assert 30 <= found["keys"]["inside"]["mounted_turns"] <= 31
