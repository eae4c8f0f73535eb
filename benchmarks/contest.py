"""mneme beside bare SQLite, FTS5 and Chroma, taking turns within one loop: what else the machine does falls on all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
from bare import BareSqlite, PlainChroma, SameGraph
from made_up import RandomVectors, Remembering, Talk
from measuring import Taken, Times, measured, timed_calls

from memory_store.recall import candidates, recaller
from memory_store.recall.dense import BY_CHROMA
from memory_store.recall.recaller import Recaller
from memory_store.semantic.chroma import SemanticIndex
from memory_store.store import MemoryStore

LIMIT = 10
Report = dict[str, Any]

COLD = """
import json, sys
from pathlib import Path
from time import perf_counter
began = perf_counter()
sys.path.insert(0, sys.argv[1])
from made_up import VECTORS
from measuring import resident_mb
if sys.argv[2] == "mneme":
    from memory_store.store import MemoryStore
    imported = perf_counter()
    store = MemoryStore.open(sys.argv[3], embedder=VECTORS[sys.argv[4]](), indexing="background")
    opened = perf_counter()
    store.recall("what did i say about baba and bebi?")
else:
    import bare
    import chromadb
    imported = perf_counter()
    store = getattr(bare, sys.argv[2])(Path(sys.argv[3]))
    opened = perf_counter()
    store.query(VECTORS[sys.argv[4]]().encode(["baba"])[0], 10)
asked = perf_counter()
ms = {"import": imported - began, "open": opened - imported, "first query": asked - opened}
print(json.dumps({key: round(1000 * value, 1) for key, value in ms.items()} | {"rss_mb": resident_mb()}))
store.close()
"""


def recall_times(
    store: MemoryStore,
    sqlite: BareSqlite,
    chroma: PlainChroma | SameGraph,
    talk: Talk,
    texts: list[str],
    repeat: int,
    *,
    own: SemanticIndex | None = None,
    embedder: Remembering | None = None,
) -> tuple[Report, Report]:
    """Milliseconds of a recall, of one Chroma query and of one FTS5 query; and of the stages of the recall. The query's
    embedding is left out of all of them. ``own``: mneme's index, asked just as recall asks it, and for nothing else."""
    picks = np.random.default_rng(1).choice(len(texts), repeat + 5)
    questions = [talk.question(texts[pick]) for pick in picks]
    vectors = RandomVectors().encode(questions) if embedder is None else embedder.learn(questions)
    times: dict[str, Times] = {"mneme recall": [], "chroma query": [], "fts5 query": []}
    if own is not None:
        times["own query"] = []
    stages: dict[str, Times] = {}
    for number, question in enumerate(questions):
        with _stages(stages if number >= 5 else {}):
            round_of: dict[str, Callable[[], object]] = {
                "mneme recall": lambda question=question: store.recall(question, limit=LIMIT),
                "chroma query": lambda number=number: chroma.query(vectors[number], LIMIT),
                "fts5 query": lambda question=question: sqlite.query(question, LIMIT),
            }
            if own is not None:
                round_of["own query"] = lambda number=number: own.nearest(vectors[number], BY_CHROMA)
            timed_calls(round_of, times, keep=number >= 5)
    return measured(times), measured(stages)


def acknowledge_times(
    store: MemoryStore, sqlite: BareSqlite, chroma: PlainChroma | None, talk: Talk, repeat: int
) -> Report:
    """Milliseconds until one turn is on the disk, beside one bare commit and one Chroma add."""
    times: dict[str, Times] = {"mneme remember": [], "sqlite commit": []} | ({"chroma add": []} if chroma else {})
    for number in range(repeat + 5):
        text = talk.sentence()
        vector = RandomVectors().encode([text])
        round_of: dict[str, Callable[[], object]] = {
            "mneme remember": lambda text=text: store.remember(text, conversation="now"),
            "sqlite commit": lambda text=text: sqlite.commit(text),
        }
        if chroma is not None:
            round_of["chroma add"] = lambda text=text, vector=vector: chroma.add([text], vector)
        timed_calls(round_of, times, keep=number >= 5)
    return measured(times)


@contextmanager
def _stages(times: dict[str, Times]) -> Iterator[None]:
    """Time the steps of every recall made inside."""
    steps: list[tuple[Any, str, str]] = [
        (candidates, "scope", "scope"),
        (Recaller, "_words", "words"),
        (Recaller, "_meaning", "meaning"),
        (candidates, "gather", "candidates"),
        (Recaller, "_signals", "addressing"),
        (recaller, "_recollections", "records"),
    ]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in steps]
    for owner, name, label in steps:
        setattr(owner, name, _timed(getattr(owner, name), times.setdefault(label, [])))
    try:
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)


def _timed(function: Callable[..., Any], into: Times) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        began, busy = perf_counter(), thread_time()  # of this thread: Chroma works in another at the same time
        try:
            return function(*args, **named)
        finally:
            into.append(Taken(perf_counter() - began, thread_time() - busy))

    return call


def cold_start(kind: str, folder: Path, chroma: str = "PlainChroma", vectors: str = "random") -> Report:
    """Milliseconds of a process of its own until it has its first answer. ``kind``: ``mneme`` or ``chroma``, which is
    opened by the class of that name in ``bare``."""
    opener = kind if kind == "mneme" else chroma
    command = [sys.executable, "-c", COLD, str(Path(__file__).parent), opener, str(folder / kind), vectors]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Report = json.loads(done.stdout)
    return found


@contextmanager
def closing(thing: Any) -> Iterator[Any]:
    """``thing``, closed at the end."""
    try:
        yield thing
    finally:
        thing.close()
