"""The lexical channel: full-text search over "(date) speaker: words", with every term's weight in our hands.

The engine (:class:`~memory_store.database.dialects.FullText`) finds and stems; the scores are BM25 (Robertson and
Zaragoza 2009, k1 = 1.2, b = .75) put together per term, so that the inverse document frequency stays positive in a
store of ten turns, each term can be named as a reason, and a term too common to tell anything costs nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

import numpy as np
from sqlalchemy import Connection

from memory_store import faults
from memory_store.addressing import Bools, Floats, Ints
from memory_store.database import dialects
from memory_store.episodic import postings
from memory_store.episodic.postings import NEWEST_OF_ALL, Common
from memory_store.language.calendar import MONTHS
from memory_store.language.words import stem, tells_something, terms, worth
from memory_store.lookups import among

SATURATION = 2.2  # k1 + 1: what one term can add at most, in units of its idf
MAX_TERMS = 160
MAX_TOGETHER = 2_000
"""A pair whose words meet in more turns than this tells too little to be looked up as a phrase."""


def key_of(words: str, speaker: str, said_at: datetime) -> str:
    """What a turn is found by, in this channel. A pure function: it must be made again to be deleted (contentless)."""
    day = f"{said_at.day} {MONTHS[said_at.month - 1]} {said_at.year}"
    return " ".join(terms(f"{day} {speaker} {words}"))


def add(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Index ``(seq, key)`` rows."""
    if listed := list(rows):
        dialects.of(connection).fulltext.add(connection, listed)


