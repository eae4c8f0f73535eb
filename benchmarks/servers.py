"""The same memory in a folder and on a PostgreSQL server, side by side: writing, recalling, many at once.

    python benchmarks/servers.py                                    the tables of docs/servers.md, in a few minutes
    python benchmarks/servers.py --url postgresql+psycopg://USER@HOST/DATABASE --sizes 10000,50000
    python benchmarks/servers.py --json                                        the last line is one JSON object

Without a URL it starts a PostgreSQL of its own, on the disk and durable, and says what that takes of the processor.
Words and vectors are made up (made_up.py); embedding is no part of any figure. Contenders take turns in one loop, so
that what else the machine does falls on both. On a server that is given, the schemas it makes are named
mneme_benchmark_...; drop them afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import numpy as np
from made_up import RandomVectors, Talk
from measuring import Times, measured, timed_calls

from memory_store.postgresql.place import for_profile
from memory_store.store import MemoryStore

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.postgres import running

LIMIT = 10
SAID_EACH = 8


def main() -> None:
    """Measure every size asked for; print a table, and JSON last."""
    asked = _arguments()
    reports = []
    with running(durable=True) if asked.url is None else nullcontext() as own:
        for size in asked.sizes:
            url = asked.url if own is None else own.url("unused").partition("?")[0]
            used = None if own is None else own.processor_seconds
            with tempfile.TemporaryDirectory(prefix="mneme-servers-") as folder:
                report = measure(size, Path(folder), url, asked, used)
            reports.append(report)
            print(f"\n| {size:,} turns | folder | server |\n|---|---|---|")
            for name, values in report.items():
                if isinstance(values, dict):
                    print(f"| {name} | {values['folder']:,.2f} | {values['server']:,.2f} |", flush=True)
    if asked.json:
        print(json.dumps(reports))


def measure(
    size: int, folder: Path, url: str, asked: argparse.Namespace, used: Callable[[], float] | None = None
) -> dict[str, Any]:
    """Figures of both, by name. ``used``: seconds of the processor that the server has used until now."""
    own = f"benchmark_{uuid4().hex[:8]}"
    places = {"folder": folder / "memory", "server": for_profile(url, own)}
    stores = {
        kind: MemoryStore.open(place, embedder=RandomVectors(), indexing="manual", learned=False)
        for kind, place in places.items()
    }
    try:
        report = {"turns": size} | _filled(stores, size) | _one_by_one(stores, size, asked.repeat)
        report |= _processor(stores, size, asked.repeat, used)
        return report | _at_once(stores, size, asked.dialogues)
    finally:
        for store in stores.values():
            store.close()


def _filled(stores: dict[str, MemoryStore], size: int) -> dict[str, Any]:
    turns = list(Talk(1).turns(size))
    imported, embedded, bytes_of = {}, {}, {}
    for kind, store in stores.items():
        began = perf_counter()
        store.remember_many(turns)
        imported[kind] = size / (perf_counter() - began)
        began = perf_counter()
        store.embed_now()
        embedded[kind] = size / (perf_counter() - began)
        bytes_of[kind] = store.stats().database_bytes / size
    return {"import, turns/s": imported, "vectors stored, turns/s": embedded, "bytes a turn": bytes_of}


def _one_by_one(stores: dict[str, MemoryStore], size: int, repeat: int) -> dict[str, Any]:
    talk = Talk(2)
    texts = [turn.text for turn in Talk(1).turns(size)]
    picks = np.random.default_rng(1).choice(len(texts), repeat + 5)
    written: dict[str, Times] = {kind: [] for kind in stores}
    recalled: dict[str, Times] = {kind: [] for kind in stores}
    for number, pick in enumerate(picks):
        words, question = talk.sentence(), talk.question(texts[pick])
        said = {kind: partial(store.remember, words, conversation="now") for kind, store in stores.items()}
        timed_calls(said, written, keep=number >= 5)
        asked = {kind: partial(store.recall, question, limit=LIMIT) for kind, store in stores.items()}
        timed_calls(asked, recalled, keep=number >= 5)
    report = {}
    for name, times in (("a turn acknowledged", written), ("a recall", recalled)):
        for share in ("p50", "p95"):
            report[f"{name}, {share} ms"] = {kind: found[share] for kind, found in measured(times).items()}
    return report


def _processor(
    stores: dict[str, MemoryStore], size: int, repeat: int, used: Callable[[], float] | None
) -> dict[str, Any]:
    """Milliseconds of the processor that a turn and a recall take: of mneme, and of the server beside it."""
    talk, texts = Talk(4), [turn.text for turn in Talk(1).turns(min(size, repeat))]
    report: dict[str, Any] = {}
    for name in ("a turn", "a recall"):
        here, there = {}, {"folder": 0.0, "server": 0.0}
        for kind, store in stores.items():
            asked = [talk.sentence() if name == "a turn" else talk.question(text) for text in texts]
            began, before = process_time(), used() if used is not None else 0.0
            for words in asked:
                store.remember(words, conversation="cpu") if name == "a turn" else store.recall(words, limit=LIMIT)
            here[kind] = 1000 * (process_time() - began) / len(asked)
            if kind == "server" and used is not None:
                there[kind] = 1000 * (used() - before) / len(asked)
        report[f"{name}, CPU of mneme, ms"] = here
        if used is not None:
            report[f"{name}, CPU of the server, ms"] = there
    return report


def _at_once(stores: dict[str, MemoryStore], size: int, dialogues: int) -> dict[str, Any]:
    """Dialogues at once, each saying and asking in turn."""
    rates = {}
    questions = [Talk(3).question(turn.text) for turn in Talk(1).turns(min(size, dialogues))]

    def talk(store: MemoryStore, number: int) -> None:
        for turn in range(SAID_EACH):
            store.remember(f"{questions[number % len(questions)]} {turn}", conversation=f"at once {number}")
            store.recall(questions[(number + turn) % len(questions)], limit=LIMIT)

    for kind, store in stores.items():
        with ThreadPoolExecutor(dialogues) as pool:
            began = perf_counter()
            list(pool.map(partial(talk, store), range(dialogues)))
            rates[kind] = dialogues * SAID_EACH / (perf_counter() - began)
    return {f"{dialogues} dialogues, turns+recalls/s": rates}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a PostgreSQL database to make schemas in; without: a server of its own")
    parser.add_argument("--sizes", type=lambda text: [int(one) for one in text.split(",")], default=[20_000])
    parser.add_argument("--repeat", type=int, default=300)
    parser.add_argument("--dialogues", type=int, default=64, help="how many at once")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
