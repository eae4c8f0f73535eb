"""How attention over memory is computed: small pure functions on arrays, one per term of the score.

The literature's external memories spread attention over slots by content, by location and by links; these are those
schemes over turns, with constants a person can read. docs/recall.md tells how each was chosen and what it is worth.
All arrays are parallel over n candidate turns, in the order of their conversations. A session is a stretch of a
conversation without a silence of six hours (episodic/appending.py): what stands in it belongs together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


K1, B = 1.2, 0.75
"""BM25's saturation and length constants."""


DAY = 86_400_000_000
"""Microseconds."""

OPEN = 30 * DAY
"""What counts as the length of an interval that has no beginning or no end, as the date gate falls off outside it."""
EVER, EVER_AFTER = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Beginning and end of intervals that have none ("before I moved", "since the wedding"): the first and the last instant
that a date can name, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The constants of the score. Chosen on development halves of public data, then frozen."""

    words: float = 1.0
    """Of :func:`lexical_content`; ``meaning`` of :func:`dense_content`."""
    meaning: float = 0.6
    phrase: float = 0.2
    """For words that stand together in the query and in the turn."""
    next_turn: float = 0.3
    """What a turn lends to the one before it: answers follow questions."""
    previous_turn: float = 0.2
    session: float = 0.3
    """Of :func:`session_prior`; the next ones of the function of that name."""
    session_words: float = 0.2
    speaker: float = 0.6
    date: float = 0.3
    standing: float = 0.1
    """For the user's own instructions and preferences."""
    recency: float = 0.2
    question: float = 0.2
    """Taken off a turn that only asks."""
    second_hop: float = 0.0
    """Off: measured, nothing gained (docs/recall.md). The vectors of all candidates are read when it is on."""


def lexical_content(bm25: Floats, best: float, ceiling: float) -> Floats:
    """B_i = b_i / sqrt(b_max Q): BM25 scaled by what was reached and by what could have been.

    ``ceiling`` Q is what a turn holding every query term would score: a query whose rare words are nowhere to be found
    makes this channel quiet instead of shouting about its common ones.
    """
    scale = math.sqrt(best * ceiling)
    return bm25 / scale if scale > 0 else np.zeros_like(bm25)


def dense_content(cosines: Floats, mean: float, best: float, gate: float) -> Floats:
    """D_i = g max(0, (cos_i - mean) / (max - mean)): content addressing by meaning (Graves et al. 2014, eq. 5).

    Scaled between the store's mean and its best instead of by a softmax, so that it adds to the lexical channel on
    equal terms; ``gate`` in [0, 1] is the interpolation gate: 0 where the embedder is blind.
    """
    spread = best - mean
    if spread <= 1e-9 or gate <= 0:
        return np.zeros_like(cosines)
    return gate * np.clip((cosines - mean) / spread, 0.0, 1.0)


def shift(content: Floats, follows: Bools, asks: Bools, next_turn: float, previous_turn: float) -> Floats:
    """What neighbours lend: n_i = w_next c_(i+1) + w_prev c_(i-1) [turn i-1 asks] (shift kernel, NTM eq. 8).

    ``follows[i]``: candidate i is the turn right after candidate i-1, in one session. Returns the lent part only.
    """
    lent = np.zeros_like(content)
    if len(content) > 1:
        joined = follows[1:]
        lent[:-1] += np.where(joined, next_turn * content[1:], 0.0)
        lent[1:] += np.where(joined & asks[:-1], previous_turn * content[:-1], 0.0)
    return lent


def session_prior(content: Floats, sessions: Ints) -> Floats:
    """S_i: mean of the two best contents of turn i's session, over the largest such mean: 0 to 1.

    A session that speaks of the matter twice is likelier the right one than a session that names it once.
    """
    means = session_means(content, sessions)
    top = means.max(initial=0.0)
    scaled: Floats = means / top if top > 0 else np.zeros_like(content)
    return scaled


def session_means(content: Floats, sessions: Ints) -> Floats:
    """Shape (n,): the mean of the two best contents (none below 0) of turn i's session; one alone counts half."""
    if not len(content):
        return content
    order = np.argsort(sessions, kind="stable")
    mine, ordered = sessions[order], content[order]
    begins = np.ones(len(mine), np.bool_)
    begins[1:] = mine[1:] != mine[:-1]
    starts, place = np.flatnonzero(begins), np.cumsum(begins) - 1
    best = np.maximum.reduceat(ordered, starts)
    reached = ordered == best[place]
    twice = np.add.reduceat(reached, starts, dtype=np.int64) > 1
    second = np.maximum.reduceat(np.where(reached, 0.0, ordered), starts)
    means = np.empty_like(content)
    means[order] = ((best + np.where(twice, best, second)) / 2)[place]
    return means


