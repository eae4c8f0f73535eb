"""Scripts played on real stores; the command run as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.models.base import LanguageModel
from agent.models.memory_only import MemoryOnly
from agent.replay.events import Run
from agent.replay.loading import load_script
from agent.replay.runner import run
from agent.replay.stage import scratch
from agent.settings import Settings

ROOT = Path(__file__).parents[2]
Play = Callable[..., Run]
Mneme = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Play a script, given as YAML, in an empty store."""

    def play_text(text: str, *, model: LanguageModel | None = None, memory: bool = True, seed: int = 0) -> Run:
        path = tmp_path / "script.yaml"
        path.write_text(text, encoding="utf-8")
        script = load_script(path)
        with scratch(script, model or MemoryOnly(), Settings(), memory=memory, seed=seed) as stage:
            return run(script, stage)

    return play_text


@pytest.fixture
def mneme(tmp_path: Path) -> Mneme:
    """Run ``mneme ARGUMENTS``, in the project's folder unless told otherwise, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MNEME_", "XDG_"))}
    env |= {"HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8", "TMPDIR": str(tmp_path)}
    start = "from tui.cli import main; main()"

    def call(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", start, *map(str, arguments)],
            cwd=cwd,
            env=env,
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )

    return call
