"""The lexical channel: full-text search over "(date) speaker: words", with every term's weight in our hands.

FTS5 finds and stems; the scores are BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = .75) put together per term, so
that the inverse document frequency stays positive in a store of ten turns, each term can be named as a reason, and a
term too common to tell anything costs nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from memory_store.database import insert_row, plain_rows
from memory_store.words import stem, tells_something, terms

SATURATION = 2.2  # k1 + 1: what one term can add at most, in units of its idf
MONTHS = (  # not strftime, which follows the locale: a key must be the same for ever
    "January February March April May June July August September October November December".split()
)
MAX_TERMS = 160
MAX_POSTINGS = 25_000
"""Rows read for one query at most, rarest terms first: this is what keeps a query over a million turns instant."""

MAX_TOGETHER = 2_000
"""A pair whose words meet in more turns than this tells too little to be looked up as a phrase."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_INSERT_ONE = "INSERT INTO turns_fts (rowid, key) VALUES (?, ?)"
_INSERT = text("INSERT INTO turns_fts (rowid, key) VALUES (:seq, :key)")
_DELETE = text("INSERT INTO turns_fts (turns_fts, rowid, key) VALUES ('delete', :seq, :key)")
_POSTINGS = "SELECT rowid, -bm25(turns_fts) FROM turns_fts WHERE turns_fts MATCH ?"
_TOGETHER = "SELECT rowid FROM turns_fts WHERE turns_fts MATCH ?"
_HOLDING = "SELECT count(*) FROM turns_fts WHERE turns_fts MATCH ?"
_DOCUMENTS = "SELECT doc FROM turns_terms WHERE term = ?"


def key_of(words: str, speaker: str, said_at: datetime) -> str:
    """What a turn is found by, in this channel. A pure function: it must be made again to be deleted (contentless)."""
    day = f"{said_at.day} {MONTHS[said_at.month - 1]} {said_at.year}"
    return " ".join(terms(f"{day} {speaker} {words}"))


