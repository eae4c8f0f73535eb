"""Every Python example in docs/ is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documented.examples import ROOT

PROGRAMS = [
    pytest.param(program, id=f"{page.name}, {number}")
    for page in sorted((ROOT / "docs").rglob("*.md"))
    for number, program in enumerate(
        re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(program: str, furnished: Path, tmp_path: Path) -> None:
    compile(program, "docs", "exec")
    if "OpenAI(" in program:
        return  # wants a server; tests/serving talks to one through the same package
    shutil.copytree(furnished / "place", tmp_path / "place", symlinks=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    homes = {"HOME": str(tmp_path), "MNEME_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "place",
        env=kept | homes,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr


def test_programs_are_found() -> None:
    assert len(PROGRAMS) >= 5
