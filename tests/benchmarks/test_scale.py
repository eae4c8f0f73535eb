"""The growth benchmark runs, keeps its stores, and ends with JSON. What it measures is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "scale.py"


def run(*given: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run([sys.executable, str(SCRIPT), *given], capture_output=True, text=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_sizes_side_by_side_and_stores_kept(tmp_path: Path) -> None:
    given = ("--repeat", "3", "--keep", str(tmp_path), "--json")
    found = run("--sizes", "80,40", "--no-check", *given)
    assert list(found) == ["40", "80"]
    assert found["40"]["recall_p50_growth"] is None
    assert isinstance(found["80"]["recall_p50_growth"], float)
    assert found["80"].keys() == found["40"].keys()
    assert found["80"]["search"] == "exact"
    again = run("--sizes", "40", *given)
    assert again["40"]["import_turns_per_s"] == found["40"]["import_turns_per_s"]
