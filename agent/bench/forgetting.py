"""What a pruned memory still finds: recall after a share of it was forgotten, by each order in which memories give way.

Half of a store's questions are its past: they are asked, and what is recalled for them is put before a reply, which is
how a memory comes to be used. Then memories are forgotten, the other half is asked, and the prune is taken back; then
the halves change places. All through the store's own door. Orders that look at no use do not profit from the past.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.bench.data import Corpus, DataSet, Question
from agent.bench.embedding import CachingEmbedder
from agent.bench.metrics import DEEPEST, FIGURES, Floats, estimates, figures, resampled
from agent.bench.site import Progress, Site, imported
from memory_store.records import PrunePlan, PrunePolicy, Turn
from memory_store.retention.freeing import ORDERS
from memory_store.store import MemoryStore

SHARES = (0.10, 0.25, 0.50, 0.75)
RANDOM = "random"
UNPRUNED = "nothing forgotten"
DRAWS = 3
"""Random prunes that are averaged."""
USED = 10
"""Memories put before a reply of the past."""
_PAST = "the past"
_SHOWN = ("recall@5", "recall@10")


@dataclass(slots=True)
class Forgotten:
    """Figures of every question of a set, in the order in which they were asked: the same for every method."""

    data: DataSet
    figures: dict[tuple[str, float], list[Floats]] = field(default_factory=dict)
    """By method and share forgotten; each of shape (len(FIGURES),)."""
    held: dict[tuple[str, float], list[float]] = field(default_factory=dict)
    """Share of the evidence that was not forgotten: what no recall could be above."""

    def add(self, method: str, share: float, found: Floats, held: float) -> None:
        self.figures.setdefault((method, share), []).append(found)
        self.held.setdefault((method, share), []).append(held)


def measure_forgetting(
    data: DataSet,
    embedder: CachingEmbedder,
    progress: Progress,
    *,
    seed: int,
    shares: Sequence[float] = SHARES,
) -> Forgotten:
    """Each corpus twice in a scratch store of its own, once with each half of its questions as the past.

    Raises InvalidInput, EmbedderError, StoreUnavailable (disk full).
    """
    into = Forgotten(data)
    for corpus in data.corpora:
        order = list(corpus.questions)
        random.Random(f"{seed} {corpus.name}").shuffle(order)
        halves = order[::2], order[1::2]
        for past, asked in (halves, halves[::-1]):
            if not asked:
                continue
            with tempfile.TemporaryDirectory(prefix="mneme-bench-") as folder:
                _lived(Path(folder), corpus, past, asked, embedder, progress, seed, shares, into)
    return into


def _lived(
    folder: Path,
    corpus: Corpus,
    past: Sequence[Question],
    asked: Sequence[Question],
    embedder: CachingEmbedder,
    progress: Progress,
    seed: int,
    shares: Sequence[float],
    into: Forgotten,
) -> None:
    site = imported(folder, corpus, embedder, progress)
    with site.open() as store:
        for question in past:
            found = store.recall(question.text, limit=USED, leave_out=_of_the_past)
            names = [hit.memory.id for hit in found]
            store.remember("OK.", speaker="assistant", conversation=_PAST, recalled=found, in_prompt=names)
        for reply in store.history(_PAST) if past else ():
            store.pin(reply.id)  # no prune takes it: what it read would no longer count
        _ask(site, store, asked, UNPRUNED, 0.0, into)
        steps = [(method, share) for method in (*ORDERS, RANDOM) for share in shares]
        with progress(f"{corpus.name}: forgetting and asking") as move:
            for done, (method, share) in enumerate(steps, start=1):
                _pruned(site, store, asked, method, share, seed, into)
                move(done, len(steps))


def _pruned(
    site: Site, store: MemoryStore, asked: Sequence[Question], method: str, share: float, seed: int, into: Forgotten
) -> None:
    """Forget a share by one method, ask, and take it back."""
    if method != RANDOM:
        plans = [_plan(store, site, method, share)]
    else:
        plans = [_drawn(store, site, share, f"{seed} {site.corpus.name} {draw}") for draw in range(DRAWS)]
    parts = []
    for plan in plans:
        store.apply(plan)
        one = Forgotten(into.data)
        _ask(site, store, asked, method, share, one)
        store.undo()
        parts.append(one)
    for place in range(len(asked)):
        rows = [one.figures[method, share][place] for one in parts]
        held = [one.held[method, share][place] for one in parts]
        into.add(method, share, np.mean(rows, axis=0), float(np.mean(held)))


def _plan(store: MemoryStore, site: Site, method: str, share: float) -> PrunePlan:
    present = len(store.memories())
    gone = round(share * len(site.places))
    order = next(known for known in ORDERS if known == method)
    return store.plan_prune(PrunePolicy(at_most=present - gone, order=order))


def _drawn(store: MemoryStore, site: Site, share: float, seed: str) -> PrunePlan:
    every = store.plan_prune(PrunePolicy(keep_last=0))
    rows = random.Random(seed).sample(every.rows, round(share * len(site.places)))
    return replace(every, rows=tuple(rows))


def _of_the_past(turn: Turn) -> bool:
    return turn.conversation_id == _PAST


def _ask(site: Site, store: MemoryStore, asked: Sequence[Question], method: str, share: float, into: Forgotten) -> None:
    keys = site.corpus.keys
    left = {keys[site.places[turn.id]] for turn in store.memories() if turn.id in site.places}
    for question in asked:
        found = store.recall(question.text, limit=DEEPEST, as_of=question.as_of, leave_out=_of_the_past)
        ranked = [keys[site.places[hit.memory.id]] for hit in found]
        held = len(question.evidence & left) / len(question.evidence)
        into.add(method, share, figures(ranked, question.evidence), held)


def forgetting_report(measured: Forgotten, *, seed: int) -> Mapping[str, Any]:
    """What was measured of one set, as one JSON value: by method, then by share forgotten."""
    tables = {key: np.array(rows) for key, rows in measured.figures.items()}
    whole = tables[UNPRUNED, 0.0]
    draws = resampled(len(whole), seed)
    methods: dict[str, dict[str, Any]] = {}
    for (method, share), table in tables.items():
        own = dict(zip(FIGURES, estimates(table, draws), strict=True))
        row: dict[str, Any] = {name: _interval(own[name]) for name in _SHOWN}
        row["evidence_left"] = round(float(np.mean(measured.held[method, share])), 4)
        if share:
            ahead = dict(zip(FIGURES, estimates(table - tables[RANDOM, share], draws), strict=True))
            row["ahead_of_random"] = _interval(ahead["recall@10"])
        methods.setdefault(method, {})[f"{share:.0%}"] = row
    data = measured.data
    return {
        "name": data.name,
        "stores": len(data.corpora),
        "turns": data.turns,
        "questions": len(whole),
        "remarks": data.remarks,
        "methods": methods,
    }


def _interval(one: Any) -> dict[str, float]:
    return {"value": round(one.value, 4), "low": round(one.low, 4), "high": round(one.high, 4)}
