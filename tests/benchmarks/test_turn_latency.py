"""The benchmark runs, and its last line is JSON. What it measures is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "turn_latency.py"


def test_the_last_line_is_json(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--sizes", "40,80", "--repeat", "3", "--folder", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert [report["turns"] for report in found["sizes"]] == [40, 80]
    for report in found["sizes"]:
        assert {"mneme remember", "sqlite commit", "chroma add"} == report["acknowledge_ms"].keys()
        assert {"mneme recall", "chroma query", "fts5 query"} == report["recall_ms"].keys()
        stages = sum(stage["p50"] for stage in report["stages_ms"].values())
        assert 0 < stages < 3 * report["recall_ms"]["mneme recall"]["p95"]
        assert report["cold"].keys() == report["disk_mb"].keys() == {"mneme", "chroma"}
    assert list(tmp_path.iterdir()) == []
