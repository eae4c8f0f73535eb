"""The simulation of costs adds up: what is more costs more, and every assumption can be given."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "server_costs.py"


def found(*options: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, SCRIPT, "--json", *options], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)["found"]
    return result


def test_more_people_cost_more_and_a_day_adds_up() -> None:
    few, many = found("--users", "10000", "--years", "1"), found("--users", "100000", "--years", "1")
    assert few["turns kept"] * 10 == many["turns kept"] == 100_000 * 0.2 * 20 * 365
    assert few["a month"] < many["a month"]
    assert few["turns in the busiest second"] > 10_000 * 0.2 * 20 / 86_400
