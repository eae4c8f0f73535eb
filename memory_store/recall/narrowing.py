"""Whose vectors are worth reading: those of candidates that can still be among the best, and of what lends to them.

Chroma names the nearest turns. What it does not name is no nearer than the last of them, so before its vector is read a
candidate's score has a least and a greatest value. One whose greatest value is below the least of ``deep`` others is
none of the best ``deep``, whatever its vector says (threshold algorithm: Fagin, Lotem and Naor 2003). In a large store
each vector lies on a page of its own, so this is most of what a recall would read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace

import numpy as np

from memory_store import addressing
from memory_store.addressing import Bools, Floats, Ints, Weights
from memory_store.lookups import among, distinct, lookup
from memory_store.recall.looking import Evidence
from memory_store.recall.signals import LEAST_EVIDENCE, Signals

FEW = 48
"""So many vectors are read sooner than it is found out which of them matter."""

MOST = 100
"""So many are read at most, and one for each of the best that matter, the likeliest first. Real text seldom asks for
more (measured); where it would, nothing is near the query, and no more so what is left unread."""


def narrows(weights: Weights) -> bool:
    """Whether a score by these weights has such bounds: a second hop, or less for more, would need every vector."""
    return not weights.second_hop and min(astuple(weights)) >= 0


def with_meaning(
    signals: Signals,
    seqs: Ints,
    evidence: Evidence,
    read: Callable[[Ints], Floats],
    weights: Weights,
    deep: int | None,
) -> Signals:
    """``signals`` of turns ``seqs``, with what their vectors say. ``read`` gives the cosines of turns from the stored
    vectors; NaN where there is none. ``deep``: the scores of the best so many must be exact; None: those of all.
    """
    meaning = evidence.meaning
    found = lookup(seqs, meaning.seqs, meaning.cosines, np.nan)
    found[among(seqs, evidence.reworded)] = np.nan
    unread = np.isnan(found)

    def content(cosines: Floats) -> Floats:
        return addressing.dense_content(cosines, meaning.mean, meaning.best, meaning.gate)

    known = replace(signals, meaning=content(np.where(unread, meaning.mean, found)), unread=unread)
    if meaning.whole or meaning.gate <= 0:
        return known  # until their vector is stored, words speak for those that were said or edited this moment
    absent = unread & ~among(seqs, evidence.reworded)
    wanted = absent
    if deep is not None and absent.sum() > FEW:
        highest = float(content(np.array([meaning.farthest]))[0])
        wanted = worth_reading(replace(known, unread=unread & ~absent), absent, highest, weights, deep)
    found[wanted] = read(seqs[wanted])
    unread = np.isnan(found)
    return replace(known, meaning=content(np.where(unread, meaning.mean, found)), unread=unread & (wanted | ~absent))


def worth_reading(signals: Signals, absent: Bools, highest: float, weights: Weights, deep: int) -> Bools:
    """Shape (n,): which of the ``absent`` must be read for the scores of the best ``deep`` to be exact; not all of them
    where they are very many.

    ``signals``: with a meaning of 0, and as read, where ``absent``; D is at most ``highest`` there.
    """
    words = weights.words * signals.words
    spoken_for = weights.meaning * signals.gate * np.minimum(words, 1.0)  # by words, where there is no vector
    least = words + weights.meaning * signals.meaning + weights.phrase * signals.phrase + signals.unread * spoken_for
    most = least + absent * np.maximum(weights.meaning * highest, spoken_for)
    (lent, means), (lent_at_most, means_at_most) = (
        (
            addressing.shift(content, signals.follows, signals.asks, weights.next_turn, weights.previous_turn),
            addressing.session_means(content, signals.sessions),
        )
        for content in (least, most)
    )
    sure, possible = float(means.max()), float(means_at_most.max())
    date = weights.date * signals.date
    rest = (
        date
        + weights.session_words * signals.session_words
        + weights.speaker * signals.speaker
        + weights.standing * signals.standing
        + weights.recency * signals.recency
        - weights.question * signals.asks
    )
    low = least + lent + rest + weights.session * means / max(possible, 1e-9)
    high = most + lent_at_most + rest + weights.session * np.minimum(means_at_most / max(sure, 1e-9), 1.0)
    certain = low[least + lent + date > LEAST_EVIDENCE]
    bar = np.partition(certain, -deep)[-deep] if len(certain) >= deep else -np.inf
    # A session lends to its turns, and sessions are measured by the best of them: these are read whole.
    matter = (high >= bar - 1e-9) | (means_at_most >= sure - 1e-9)
    wanted = absent & among(signals.sessions, distinct(signals.sessions[matter]))
    if wanted.sum() > MOST + deep:
        likeliest = np.argsort(np.where(wanted, -high, np.inf), kind="stable")[: MOST + deep]
        wanted = np.zeros(len(wanted), np.bool_)
        wanted[likeliest] = True
    return wanted
