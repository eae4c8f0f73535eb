"""The benchmark runs, its last line is JSON, and keeping what was read changes no word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "first_token.py"


@pytest.mark.slow
def test_the_words_are_the_same_and_less_is_read() -> None:
    command = [sys.executable, str(SCRIPT), "--turns", "8", "--context", "500", "--width", "64", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["identical_output"] is True
    assert found["speedup"] > 0
    assert len(found["turns"]) == 8
    for turn in found["turns"][1:]:
        none, kept, ahead = turn["reused"]
        assert none == 0 <= kept < ahead < turn["prompt_tokens"]
