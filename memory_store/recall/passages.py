"""Fits recollections into a budget of tokens: what is worth most per token, one thing once, and nothing that cannot be
understood."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from memory_store.embedding.base import Vectors
from memory_store.language.leaning import needs_previous
from memory_store.language.words import cjk_share
from memory_store.recall.folding import folded
from memory_store.records import Recollection, Recollections

OVERHEAD = 12
"""Tokens that a memory's date, speaker and quotes take."""

DEPTH = 200
"""Recollections that a budget is filled from."""

SHARPNESS = 10.0
"""A memory is worth e^(10 score): tried on LoCoMo's development half, where it finds as much evidence as filling
by score alone."""

COMPANY = 4
"""The turn before a memory comes along only if it takes at most a quarter of the budget."""

PAUSE = timedelta(hours=6)
"""What was said longer before belongs to another session."""

_ASKS = ("?", "？")


def estimated_tokens(text: str) -> int:
    """Tokens of ``text`` without a tokenizer: a letter and a half of an unspaced script, or four of any other."""
    share = cjk_share(text)
    return OVERHEAD + int(len(text) * (share / 1.5 + (1 - share) / 4)) + 1


def pack(
    found: Recollections, budget: int, vectors: Vectors, *, limit: int | None = None, longest: int | None = None
) -> Recollections:
    """What of ``found`` is worth most within ``budget`` tokens, best first, at most ``limit`` memories.

    What says the same is folded into the newest of it (``vectors``: shape (n, d), unit rows parallel to ``found``, NaN
    where missing). A memory that cannot be understood alone brings the turn before it, if that was recalled too: a
    neighbour lends its score to others, and takes room only here. ``longest``: no memory counts for more tokens than
    this, because the caller will shorten it.

    Two greedy fills, by score and by worth per token; the one that is worth more in all is kept (a knapsack's greedy
    fills together are never worse than half of the best).
    """
    items = folded(found, vectors)
    costs = [min(estimated_tokens(item.memory.text), longest or budget + 1) for item in items]
    worth = [math.exp(SHARPNESS * (item.score - items[0].score)) for item in items]
    company = _company(items, costs, budget // COMPANY)
    present = _present(items)
    company |= present
    by_score = range(len(items))
    by_density = sorted(by_score, key=lambda place: -worth[place] / costs[place])
    most = len(items) if limit is None else limit
    fills = [_fill(order, costs, company, present.keys(), budget, most) for order in (by_score, by_density)]
    best = max(fills, key=lambda fill: sum(worth[place] for place in fill))
    together = {place: company[place] for place in reversed(best) if company.get(place) in set(best)}
    explains = {before: items[place].memory.id for place, before in together.items() if place not in present}
    kept = [replace(items[place], explains=explains.get(place, "")) for place in sorted(best)]
    return found.having(kept)


def _company(items: Sequence[Recollection], costs: Sequence[int], most: int) -> dict[int, int]:
    """Place of a memory that cannot be understood alone -> place of the turn before it, where that is affordable."""
    places = {(item.memory.conversation_id, item.memory.position): place for place, item in enumerate(items)}
    found = {}
    for place, item in enumerate(items):
        memory = item.memory
        before = None if memory.is_note else places.get((memory.conversation_id, memory.position - 1))
        if before is None or costs[before] > most or memory.said_at - items[before].memory.said_at > PAUSE:
            continue
        asked = items[before].memory.text.rstrip().endswith(_ASKS)
        if needs_previous(memory.text, asked=asked):
            found[place] = before
    return found


def _present(items: Sequence[Recollection]) -> dict[int, int]:
    """Place of a memory that is superseded -> place of the one that holds now, where that was recalled."""
    places = {item.memory.id: place for place, item in enumerate(items)}
    return {
        place: places[item.superseded.by]
        for place, item in enumerate(items)
        if item.superseded is not None and item.superseded.by in places
    }


def _fill(
    order: Iterable[int],
    costs: Sequence[int],
    company: dict[int, int],
    never_alone: Collection[int],
    budget: int,
    limit: int,
) -> dict[int, None]:
    """Places that fit, each with its company where both fit: a set that keeps its order. Those that are ``never_alone``
    are left out where they do not fit with it."""
    kept: dict[int, None] = {}
    for place in order:
        alone = [place] if place not in kept else []
        before = company.get(place)
        both = [*alone, before] if before is not None and before not in kept else alone
        for wanted in (both,) if place in never_alone else (both, alone):
            cost = sum(costs[one] for one in wanted)
            if cost <= budget and len(kept) + len(wanted) <= limit:
                kept |= dict.fromkeys(wanted)
                budget -= cost
                break
    return kept
