"""What the learned head sees of a candidate and of the query: the formula's own signals, and those of its neighbours.

n candidates in the order of their conversations. Everything is about 0 to 1, or is made so by the head's own scales.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from memory_store.addressing import Bools, Floats
from memory_store.learning.traits import TRAITS
from memory_store.recall.looking import Look
from memory_store.recall.signals import Signals

AROUND = (-2, -1, 1, 2)
"""Neighbours looked at: turns before and after in the same session."""

_WITH_NEIGHBOURS = ("words", "meaning", "phrase", "speaker", "asks", "content")
_BESIDE = ("coverage", "length", "times", "numbers")
_ALONE = ("session", "session words", "neighbours", "date", "standing", "recency", "score", "share of terms")

CANDIDATE = (
    *_WITH_NEIGHBOURS,
    *_ALONE,
    "coverage",
    *TRAITS,
    *(f"{name} {place:+d}" for place in AROUND for name in _WITH_NEIGHBOURS),
    *(f"{name} {place:+d}" for place in (-1, 1) for name in _BESIDE),
)
"""Columns of :func:`candidate_features`."""

_KINDS = {
    "when": r"when\b|什么时候|几[点号月]|哪[天年]",
    "who": r"who(?:se|m)?\b|谁",
    "where": r"where\b|哪里|哪儿|在哪",
    "what": r"what\b|什么",
    "how": r"how\b|怎么|如何",
    "why": r"why\b|为什么|为何",
    "which": r"which\b|哪",
    "how many": r"how (?:many|much)\b|多少|几",
    "how long": r"how (?:long|often)\b|多久|多长",
    "whether": r"(?:did|does|do|is|are|was|were|has|have|would|will|can|could)\b|.*吗[？?]?$",
}
_ASKS = {kind: re.compile(r"\W*(?:" + pattern + ")", re.IGNORECASE) for kind, pattern in _KINDS.items()}

QUERY = (*_KINDS, "best words", "best meaning", "terms", "one speaker", "dated")
"""Columns of :func:`query_features`."""


def query_features(look: Look) -> Floats:
    """Shape (15,)."""
    asked, words, meaning = look.evidence.asked, look.evidence.matches, look.evidence.meaning
    kinds = [float(pattern.match(asked.text) is not None) for pattern in _ASKS.values()]
    return np.array(
        [
            *kinds,
            words.best / words.ceiling if words.ceiling > 0 else 0.0,
            max(0.0, meaning.best - meaning.mean),
            float(np.log1p(len(asked.terms))) / 3,
            float(len(look.evidence.wanted) == 1),
            float(len(look.evidence.times) > 0),
        ]
    )


def candidate_features(signals: Signals, own_traits: Floats, terms: Mapping[str, Floats]) -> Floats:
    """Shape (n, 53). ``own_traits``: shape (n, 6), see :class:`~memory_store.learning.traits.Traits`; ``terms``: as the
    fixed formula weighs them (:func:`memory_store.recall.signals.weighed`)."""
    coverage, share = _held(signals)
    known = {
        "words": signals.words,
        "meaning": signals.meaning,
        "phrase": signals.phrase,
        "speaker": signals.speaker,
        "asks": signals.asks.astype(np.float64),
        "content": terms["words"] + terms["meaning"] + terms["phrase"],
        "session": terms["session"],
        "session words": signals.session_words,
        "neighbours": terms["neighbours"],
        "date": signals.date,
        "standing": signals.standing,
        "recency": signals.recency,
        "score": np.sum(list(terms.values()), axis=0),
        "share of terms": share,
        "coverage": coverage,
        **dict(zip(TRAITS, own_traits.T, strict=True)),
    }
    columns = [known[name] for name in (*_WITH_NEIGHBOURS, *_ALONE, "coverage", *TRAITS)]
    columns += _around(np.array([known[name] for name in _WITH_NEIGHBOURS]), signals.follows, AROUND)
    columns += _around(np.array([known[name] for name in _BESIDE]), signals.follows, (-1, 1))
    return np.array(columns).T


def _held(signals: Signals) -> tuple[Floats, Floats]:
    """The share of the query's terms that each candidate holds: weighed by rarity among the candidates; counted."""
    if not len(signals.held):
        return np.zeros(len(signals)), np.zeros(len(signals))
    often = signals.held.sum(1)
    rarity = np.log(1 + (len(signals) - often + 0.5) / (often + 0.5))
    return rarity @ signals.held / max(float(rarity.sum()), 1e-6), signals.held.mean(0)


def _around(values: Floats, follows: Bools, places: tuple[int, ...]) -> Iterator[Floats]:
    """``values``, shape (f, n), of the turns at these places from each; 0 where the session does not reach that far."""
    count = values.shape[1]
    joined = {1: follows, 2: follows.copy()}  # joined[k][i]: candidate i - k is k turns before i, in one session
    joined[2][1:] &= follows[:-1]
    joined[2][:1] = False
    for place in places:
        moved = np.zeros_like(values)
        step = abs(place)
        if count > step:
            near = joined[step][step:]
            if place < 0:
                moved[:, step:] = values[:, :-step] * near
            else:
                moved[:, :-step] = values[:, step:] * near
        yield from moved
