"""How long a turn takes, at several sizes of the store, beside the same work done bare, in the same run.

    python benchmarks/turn_latency.py                          1,000 and 10,000 turns
    python benchmarks/turn_latency.py --sizes 100000 --json    the last line is one JSON object

Acknowledgement: from calling ``remember`` until the words are on the disk, beside one bare SQLite commit (WAL,
synchronous=FULL) and one Chroma add. Recall: ``recall`` with the query's embedding left out (the embedder is a stub),
beside one Chroma query and one FTS5 query. The contenders take turns within one loop, so that whatever else the machine
does falls on all of them. Cold open is a process of its own, with the files in the page cache.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from bare import BareSqlite, PlainChroma
from made_up import RandomVectors, Talk
from measuring import Times, measured, print_table, resident_mb, size_mb, timed_calls

from memory_store import candidates, recall
from memory_store.recall import Recaller
from memory_store.store import MemoryStore

LIMIT = 10
Report = dict[str, Any]

COLD = """
import json, sys
from pathlib import Path
from time import perf_counter
began = perf_counter()
sys.path.insert(0, sys.argv[1])
from made_up import RandomVectors
from measuring import resident_mb
if sys.argv[2] == "mneme":
    from memory_store.store import MemoryStore
    imported = perf_counter()
    store = MemoryStore.open(sys.argv[3], embedder=RandomVectors(), indexing="background")
    opened = perf_counter()
    store.recall("what did i say about baba and bebi?")
else:
    from bare import PlainChroma
    import chromadb
    imported = perf_counter()
    store = PlainChroma(Path(sys.argv[3]))
    opened = perf_counter()
    store.query(RandomVectors().encode(["baba"])[0], 10)
asked = perf_counter()
ms = {"import": imported - began, "open": opened - imported, "first query": asked - opened}
print(json.dumps({key: round(1000 * value, 1) for key, value in ms.items()} | {"rss_mb": resident_mb()}))
store.close()
"""


def main() -> None:
    """Measure every size asked for; print tables, and JSON last."""
    asked = _arguments()
    reports = []
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="mneme-latency-", dir=asked.folder) as name:
            report = measure(size, Path(name), asked.repeat, asked.seed)
        print_table(report)
        reports.append(report)
    if asked.json:
        print(json.dumps({"seed": asked.seed, "repeat": asked.repeat, "sizes": reports}))


def measure(size: int, folder: Path, repeat: int, seed: int) -> Report:
    """Everything about a store of ``size`` turns, made in ``folder``."""
    talk = Talk(seed)
    texts = [turn.text for turn in Talk(seed).turns(size)]
    report: Report = {"turns": size, "fill_s": _fill(folder, talk, texts)}
    report["cold"] = {kind: _cold(kind, folder) for kind in ("mneme", "chroma")}
    report["disk_mb"] = {kind: size_mb(folder / kind) for kind in ("mneme", "chroma")}
    with (
        MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="manual") as store,
        _closing(BareSqlite(folder / "bare.db")) as sqlite,
        _closing(PlainChroma(folder / "chroma")) as chroma,
    ):
        report["way"] = store.stats().search
        report["recall_ms"], report["stages_ms"] = _recall(store, sqlite, chroma, talk, texts, repeat)
        report["acknowledge_ms"] = _acknowledge(store, sqlite, chroma, talk, repeat)
        report["rss_mb"] = resident_mb()
    with (
        MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="background") as store,
        _closing(BareSqlite(folder / "bare.db")) as sqlite,
    ):
        report["acknowledge_while_indexing_ms"] = _acknowledge(store, sqlite, None, talk, repeat)
    return report


def _fill(folder: Path, talk: Talk, texts: list[str]) -> dict[str, float]:
    """Seconds to fill each store with the same turns."""
    seconds = {}
    with MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="manual") as store:
        began = perf_counter()
        store.remember_many(talk.turns(len(texts)))
        seconds["mneme remember_many"] = perf_counter() - began
        began = perf_counter()
        store.index_now()
        seconds["mneme index_now"] = perf_counter() - began
    with _closing(BareSqlite(folder / "bare.db")) as sqlite:
        sqlite.fill(texts)
    with _closing(PlainChroma(folder / "chroma")) as chroma:
        vectors = RandomVectors().encode(texts)
        began = perf_counter()
        chroma.add(texts, vectors)
        seconds["chroma add"] = perf_counter() - began
    return {name: round(value, 2) for name, value in seconds.items()}


def _recall(
    store: MemoryStore, sqlite: BareSqlite, chroma: PlainChroma, talk: Talk, texts: list[str], repeat: int
) -> tuple[Report, Report]:
    picks = np.random.default_rng(1).choice(len(texts), repeat + 5)
    questions = [talk.question(texts[pick]) for pick in picks]
    vectors = RandomVectors().encode(questions)
    times: dict[str, Times] = {"mneme recall": [], "chroma query": [], "fts5 query": []}
    stages: dict[str, Times] = {}
    for number, question in enumerate(questions):
        with _stages(stages if number >= 5 else {}):
            round_of: dict[str, Callable[[], object]] = {
                "mneme recall": lambda question=question: store.recall(question, limit=LIMIT),
                "chroma query": lambda number=number: chroma.query(vectors[number], LIMIT),
                "fts5 query": lambda question=question: sqlite.query(question, LIMIT),
            }
            timed_calls(round_of, times, keep=number >= 5)
    return measured(times), measured(stages)


def _acknowledge(store: MemoryStore, sqlite: BareSqlite, chroma: PlainChroma | None, talk: Talk, repeat: int) -> Report:
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
        (Recaller, "_terms", "addressing"),
        (recall, "_recollections", "records"),
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
        began = perf_counter()
        try:
            return function(*args, **named)
        finally:
            into.append(perf_counter() - began)

    return call


def _cold(kind: str, folder: Path) -> Report:
    command = [sys.executable, "-c", COLD, str(Path(__file__).parent), kind, str(folder / kind)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Report = json.loads(done.stdout)
    return found


@contextmanager
def _closing(thing: Any) -> Iterator[Any]:
    try:
        yield thing
    finally:
        thing.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=200, help="measurements of each kind (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to make the stores: measure the disk you care about")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