def remove(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Take ``(seq, key)`` rows out; each key must be exactly what was added."""
    dialects.of(connection).fulltext.remove(connection, rows)


Phrase = tuple[Ints, float]
"""The turns in which two of the query's terms stand side by side, sorted, and the idf of that."""


@dataclass(frozen=True, slots=True)
class Matches:
    """BM25 of every turn that shares a term with the query. Arrays are parallel, sorted by ``seqs``, shape (n,)."""

    seqs: Ints
    scores: Floats
    ceiling: float
    """Q: what a turn that held every query term many times would score."""
    telling: float = 0.0
    """The same over the terms whose absence tells something: what confidence is measured against."""
    words: tuple[str, ...] = ()
    """The query's terms that were searched, rarest first."""
    held: Bools = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    """For each of ``words``, which turns were found to hold it, shape (t, n): all that do, if it is a rare one."""
    phrased: frozenset[str] = frozenset()
    """Those of ``words`` that phrases are made of."""
    side_by_side: tuple[Phrase, ...] = ()
    """What :func:`phrases` found."""

    @property
    def best(self) -> float:
        return float(self.scores.max()) if len(self.scores) else 0.0

    def among(self, admitted: Bools) -> Matches:
        """Those that are ``admitted``, shape (n,)."""
        held = self.held[:, admitted] if len(self.words) else self.held
        return replace(self, seqs=self.seqs[admitted], scores=self.scores[admitted], held=held)

    def of(self, seqs: Ints) -> tuple[Floats, Bools]:
        """BM25 of these turns, shape (n,), and which of ``words`` each was found to hold, shape (t, n)."""
        if not len(self.seqs):
            return np.zeros(len(seqs)), np.zeros((len(self.words), len(seqs)), np.bool_)
        place = np.minimum(np.searchsorted(self.seqs, seqs), len(self.seqs) - 1)
        found = self.seqs[place] == seqs
        held = self.held[:, place] & found if len(self.words) else np.zeros((0, len(seqs)), np.bool_)
        return self.scores[place] * found, held


NOTHING = Matches(np.empty(0, np.int64), np.empty(0), 0.0)


def search(
    connection: Connection,
    query: Sequence[str],
    documents: int,
    emphasis: Sequence[str] = (),
    common: Common | None = None,
    up_to: int = NEWEST_OF_ALL,
) -> Matches:
    """BM25 over all turns. ``query`` and ``emphasis`` are terms (:func:`terms`); a term in ``emphasis`` counts again.
    ``up_to``: where terms are so common that only the newest turns are read, the newest up to this number.

    b_i = sum over terms t of w_t idf_t sat_t,i;  idf_t = ln(1 + (N - n_t + .5) / (n_t + .5));  sat is the engine's.
    """
    weights = _weights(query, emphasis)
    counts = common or Common()
    frequencies = counts.frequencies(connection, list(weights), documents)
    known = [word for word in weights if frequencies[word]]
    ranked = sorted(known, key=lambda word: (frequencies[word], word))[:MAX_TERMS]
    ceiling = SATURATION * sum(idf(documents, frequency) for frequency in frequencies.values())
    telling = SATURATION * sum(idf(documents, frequencies[word]) for word in _telling(weights))
    readings = postings.read(connection, ranked, frequencies, documents, up_to)
    if not readings:
        return Matches(NOTHING.seqs, NOTHING.scores, ceiling, telling)
    scores = [
        saturations * (weights[word] * idf(documents, max(frequencies[word], len(seqs))))
        for word, (seqs, saturations) in readings.items()
    ]
    seqs, totals, held = _added_up([seqs for seqs, _ in readings.values()], scores)
    phrased = frozenset(postings.read_together(ranked, frequencies))
    return Matches(seqs, totals, ceiling, telling, tuple(readings), held, phrased)


def _added_up(postings: Sequence[Ints], scores: Sequence[Floats]) -> tuple[Ints, Floats, Bools]:
    """Each turn once, sorted, with the sum of its scores, and which of the ``postings`` (each sorted) hold it."""
    every = np.concatenate(postings)
    order = np.argsort(every, kind="stable")  # merges what is sorted already
    every = every[order]
    begins = np.ones(len(every), np.bool_)
    begins[1:] = every[1:] != every[:-1]
    first = np.flatnonzero(begins)
    held = np.zeros((len(postings), len(first)), np.bool_)
    held[np.repeat(np.arange(len(postings)), [len(seqs) for seqs in postings])[order], np.cumsum(begins) - 1] = True
    return every[first], np.add.reduceat(np.concatenate(scores)[order], first), held


def phrases(connection: Connection, query: Sequence[str], found: Matches, documents: int) -> tuple[Phrase, ...]:
    """The query's adjacent term pairs, where they stand side by side."""
    rows = {word: row for row, word in enumerate(found.words) if word in found.phrased}
    side_by_side: list[Phrase] = []
    for pair in dict.fromkeys(pairwise(query)):
        if len(side_by_side) == MAX_TERMS or pair[0] not in rows or pair[1] not in rows:
            continue
        if 0 < np.count_nonzero(found.held[rows[pair[0]]] & found.held[rows[pair[1]]]) <= MAX_TOGETHER:
            together = dialects.of(connection).fulltext.together(connection, *pair)
            side_by_side.append((together, idf(documents, len(together))))
    return tuple(side_by_side)


def phrase_scores(side_by_side: Iterable[Phrase], seqs: Ints) -> Floats:
    """P_i of turns ``seqs``: the idf of the query's adjacent term pairs that stand side by side in turn i, over its
    maximum; 0 to 1."""
    scores = np.zeros(len(seqs))
    for together, rarity in side_by_side:
        if len(together):
            scores += among(seqs, together) * rarity
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else scores


def idf(documents: int, holding: int) -> float:
    """Inverse document frequency, never negative: ln(1 + (N - n + .5) / (n + .5))."""
    return math.log(1 + (max(documents, holding) - holding + 0.5) / (holding + 0.5))


def _telling(words: Iterable[str]) -> list[str]:
    every = list(words)
    return [word for word in every if tells_something(word)] or every


def _weights(query: Sequence[str], emphasis: Sequence[str]) -> dict[str, float]:
    """One word per stem, each counted once, by its :func:`worth`; words in ``emphasis`` twice.

    Grammar counts only where there is nothing else.
    """
    by_stem: dict[str, str] = {}
    for word in query:
        by_stem.setdefault(stem(word), word)
    again = Counter({stem(word): 1 for word in emphasis})
    weights = {word: worth(word) * (1.0 + again[root]) for root, word in by_stem.items()}
    return {word: weight for word, weight in weights.items() if weight} or dict.fromkeys(weights, 1.0)


def make_anew(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Throw every full-text row away and index ``(seq, key)`` rows instead."""
    dialects.of(connection).fulltext.clear(connection)
    faults.reached("words:anew")
    add(connection, rows)
