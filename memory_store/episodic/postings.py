"""Which rows of the full-text index a query reads: never more than so many, however many turns there are.

A query's rare terms are read whole. A common one is read where it meets a rare one, so that it ranks what rare terms
found (MaxScore, Turtle and Flood 1995), and where it meets another common one, so that a turn which shares two common
words with the query is found as well. The engine steps over the rest of a long list: that takes tenths of a millisecond
where reading it would take tens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from sqlalchemy import Connection

from memory_store.addressing import Floats, Ints
from memory_store.database import dialects
from memory_store.lookups import distinct

MAX_POSTINGS = 5_000
"""Rows that are read of all rare terms together; and of a pair of common ones, the newest."""

WEIGHED = 500
"""A term in more turns than this is read five times as fast, without counting how often each turn says it: there every
saturation is 1, what a turn of mean length that says it once has, and the little it tells is in its idf anyway."""

MEETING = 12
"""So many common terms at most are looked for beside rare ones, rarest first: only long texts have more."""

PAIRED = 4
"""So many of them at most are looked for beside each other."""

STEPPED_OVER = 100_000
"""Two terms that both more turns hold are not looked for together: the engine would step over too many rows."""

NEWEST_OF_ALL = 2**63 - 1

Reading = tuple[Ints, Floats]
"""Turns, sorted, and the saturation of a term in each."""


class Common:
    """How many turns hold the terms that too many hold to be read: kept until the store has grown by a twentieth,
    because counting them is what would grow with it (16 ns a turn, measured)."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[int, int]] = {}

    def frequencies(self, connection: Connection, words: Sequence[str], documents: int) -> dict[str, int]:
        """The turns that hold each of ``words``."""
        kept = {word: self._counted.get(word, (0, 0)) for word in words}
        asked = [word for word, (_, then) in kept.items() if not then or not then <= documents <= then + then // 20]
        found = dialects.of(connection).fulltext.frequencies(connection, asked) if asked else {}
        self._counted |= {word: (count, documents) for word, count in found.items() if count > MAX_POSTINGS}
        return {word: found.get(word, count) for word, (count, _) in kept.items()}


def read(
    connection: Connection, ranked: Sequence[str], frequencies: Mapping[str, int], documents: int, up_to: int
) -> dict[str, Reading]:
    """The turns found for each of ``ranked`` (terms, rarest first) that is searched.

    ``up_to``: where not all that hold a common term are read, the newest up to this number.
    """
    engine = dialects.of(connection).fulltext
    whole = _fitting([frequencies[word] for word in ranked])
    rare, common = ranked[:whole], ranked[whole : whole + MEETING]
    readings = {word: _whole(connection, word, frequencies[word], documents) for word in rare}
    found: dict[str, list[Ints]] = {word: [] for word in common}
    if rare:
        for word in common:
            found[word].append(engine.meeting(connection, word, rare))
    elif common:
        found[common[0]].append(engine.newest(connection, common[:1], up_to, MAX_POSTINGS))
    for pair in combinations(common[:PAIRED], 2):
        if frequencies[pair[0]] <= STEPPED_OVER:  # the rarer of the two
            together = engine.newest(connection, pair, up_to, MAX_POSTINGS)
            for word in pair:
                found[word].append(together)
    for word in common:
        seqs = distinct(np.concatenate(found[word])) if found[word] else np.empty(0, np.int64)
        readings[word] = seqs, np.ones(len(seqs))
    return readings


def read_together(ranked: Sequence[str], frequencies: Mapping[str, int]) -> Sequence[str]:
    """Those of ``ranked`` whose every meeting with each other is read, up to the newest 5,000."""
    whole = _fitting([frequencies[word] for word in ranked])
    return [word for word in ranked[: whole + PAIRED] if frequencies[word] <= STEPPED_OVER]


def _fitting(frequencies: Sequence[int]) -> int:
    """How many of the rarest terms are read whole; ``frequencies`` rise."""
    return int(np.searchsorted(np.cumsum(frequencies), MAX_POSTINGS, side="right"))


def _whole(connection: Connection, word: str, frequency: int, documents: int) -> Reading:
    engine = dialects.of(connection).fulltext
    if frequency <= WEIGHED:
        return engine.postings(connection, word, documents)
    seqs = engine.numbers(connection, word)
    return seqs, np.ones(len(seqs))
