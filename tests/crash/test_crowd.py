"""Eight processes on one profile for a few seconds, the holder of the index killed: ``make crash`` does a minute."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_eight_processes_lose_nothing() -> None:
    command = [sys.executable, "-m", "tests.crash.crowd", "--processes", "8", "--seconds", "8", "--kill-every", "2"]
    ran = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr[-4000:]
    assert "0 problems" in ran.stdout
    assert "holders killed" in ran.stdout, ran.stdout
