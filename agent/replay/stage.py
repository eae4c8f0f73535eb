"""What a script is played on: a store whose clock and ids are the script's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.models.base import LanguageModel
from agent.opening import open_memory
from agent.replay.script import Script
from agent.settings import Settings
from memory_store import MemoryStore
from memory_store.clock import VirtualClock
from memory_store.episodic.screening import SecretsPolicy
from memory_store.ids import seeded_ids


@dataclass(frozen=True, slots=True)
class Stage:
    """``clock`` is the store's own. ``memory`` False: nothing is recalled and nothing pinned is in the prompt."""

    store: MemoryStore
    clock: VirtualClock
    model: LanguageModel
    settings: Settings
    seed: int = 0
    memory: bool = True


@contextmanager
def scratch(
    script: Script,
    model: LanguageModel,
    settings: Settings,
    *,
    seed: int = 0,
    memory: bool = True,
) -> Iterator[Stage]:
    """An empty store of the script's own, removed afterwards, with ids from the seed: the same each time."""
    clock = VirtualClock(script.start)
    with (
        tempfile.TemporaryDirectory(prefix="mneme-replay-") as folder,
        open_memory(
            settings,
            folder=Path(folder) / "profile",
            clock=clock,
            indexing="manual",
            ids=seeded_ids(seed),
            secrets=_unasked(settings),
        ) as store,
    ):
        yield Stage(store, clock, model, settings, seed, memory)


@contextmanager
def kept(
    script: Script, model: LanguageModel, settings: Settings, *, seed: int = 0, memory: bool = True
) -> Iterator[Stage]:
    """The settings' profile, which keeps what the script says and remembers what it did before.

    Its ids are random: a second replay with the same seed would meet its own.
    """
    clock = VirtualClock(script.start)
    with open_memory(settings, clock=clock, indexing="manual", actor="replay", secrets=_unasked(settings)) as store:
        yield Stage(store, clock, model, settings, seed, memory)


def _unasked(settings: Settings) -> SecretsPolicy:
    """Nobody sits at a replay: what would be asked about is kept."""
    policy = settings.privacy.secrets
    return "keep" if policy == "ask" else policy
