"""Putting questions to a store, through its own door, and noting what came back and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from agent.bench.data import Question
from agent.bench.site import Site
from memory_store.recall.passages import estimated_tokens
from memory_store.records import Recollections
from memory_store.store import MemoryStore

BUDGETS = (250, 500, 1000, 2000)
BUDGET_DEPTH = 200
"""Turns that a budget is filled from."""


@dataclass(slots=True)
class Answers:
    """What one method brought back, question by question. Lists are parallel."""

    ranked: list[list[str]] = field(default_factory=list)
    """Keys, best first."""
    packed: list[list[float]] = field(default_factory=list)
    """Share of the evidence within each of :data:`BUDGETS`; empty when that was not asked for."""
    seconds: list[float] = field(default_factory=list)
    """Without embedding the query."""
    confidence: list[float] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)


def ask(site: Site, store: MemoryStore, question: Question, depth: int, into: Answers) -> None:
    """Put one question; add what came back to ``into``."""
    before, began = site.embedder.seconds, perf_counter()
    found = store.recall(question.text, limit=depth, as_of=question.as_of)
    took = perf_counter() - began
    into.seconds.append(took - (site.embedder.seconds - before))
    into.ranked.append(_keys(site, found))
    into.confidence.append(found.confidence)
    into.found.append(found.found)


def ask_within_budgets(site: Site, store: MemoryStore, question: Question, into: Answers) -> None:
    """Put one question once for each of :data:`BUDGETS`."""
    packed = []
    for budget in BUDGETS:
        found = store.recall(question.text, limit=BUDGET_DEPTH, budget=budget, as_of=question.as_of)
        packed.append(share(_keys(site, found), question))
    into.packed.append(packed)


def share(keys: Iterable[str], question: Question) -> float:
    """The part of a question's evidence that is among ``keys``."""
    return len(question.evidence.intersection(keys)) / len(question.evidence)


def fitting(texts: Sequence[str], budget: int) -> list[int]:
    """Places of the texts that fit into ``budget`` tokens together, best first, as the store counts and packs them."""
    kept: list[int] = []
    for place, text in enumerate(texts):
        cost = estimated_tokens(text)
        if cost <= budget:
            kept.append(place)
            budget -= cost
    return kept


def _keys(site: Site, found: Recollections) -> list[str]:
    """Duplicates that were folded into a memory count as recalled: their words were."""
    ids = [one for item in found for one in (item.memory.id, *item.folded)]
    return [site.corpus.keys[site.places[one]] for one in ids if one in site.places]
