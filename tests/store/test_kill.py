"""kill -9 at any instant: nothing acknowledged is lost, nothing purged comes back, the next open puts it in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from memory_store import MemoryStore, NewTurn
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.store.victim import words

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def victim(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.victim", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)


def killed_at(folder: Path, task: str, place: str, when: str) -> None:
    with victim(folder, task, place, when) as process:
        process.wait()
    assert process.returncode == -signal.SIGKILL


def in_step(store: MemoryStore, turns: int) -> None:
    """What any open does without being asked, waited for."""
    store.index_now()
    report = store.check()
    assert report.ok, report.problems
    assert (report.words, report.vectors, report.indexed, report.queued) == (turns, turns, turns, 0)


def test_every_acknowledged_turn_survives(tmp_path: Path, open_store: OpenStore) -> None:
    """Three lives of one store, each ended somewhere in a write or in the indexing that follows every twentieth."""
    chance = random.Random(11)
    acknowledged: list[str] = []
    for _ in range(3):
        with victim(tmp_path / "store", "remember") as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 60)):
                acknowledged.append(process.stdout.readline().strip())
            process.kill()
            acknowledged += process.stdout.read().split()
    with open_store() as store:
        present = {turn.id for turn in store.memories(forgotten=None)}
        assert set(acknowledged) <= present
        assert len(present) <= len(acknowledged) + 3
        in_step(store, len(present))


def in_chroma(text: str) -> bytes:
    """The vector of ``text`` as Chroma keeps it."""
    return HashedWords().encode([text])[0].astype(np.float16).astype(np.float32).tobytes()


@pytest.fixture
def lived_in(open_store: OpenStore, tmp_path: Path) -> Path:
    """40 turns indexed and 10 more that wait."""
    with open_store() as store:
        store.remember_many([NewTurn(words(number), conversation="c") for number in range(40)])
        store.index_now()
        store.remember_many([NewTurn(words(number), conversation="c") for number in range(40, 50)])
    return tmp_path / "store"


@pytest.mark.parametrize(
    ("task", "place", "when"),
    [
        ("index", "semantic.vectors:save", "after"),
        ("index", "semantic.chroma:SemanticIndex.put", "after"),
        ("rebuild", "episodic.lexical:make_anew", "after"),
        ("rebuild", "semantic.chroma:SemanticIndex.put", "after"),
        ("rebuild", "semantic.index_folder:discard", "before"),
    ],
)
def test_killed_while_indexing(open_store: OpenStore, lived_in: Path, task: str, place: str, when: str) -> None:
    killed_at(lived_in, task, place, when)
    with open_store() as store:
        in_step(store, 50)
        assert store.recall("secret43word")[0].memory.text == words(43)
    assert len(list((lived_in / "chroma").iterdir())) == 1


@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("purging.erasing:erase", "after"),
        ("sqlite.database:FileDatabase.forget_deleted", "before"),
        ("semantic.index_folder:IndexFolder.rebuild", "before"),
        ("semantic.index_folder:IndexFolder._adopt", "after"),
        ("semantic.index_folder:discard", "before"),
        ("purging.proving:search_files", "before"),
    ],
)
def test_killed_while_purging(open_store: OpenStore, lived_in: Path, place: str, when: str) -> None:
    killed_at(lived_in, "purge", place, when)
    undone = place == "purging.erasing:erase"  # its transaction was not committed
    with victim(lived_in, "index") as process:  # another process: this one's recycled memory still holds the vectors
        assert process.wait() == 0
    everything = b"".join(file.read_bytes() for file in lived_in.rglob("*") if file.is_file())
    for number in range(5):
        assert (f"secret{number}word".encode() in everything) is undone
        assert (in_chroma(words(number)) in everything) is undone
    assert b"secret5word" in everything
    assert in_chroma(words(5)) in everything
    with open_store() as store:
        in_step(store, 50 if undone else 45)
