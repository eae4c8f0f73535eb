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
import tempfile
from pathlib import Path
from time import perf_counter

from bare import BareSqlite, PlainChroma
from contest import Report, acknowledge_times, closing, cold_start, recall_times
from made_up import RandomVectors, Talk
from measuring import print_table, resident_mb, size_mb

from memory_store.store import MemoryStore


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
    report["cold"] = {kind: cold_start(kind, folder) for kind in ("mneme", "chroma")}
    report["disk_mb"] = {kind: size_mb(folder / kind) for kind in ("mneme", "chroma")}
    with (
        MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="manual") as store,
        closing(BareSqlite(folder / "bare.db")) as sqlite,
        closing(PlainChroma(folder / "chroma")) as chroma,
    ):
        report["way"] = store.stats().search
        report["recall_ms"], report["stages_ms"] = recall_times(store, sqlite, chroma, talk, texts, repeat)
        report["acknowledge_ms"] = acknowledge_times(store, sqlite, chroma, talk, repeat)
        report["rss_mb"] = resident_mb()
    with (
        MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="background") as store,
        closing(BareSqlite(folder / "bare.db")) as sqlite,
    ):
        report["acknowledge_while_indexing_ms"] = acknowledge_times(store, sqlite, None, talk, repeat)
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
    with closing(BareSqlite(folder / "bare.db")) as sqlite:
        sqlite.fill(texts)
    with closing(PlainChroma(folder / "chroma")) as chroma:
        vectors = RandomVectors().encode(texts)
        began = perf_counter()
        chroma.add(texts, vectors)
        seconds["chroma add"] = perf_counter() - began
    return {name: round(value, 2) for name, value in seconds.items()}


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
