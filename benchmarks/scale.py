"""How mneme grows: one table of the same figures at several sizes, beside bare SQLite, FTS5 and Chroma in the same run.

    python benchmarks/scale.py                                               10,000 and 100,000 turns
    python benchmarks/scale.py --sizes 10000,300000,1000000 --keep ~/stores  stores are made once and used again
    python benchmarks/scale.py --json                                        the last line is one JSON object

The words are made up with the statistics of real ones (Zipf's law, conversations of 40 turns). The vectors are random
unit vectors: nothing is near anything, which is the hardest case for an index (one of real text is filled four times
as fast); with ``--vectors words`` they are sums of random vectors of the words, so that texts which share words are
near each other. Embedding is no part of any figure. Bare Chroma is its own client on a copy of mneme's graph: asked
for ten with the width of search that it has by default, and (``own``) for what recall asks it. Every size is measured
in a process of its own, one contender after the other within one loop; ``cpu`` is the time of the processor, all
threads together, which tells more than the clock on a busy machine. A store that is filled half is gone on with.
Timed turns stay in a kept store, so it grows by some hundreds with each run.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import filling
from bare import BareSqlite, SameGraph
from contest import LIMIT, Report, acknowledge_times, closing, cold_start, recall_times
from made_up import BEGAN, VECTORS, Remembering, Talk
from measuring import Times, measured, print_growth, resident_mb, size_mb, timed

from memory_store.records import PrunePolicy
from memory_store.semantic.chroma import SemanticIndex, generations
from memory_store.store import MemoryStore

ASKED_ABOUT = 10_000
"""Questions share words with one of so many turns."""
FEW = 5
"""Measurements of what takes long."""
FIRST = 30
"""Recalls before anything was read ahead."""


def main() -> None:
    """Measure every size asked for; print a table, and JSON last."""
    asked = _arguments()
    figures: dict[int, Report] = {}
    place = tempfile.TemporaryDirectory(prefix="mneme-scale-") if asked.keep is None else nullcontext(str(asked.keep))
    with place as root:
        for size in sorted(asked.sizes):
            folder = Path(root) / f"{size}-seed-{asked.seed}{'' if asked.vectors == 'random' else '-' + asked.vectors}"
            folder.mkdir(parents=True, exist_ok=True)
            figures[size] = measure(size, folder, asked)
            for name in ("recall_p50_ms", "recall_cpu_p50_ms"):
                figures[size][f"{name.removesuffix('_ms')}_growth"] = growth(figures, size, name)
    print_growth(figures)
    if asked.json:
        print(json.dumps(figures))


def measure(size: int, folder: Path, asked: argparse.Namespace) -> Report:
    """Everything about the store in ``folder``; a step's figures are told on standard error as soon as it is done."""
    if filling.built(folder).keys() != filling.STEPS.keys():
        _alone(filling.fill, folder, size, asked.seed, asked.vectors)
    steps: dict[str, tuple[Callable[..., Report], tuple[Any, ...]]] = {
        "opened": (opened_cold, (folder, asked.vectors)),
        "in use": (in_use, (folder, size, asked.repeat, asked.seed, asked.vectors)),
        "without the index": (without_index, (folder, size, asked.seed, asked.vectors)),
        "looked through": (looked_through, (folder, asked.vectors)),
    }
    if asked.no_check:
        del steps["looked through"]
    found = _rates(folder)
    _tell(size, "filled", 0.0, found)
    for name, (step, given) in steps.items():
        began = perf_counter()
        more = _alone(step, *given)
        _tell(size, name, perf_counter() - began, more)
        found |= more
    return found


def _tell(size: int, step: str, seconds: float, found: Report) -> None:
    print(f"{size:,} turns, {step} ({seconds:.0f} s): {json.dumps(found)}", file=sys.stderr, flush=True)


def _alone(function: Callable[..., Report], *given: Any) -> Report:
    """Called in a fresh process, so that memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def growth(figures: dict[int, Report], size: int, name: str) -> float | None:
    """The exponent x of figure ~ size^x since the smallest size: 1 is linear, 0 is constant."""
    least = min(figures)
    if size == least:
        return None
    return round(math.log(figures[size][name] / figures[least][name]) / math.log(size / least), 2)


def _rates(folder: Path) -> Report:
    """Turns a second while the store was filled, by the clock and by the processor's time."""
    rates: Report = {}
    for step, found in filling.built(folder).items():
        rates |= {f"{step}_turns_{unit}": rate for unit, rate in found.items()}
    rates["import_over_bare"] = round(rates["import_turns_per_cpu_s"] / rates["bare_import_turns_per_cpu_s"], 2)
    return rates


def opened_cold(folder: Path, vectors: str) -> Report:
    """Processes that open the store, or the bare index, and ask once; the files may be in the page cache."""
    report: Report = {}
    if not (folder / "chroma").exists():
        SameGraph.copied(generations(folder / "mneme" / "chroma")[-1], folder / "chroma")
    for kind, name in (("mneme", ""), ("chroma", "chroma_")):
        cold = cold_start(kind, folder, "SameGraph", vectors)
        report[f"{name}cold_open_ms"], report[f"{name}first_recall_ms"] = cold["open"], cold["first query"]
        report[f"{name}cold_rss_mb"] = cold["rss_mb"]
        report[f"{name}disk_mb"] = size_mb(folder / kind)
    return report


