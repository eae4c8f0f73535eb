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
"""So many vectors are read sooner than it is found out which of them matter; and those that are in memory anyway."""

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
    read: Callable[[Ints, bool], Floats],
    weights: Weights,
    deep: int | None,
) -> Signals:
    """``signals`` of turns ``seqs``, with what their vectors say. ``read`` gives the cosines of turns from the stored
    vectors, all or only those that are in memory; NaN where there is none. ``deep``: the scores of the best so many
    must be exact; None: those of all.
    """
    meaning = evidence.meaning
    found = lookup(seqs, meaning.seqs, meaning.cosines, np.nan)
    reworded = among(seqs, evidence.reworded)
    found[reworded] = np.nan
    unread = np.isnan(found)

    def dense() -> Floats:
        filled = np.where(np.isnan(found), meaning.mean, found)
        return addressing.dense_content(filled, meaning.mean, meaning.best, meaning.gate)

    if meaning.whole or meaning.gate <= 0:  # until their vector is stored, words speak for what was said or edited
        return replace(signals, meaning=dense(), unread=unread)
    absent = unread & ~reworded
    left = np.zeros(len(seqs), np.bool_)
    if deep is not None and np.count_nonzero(absent) > FEW:
        found[absent] = read(seqs[absent], False)
        absent &= np.isnan(found)
        if np.count_nonzero(absent) > FEW:
            farthest = np.array([meaning.farthest])
            highest = float(addressing.dense_content(farthest, meaning.mean, meaning.best, meaning.gate)[0])
            bounded = replace(signals, meaning=dense(), unread=unread & reworded)
            worth = worth_reading(bounded, absent, highest, weights, deep)
            left, absent = absent & ~worth, absent & worth
    if absent.any():
        found[absent] = read(seqs[absent], True)
    return replace(signals, meaning=dense(), unread=np.isnan(found) & ~left)


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
