"""Fifty deaths of the program, each followed by a look at everything: ``make crash KILLS=1000`` for more of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memory_store import faults
from tests.crash.plan import FOCUS, planned

ROOT = Path(__file__).parents[2]
KILLS = 50


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_kills_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.crash.running", "--kills", str(KILLS), "--seed", "3"]
    ran = subprocess.run(
        [*command, "--place", str(tmp_path / "lives"), "--json"],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr[-4000:]
    figures = json.loads(next(line for line in ran.stdout.splitlines() if line.startswith("{")))
    assert figures["failures"] == {}
    assert figures["deaths"] > KILLS / 2
    points = {name for name in figures["kills"] if ":" in name}
    assert len(points) > len(faults.POINTS) / 2


def test_a_number_always_means_the_same_life() -> None:
    lives = [planned(7, number) for number in range(200)]
    assert lives == [planned(7, number) for number in range(200)]
    assert lives != [planned(8, number) for number in range(200)]
    assert {life.fault.partition("@")[0] for life in lives if life.fault} == set(faults.POINTS)
    assert {life.focus for life in lives if life.way != "command"} >= set(FOCUS.values())
    assert {"instant", "torn", "command", "ENOSPC", "EIO", "point"} == {life.way for life in lives}


def test_a_point_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no point 'nowhere'"):
        faults.arm("nowhere")