def in_use(folder: Path, size: int, repeat: int, seed: int, vectors: str) -> Report:
    """Recall and turns, with the index open, beside the bare work; first before where turns stand was read ahead."""
    report: Report = {}
    talk, texts = _asked(size, seed)
    first = [talk.question(text) for text in texts[: FIRST + 20]]
    embedder = Remembering(VECTORS[vectors]())
    embedder.learn(first)
    with MemoryStore.open(folder / "mneme", embedder=embedder, indexing="manual") as store:
        report["index_ready_s"] = round(timed(store.index_now).clock, 2)
        for question in first[FIRST:]:
            store.recall(question, limit=LIMIT)
        early = [timed(lambda question=question: store.recall(question, limit=LIMIT)) for question in first[:FIRST]]
        report |= _named(measured({"early_recall": early}))
        ahead = timed(lambda: store._recaller.read_ahead(store._database, lambda: True))
        report["read_ahead_s"], report["read_ahead_cpu_s"] = round(ahead.clock, 2), round(ahead.busy, 2)
        report["rss_mb"], report["search"] = resident_mb(), store.stats().search
        own = store._indexer.index.opened()
        assert isinstance(own, SemanticIndex)
        with closing(BareSqlite(folder / "bare.db")) as sqlite, closing(SameGraph(folder / "chroma")) as chroma:
            times, stages = recall_times(store, sqlite, chroma, talk, texts, repeat, own=own, embedder=embedder)
            turns = acknowledge_times(store, sqlite, None, talk, repeat)
        store.index_now()
    report |= _named({"recall": times["mneme recall"], "chroma_query": times["chroma query"]})
    report |= _named({"own_query": times["own query"], "fts5_query": times["fts5 query"]})
    report |= _named({"acknowledge": turns["mneme remember"], "sqlite_commit": turns["sqlite commit"]})
    report |= {f"stages_{unit}_ms": {stage: row[unit] for stage, row in stages.items()} for unit in stages["words"]}
    for unit in ("p50", "cpu_p50"):
        recall, words = report[f"recall_{unit}_ms"], report[f"fts5_query_{unit}_ms"]
        report[f"recall_over_slower_index_{unit}"] = round(recall / max(report[f"chroma_query_{unit}_ms"], words), 2)
        report[f"recall_over_slower_own_{unit}"] = round(recall / max(report[f"own_query_{unit}_ms"], words), 2)
        commit = report[f"sqlite_commit_{unit}_ms"]
        report[f"acknowledge_over_commit_{unit}"] = round(report[f"acknowledge_{unit}_ms"] / commit, 2)
    return report


def without_index(folder: Path, size: int, seed: int, vectors: str) -> Report:
    """Recall while Chroma cannot be used, and as of a day: the stored vectors are compared exactly."""
    talk, texts = _asked(size, seed)
    exact: Times = []
    then: Times = []
    with MemoryStore.open(folder / "mneme", embedder=VECTORS[vectors](), indexing="off") as store:
        first = timed(lambda: store.recall(talk.question(texts[0]), limit=LIMIT))
        for text in texts[1 : FEW + 1]:
            question = talk.question(text)
            exact.append(timed(lambda question=question: store.recall(question, limit=LIMIT)))
            half = BEGAN + timedelta(minutes=size // 2)
            then.append(timed(lambda question=question, half=half: store.recall(question, limit=LIMIT, as_of=half)))
        rss = resident_mb()
    found = measured({"exact_recall": exact, "as_of_recall": then})
    first_ms = {
        "exact_first_recall_ms": round(1000 * first.clock),
        "exact_first_recall_cpu_ms": round(1000 * first.busy),
    }
    return first_ms | _named(found) | {"exact_rss_mb": rss}


def looked_through(folder: Path, vectors: str) -> Report:
    """What reads everything: a check and a prune plan."""
    with MemoryStore.open(folder / "mneme", embedder=VECTORS[vectors](), indexing="manual") as store:
        plan = timed(lambda: store.plan_prune(PrunePolicy(older_than=timedelta(days=30))))
        planned = resident_mb()
        check = timed(store.check)
    return {
        "prune_plan_s": round(plan.clock, 2),
        "prune_plan_cpu_s": round(plan.busy, 2),
        "prune_plan_rss_mb": planned,
        "check_s": round(check.clock, 2),
        "check_cpu_s": round(check.busy, 2),
        "check_rss_mb": resident_mb(),
    }


def _asked(size: int, seed: int) -> tuple[Talk, list[str]]:
    """What questions are about, and a talk to ask them in."""
    return Talk(seed + 1), [turn.text for turn in Talk(seed).turns(min(size, ASKED_ABOUT))]


def _named(rows: dict[str, dict[str, float]]) -> Report:
    return {f"{name}_{share}_ms": value for name, row in rows.items() for share, value in row.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=200, help="measurements of each kind (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder where stores are kept and found again")
    parser.add_argument("--vectors", choices=VECTORS, default="random", help="of texts, or sums of their words'")
    parser.add_argument("--no-check", action="store_true", help="leave out the check and the prune plan")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
