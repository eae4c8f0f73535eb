"""Stores of made-up turns, filled part by part: what is done is not done again when a run was broken off.

Rates are noted twice: turns a second by the clock, and by the processor time of all threads, which does not depend on
what else the machine does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bare import BareSqlite
from contest import closing
from made_up import VECTORS, Talk

from memory_store.records import NewTurn
from memory_store.store import MemoryStore

BUILT = "built.json"
PART = 5_000
Report = dict[str, Any]


class Stopwatch:
    """Adds up the seconds of the calls that are made through it."""

    def __init__(self) -> None:
        self.seconds = self.busy = 0.0

    def timed(self, call: Callable[[], object]) -> None:
        began, busy = perf_counter(), process_time()
        call()
        self.seconds += perf_counter() - began
        self.busy += process_time() - busy

    def rates(self, count: int) -> Report:
        """Turns a second, and turns per second of processor time."""
        return {"per_s": round(count / self.seconds), "per_cpu_s": round(count / max(self.busy, 1e-9))}


def parts(size: int, seed: int, begin: int = 0) -> Iterator[list[NewTurn]]:
    """The turns from number ``begin`` on, 5,000 at a time; progress on standard error."""
    source = islice(Talk(seed).turns(size), begin, None)
    done = begin
    while part := list(islice(source, PART)):
        yield part
        done += len(part)
        if sys.stderr.isatty() or done % (10 * PART) == 0:
            print(f"{done:,} of {size:,}", file=sys.stderr, flush=True)


def sqlite_rows(folder: Path, size: int, seed: int, vectors: str) -> Report:  # noqa: ARG001
    """A bare FTS5 table. One that was broken off is filled anew."""
    file, watch = folder / "bare.db", Stopwatch()
    for old in folder.glob("bare.db*"):
        old.unlink()
    with closing(BareSqlite(file)) as sqlite:
        for part in parts(size, seed):
            texts = [turn.text for turn in part]
            watch.timed(lambda texts=texts: sqlite.fill(texts))
    return watch.rates(size)


def mneme_words(folder: Path, size: int, seed: int, vectors: str) -> Report:
    """Import, without embedding."""
    watch = Stopwatch()
    with MemoryStore.open(folder / "mneme", embedder=VECTORS[vectors](), indexing="off") as store:
        begin = store.stats().memories
        for part in parts(size, seed, begin):
            watch.timed(lambda part=part: store.remember_many(part))
    return watch.rates(size - begin)


def mneme_vectors(folder: Path, size: int, seed: int, vectors: str) -> Report:  # noqa: ARG001
    """Embedding, here by a stub."""
    watch = Stopwatch()
    with MemoryStore.open(folder / "mneme", embedder=VECTORS[vectors](), indexing="manual") as store:
        begin = store.stats().vectors
        watch.timed(lambda: store.embed_now(progress=_told))
    return watch.rates(size - begin)


def mneme_index(folder: Path, size: int, seed: int, vectors: str) -> Report:  # noqa: ARG001
    """The index of meaning."""
    watch = Stopwatch()
    with MemoryStore.open(folder / "mneme", embedder=VECTORS[vectors](), indexing="manual") as store:
        watch.timed(lambda: store.index_now(progress=_told))
    return watch.rates(size)


STEPS: dict[str, Callable[[Path, int, int, str], Report]] = {
    "bare_import": sqlite_rows,
    "import": mneme_words,
    "embed": mneme_vectors,
    "index": mneme_index,
}


def _told(done: int, total: int) -> None:
    if done % (50 * PART // 5) < 256:
        print(f"{done:,} of {total:,}", file=sys.stderr, flush=True)


def built(folder: Path) -> Report:
    """What was filled so far: step -> rates."""
    file = folder / BUILT
    found: Report = json.loads(file.read_text()) if file.exists() else {}
    return found


def note(folder: Path, step: str, rates: Report) -> None:
    """Remember that a step is done."""
    (folder / BUILT).write_text(json.dumps(built(folder) | {step: rates}))


def fill(folder: Path, size: int, seed: int, vectors: str) -> Report:
    """Every step that is not done yet."""
    for step, call in STEPS.items():
        if step not in built(folder):
            note(folder, step, call(folder, size, seed, vectors))
    return built(folder)