def add(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Index ``(seq, key)`` rows."""
    parameters = [{"seq": seq, "key": key} for seq, key in rows]
    if parameters:
        connection.execute(_INSERT, parameters)


def add_one(connection: Connection, seq: int, key: str) -> None:
    """Index one row."""
    insert_row(connection, _INSERT_ONE, seq, key)


def remove(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Take ``(seq, key)`` rows out; each key must be exactly what was added."""
    parameters = [{"seq": seq, "key": key} for seq, key in rows]
    if parameters:
        connection.execute(_DELETE, parameters)


@dataclass(frozen=True, slots=True)
class Matches:
    """BM25 of every turn that shares a term with the query. Arrays are parallel, sorted by ``seqs``."""

    seqs: Ints
    scores: Floats
    ceiling: float
    """Q: what a turn that held every query term many times would score."""
    telling: float = 0.0
    """The same over the terms whose absence tells something: what confidence is measured against."""
    words: tuple[str, ...] = ()
    """The query's terms that were searched, rarest first."""
    postings: tuple[Ints, ...] = field(default=())
    """For each of ``words``, the turns that hold it, sorted."""

    @property
    def best(self) -> float:
        return float(self.scores.max()) if len(self.scores) else 0.0

    def matched(self, seq: int) -> tuple[str, ...]:
        """The query's terms that turn ``seq`` holds, rarest first."""
        return tuple(word for word, held in zip(self.words, self.postings, strict=True) if _holds(held, seq))


NOTHING = Matches(np.empty(0, np.int64), np.empty(0), 0.0)


def search(connection: Connection, query: Sequence[str], documents: int, emphasis: Sequence[str] = ()) -> Matches:
    """BM25 over all turns. ``query`` and ``emphasis`` are terms (:func:`terms`); a term in ``emphasis`` counts again.

    b_i = sum over terms t of w_t idf_t sat_t,i;  idf_t = ln(1 + (N - n_t + .5) / (n_t + .5));  sat is FTS5's own.
    """
    weights = _weights(query, emphasis)
    frequencies = {word: _frequency(connection, word) for word in weights}
    known = [word for word in weights if frequencies[word]]
    ranked = sorted(known, key=lambda word: (frequencies[word], word))[:MAX_TERMS]
    ceiling = SATURATION * sum(idf(documents, frequency) for frequency in frequencies.values())
    telling = SATURATION * sum(idf(documents, frequencies[word]) for word in _telling(weights))
    words: list[str] = []
    postings: list[Ints] = []
    scores: list[Floats] = []
    read = 0
    for word in ranked:
        found = frequencies[word]
        if read and read + found > MAX_POSTINGS:
            continue
        read += found
        seqs, saturations = _read_postings(connection, word, documents)
        words.append(word)
        postings.append(seqs)
        scores.append(saturations * (weights[word] * idf(documents, len(seqs))))
    if not words:
        return Matches(NOTHING.seqs, NOTHING.scores, ceiling, telling)
    seqs, inverse = np.unique(np.concatenate(postings), return_inverse=True)
    totals = np.bincount(inverse, np.concatenate(scores)).astype(np.float64)
    return Matches(seqs, totals, ceiling, telling, tuple(words), tuple(postings))


def phrases(connection: Connection, query: Sequence[str], found: Matches, documents: int, seqs: Ints) -> Floats:
    """P_i of turns ``seqs``: the idf of the query's adjacent term pairs that stand side by side in turn i, over its
    maximum; 0 to 1."""
    held = dict(zip(found.words, found.postings, strict=True))
    scores = np.zeros(len(seqs))
    asked = 0
    for pair in dict.fromkeys(pairwise(query)):
        if asked == MAX_TERMS or pair[0] not in held or pair[1] not in held:
            continue
        both = np.intersect1d(held[pair[0]], held[pair[1]], assume_unique=True)
        if 0 < len(both) <= MAX_TOGETHER:
            asked += 1
            together = [row[0] for row in plain_rows(connection, _TOGETHER, f'"{pair[0]} {pair[1]}"')]
            scores += np.isin(seqs, np.array(together, np.int64)) * idf(documents, len(together))
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else scores


def idf(documents: int, holding: int) -> float:
    """Inverse document frequency, never negative: ln(1 + (N - n + .5) / (n + .5))."""
    return math.log(1 + (max(documents, holding) - holding + 0.5) / (holding + 0.5))


def _telling(words: Iterable[str]) -> list[str]:
    every = list(words)
    return [word for word in every if tells_something(word)] or every


def _weights(query: Sequence[str], emphasis: Sequence[str]) -> dict[str, float]:
    """One word per stem, each counted once; words in ``emphasis`` twice."""
    by_stem: dict[str, str] = {}
    for word in query:
        by_stem.setdefault(stem(word), word)
    again = Counter({stem(word): 1 for word in emphasis})
    return {word: 1.0 + again[root] for root, word in by_stem.items()}


def _frequency(connection: Connection, word: str) -> int:
    found = plain_rows(connection, _DOCUMENTS, stem(word))
    if not found:
        # The engine stems a few words in its own way ("js", "apology", "øres"): ask it, rather than miss them.
        found = plain_rows(connection, _HOLDING, f'"{word}"')
    return int(found[0][0])


def _read_postings(connection: Connection, word: str, documents: int) -> tuple[Ints, Floats]:
    rows = plain_rows(connection, _POSTINGS, f'"{word}"')
    if not rows:
        return NOTHING.seqs, NOTHING.scores
    table = np.array(rows, dtype=np.float64)
    # bm25() of a one-term query is FTS5's idf times the saturation we want; its idf is this, floored at 1e-6.
    engine_idf = max(1e-6, math.log((documents - len(rows) + 0.5) / (len(rows) + 0.5)))
    return table[:, 0].astype(np.int64), table[:, 1] / engine_idf


def _holds(postings: Ints, seq: int) -> bool:
    place = int(np.searchsorted(postings, seq))
    return place < len(postings) and int(postings[place]) == seq


def make_anew(connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Throw every full-text row away and index ``(seq, key)`` rows instead."""
    connection.execute(text("INSERT INTO turns_fts (turns_fts) VALUES ('delete-all')"))
    add(connection, rows)
