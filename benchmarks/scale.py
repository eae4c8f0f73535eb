"""How mneme grows: one table of the same figures at several sizes, beside bare SQLite, FTS5 and Chroma in the same run.

    python benchmarks/scale.py                                               10,000 and 100,000 turns
    python benchmarks/scale.py --sizes 10000,300000,1000000 --keep ~/stores  stores are made once and used again
    python benchmarks/scale.py --json                                        the last line is one JSON object

The words are made up with the statistics of real ones (Zipf's law, conversations of 40 turns). The vectors are random
unit vectors: nothing is near anything, which is the hardest case for an index; embedding is no part of any figure.
Every size is measured in a process of its own, one contender after the other within one loop. Timed turns stay in a
kept store, so it grows by some hundreds with each run.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

from bare import BareSqlite, PlainChroma
from contest import LIMIT, Report, acknowledge_times, closing, cold_start, recall_times
from made_up import RandomVectors, Talk
from measuring import print_growth, resident_mb, size_mb

from memory_store.records import PrunePolicy
from memory_store.store import MemoryStore

BUILT = "built.json"
ASKED_ABOUT = 10_000
"""Questions share words with one of so many turns."""


def main() -> None:
    """Measure every size asked for; print a table, and JSON last."""
    asked = _arguments()
    figures: dict[int, Report] = {}
    place = tempfile.TemporaryDirectory(prefix="mneme-scale-") if asked.keep is None else nullcontext(str(asked.keep))
    with place as root:
        for size in sorted(asked.sizes):
            folder = Path(root) / f"{size}-seed-{asked.seed}"
            built = folder / BUILT
            if not built.exists():
                folder.mkdir(parents=True, exist_ok=True)
                built.write_text(json.dumps(_alone(build, folder, size, asked.seed)))
            figures[size] = json.loads(built.read_text()) | _alone(measure, folder, size, asked.repeat, asked.seed)
            figures[size]["recall_growth"] = growth(figures, size)
    print_growth(figures)
    if asked.json:
        print(json.dumps(figures))


def _alone(function: Callable[..., Report], *given: Any) -> Report:
    """Called in a fresh process, so that memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def growth(figures: dict[int, Report], size: int) -> float | None:
    """The exponent x of recall ~ size^x since the smallest size: 1 is linear, 0 is constant."""
    least = min(figures)
    if size == least:
        return None
    ratio = figures[size]["recall_p50_ms"] / figures[least]["recall_p50_ms"]
    return round(math.log(ratio) / math.log(size / least), 2)


def build(folder: Path, size: int, seed: int) -> Report:
    """Fill mneme, a bare FTS5 table and a plain Chroma collection with the same turns; their rates, turns a second."""
    rates: Report = {}
    turns = list(Talk(seed).turns(size))
    with MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="manual") as store:
        rates["import_turns_per_s"] = _rate(size, lambda: store.remember_many(turns))
        rates["embed_and_index_turns_per_s"] = _rate(size, store.index_now)
    texts = [turn.text for turn in turns]
    with closing(BareSqlite(folder / "bare.db")) as sqlite:
        rates["bare_import_turns_per_s"] = _rate(size, lambda: sqlite.fill(texts))
    vectors = RandomVectors().encode(texts)
    with closing(PlainChroma(folder / "chroma")) as chroma:
        rates["chroma_add_turns_per_s"] = _rate(size, lambda: chroma.add(texts, vectors))
    return rates


def measure(folder: Path, size: int, repeat: int, seed: int) -> Report:
    """Everything about a store that was built."""
    report: Report = {}
    for kind, name in (("mneme", ""), ("chroma", "chroma_")):
        cold = cold_start(kind, folder)
        report[f"{name}cold_open_ms"], report[f"{name}first_recall_ms"] = cold["open"], cold["first query"]
        report[f"{name}disk_mb"] = size_mb(folder / kind)
    talk = Talk(seed + 1)
    texts = [turn.text for turn in Talk(seed).turns(min(size, ASKED_ABOUT))]
    with MemoryStore.open(folder / "mneme", embedder=RandomVectors(), indexing="manual") as store:
        store.index_now()
        for text in texts[:20]:
            store.recall(talk.question(text), limit=LIMIT)
        report["rss_mb"], report["search"] = resident_mb(), store.stats().search
        with closing(BareSqlite(folder / "bare.db")) as sqlite, closing(PlainChroma(folder / "chroma")) as chroma:
            times, stages = recall_times(store, sqlite, chroma, talk, texts, repeat)
            report |= _named({"recall": times["mneme recall"], "chroma_query": times["chroma query"]})
            report |= _named({"fts5_query": times["fts5 query"]})
            times = acknowledge_times(store, sqlite, None, talk, repeat)
            report |= _named({"acknowledge": times["mneme remember"], "sqlite_commit": times["sqlite commit"]})
        report["stages_p50_ms"] = {stage: row["p50"] for stage, row in stages.items()}
        store.index_now()
        report["check_s"] = _seconds(store.check)
        report["prune_plan_s"] = _seconds(lambda: store.plan_prune(PrunePolicy(older_than=timedelta(days=30))))
    slower = max(report["chroma_query_p50_ms"], report["fts5_query_p50_ms"])
    report["recall_over_slower_index"] = round(report["recall_p50_ms"] / slower, 2)
    report["acknowledge_over_commit"] = round(report["acknowledge_p50_ms"] / report["sqlite_commit_p50_ms"], 2)
    return report


def _named(rows: dict[str, dict[str, float]]) -> Report:
    return {f"{name}_{share}_ms": value for name, row in rows.items() for share, value in row.items()}


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return round(perf_counter() - began, 3)


def _rate(count: int, call: Callable[[], object]) -> int:
    began = perf_counter()
    call()
    return round(count / (perf_counter() - began))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=200, help="measurements of each kind (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder where stores are kept and found again")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
