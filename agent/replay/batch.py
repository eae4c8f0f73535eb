"""Many scripts at once, each in a process with a model of its own: the same transcripts, sooner."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.replay.events import Run
from agent.replay.script import Script

if TYPE_CHECKING:
    from agent.models.base import LanguageModel
    from agent.settings import Settings

_MODELS: dict[str, LanguageModel] = {}
"""The model of this process, once it is loaded."""


@dataclass(frozen=True, slots=True)
class Part:
    """One script, played once."""

    script: Script
    settings: Settings
    seed: int
    memory: bool


def play_all(parts: Sequence[Part], jobs: int, progress: Callable[[int, int], None]) -> list[Run]:
    """The runs of ``parts``, in order, ``jobs`` at a time in scratch stores. ``progress``: played, of how many."""
    # Spawned, not forked: a forked process would share threads and database handles that it must not touch.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        return list(_counted(pool.map(_play, parts), len(parts), progress))


def _counted(runs: Iterator[Run], whole: int, progress: Callable[[int, int], None]) -> Iterator[Run]:
    for done, run in enumerate(runs, start=1):
        progress(done, whole)
        yield run


def _play(part: Part) -> Run:
    from agent.models.loading import load_model
    from agent.replay.runner import run
    from agent.replay.stage import scratch

    if "" not in _MODELS:
        _MODELS[""] = load_model(part.settings)
    with scratch(part.script, _MODELS[""], part.settings, seed=part.seed, memory=part.memory) as stage:
        return run(part.script, stage)