def session_words(held: Sequence[Bools], sessions: Ints) -> Floats:
    """T_i: BM25 of turn i's whole session as one document, over the best session's: 0 to 1.

    ``held``: for each query term, which candidates hold it, shape (n,) each; a session's length is its candidates.
    """
    if not len(sessions) or not held:
        return np.zeros(len(sessions))
    _, place = np.unique(sessions, return_inverse=True)
    count = int(place.max()) + 1
    length = np.bincount(place, minlength=count)
    spread = K1 * (1 - B + B * length / length.mean())
    scores = np.zeros(count)
    for turns in held:
        frequency = np.bincount(place, turns, count)
        holding = int((frequency > 0).sum())
        if holding:
            scores += math.log(1 + (count - holding + 0.5) / (holding + 0.5)) * frequency / (frequency + spread)
    best = scores.max()
    scaled: Floats = scores[place] / best if best > 0 else np.zeros(len(sessions))
    return scaled


def second_hop(query: Floats, rows: Floats, content: Floats, gate: float, top: int = 5) -> Floats:
    """H_i = g max(0, (cos(q', v_i) - mean) / (max - mean)): a second read with a query that the first has moved.

    q' = q + sum_j p_j v_j over the ``top`` best, p = softmax of their contents (Miller et al. 2016, eq. 3, with the
    identity for R). ``query``: shape (d,), ``rows``: (n, d), NaN where no vector is stored; all of unit length.
    """
    known = np.flatnonzero(~np.isnan(rows).any(axis=1))
    found = known[np.argsort(-content[known], kind="stable")[:top]]
    found = found[content[found] > 0]
    lent = np.zeros(len(rows))
    if gate <= 0 or not len(found):
        return lent
    weights = np.exp(content[found] - content[found].max())
    moved = query + (weights / weights.sum()) @ rows[found]
    cosines = rows[known] @ moved / max(float(np.linalg.norm(moved)), 1e-9)
    lent[known] = dense_content(cosines, float(cosines.mean()), float(cosines.max()), gate)
    return lent


def speaker_gate(speakers: Ints, wanted: NDArray[np.int64]) -> Floats:
    """U_i: 1 where turn i was said by one of the ``wanted`` speakers."""
    said: Floats = (speakers[:, None] == wanted).any(axis=1).astype(np.float64)
    return said


def date_gate(said_at: Ints, times: Sequence[tuple[int, int]]) -> Floats:
    """W_i: 1 where turn i was said in one of ``times`` (microseconds), falling off by half with every length of the
    interval (a day at least; a month where it is open) outside it: people date things loosely, so time gates and does
    not exclude."""
    gate = np.zeros(len(said_at))
    for start, end in times:
        outside = np.maximum(np.maximum(start - said_at, said_at - end), 0)
        is_open = start <= EVER or end >= EVER_AFTER
        gate = np.maximum(gate, np.exp2(-outside / (OPEN if is_open else max(end - start, DAY))))
    return gate


def recency(said_at: Ints, now: int, half_life_days: float = 30.0) -> Floats:
    """R_i = 2^(-age / half-life): 1 for what was said just now, in (0, 1]."""
    scaled: Floats = np.exp2(-np.maximum(now - said_at, 0) / (half_life_days * DAY))
    return scaled


def smoothed_mean(mean: float, count: int, baseline: float, prior: int = 20) -> float:
    """The mean cosine, held to the embedder's baseline while the store is small (as if ``prior`` unrelated turns)."""
    return (mean * count + baseline * prior) / (count + prior)


def confidence(best_bm25: float, ceiling: float, best_cosine: float, mean_cosine: float, gate: float) -> float:
    """A = (4.8 - 2.8 g) b_max / Q + 3 g (max cos - mean cos): absolute evidence that anything relevant is there at all.

    The scores above are relative to the best, so they cannot say that the best is poor; this can. Where the channel of
    meaning is shut (g = 0: Chinese, or nothing embedded yet), the words count more, for they have to carry it alone.
    """
    lexical = (4.8 - 2.8 * gate) * best_bm25 / ceiling if ceiling > 0 else 0.0
    return lexical + 3 * gate * max(0.0, best_cosine - mean_cosine)
