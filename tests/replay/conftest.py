"""Scripts played on real stores, by the runner and by the command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from agent.models.base import LanguageModel
from agent.models.memory_only import MemoryOnly
from agent.replay.events import Run as Replayed
from agent.replay.loading import load_script
from agent.replay.runner import run
from agent.replay.stage import scratch
from agent.settings import Settings
from tests.command import Run, run_apart, run_here

ROOT = Path(__file__).parents[2]
Play = Callable[..., Replayed]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Play a script, given as YAML, in an empty store."""

    def play_text(text: str, *, model: LanguageModel | None = None, memory: bool = True, seed: int = 0) -> Replayed:
        path = tmp_path / "script.yaml"
        path.write_text(text, encoding="utf-8")
        script = load_script(path)
        with scratch(script, model or MemoryOnly(), Settings(), memory=memory, seed=seed) as stage:
            return run(script, stage)

    return play_text


@pytest.fixture
def mneme(tmp_path: Path) -> Run:
    """The command, in this process and in the project's folder, which the examples are named from."""
    return partial(run_here(tmp_path / "home"), cwd=ROOT)


@pytest.fixture
def mneme_apart(tmp_path: Path) -> Run:
    """The command in a process of its own, in the project's folder."""
    return partial(run_apart(tmp_path / "home"), cwd=ROOT)
