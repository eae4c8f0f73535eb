"""Which recollections say again what a newer one says: they are folded into it, so that one thing takes room once.

Folding must lose nothing. So an older memory is folded only when the newer one, by the same speaker, is as near in
meaning as a rewording is AND holds every word of it that could matter; and never when one denies what the other says.
On person-to-person chats (LoCoMo, 2,760 turns) a cosine of .9 alone would fold twelve pairs, most of which say
different things ("see you later", "good luck"); hence the words are required too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from memory_store.embedding.base import Vectors
from memory_store.records import Recollection

COSINE = 0.9
OVERLAP = 0.6
"""Jaccard of the two sets of words: a short remark is not folded into a long text that happens to hold its words."""

_WORD = re.compile(r"\w+")
_SAYS_NOTHING = frozenset(
    """
    a an the and so oh ok okay hey hi hello well please just really very actually also again too is am are be been that
    to of m s re ve d ll thanks 的 了 吗 呢 吧 啊
    """.split()
)
_DENIES = re.compile(r"\b(?:no|not|nor|never|none|neither|cannot|without|nothing)\b|n['’]t\b|[不没别无未非]")


@dataclass(frozen=True, slots=True)
class _Wording:
    plain: str
    words: frozenset[str]
    denies: int

    @classmethod
    def of(cls, text: str) -> _Wording:
        plain = " ".join(text.casefold().split())
        words = frozenset(_WORD.findall(plain)) - _SAYS_NOTHING
        return cls(plain, words, len(_DENIES.findall(plain)))

    def is_said_by(self, newer: _Wording, cosine: float) -> bool:
        """Whether ``newer`` says all of this again. ``cosine`` is NaN where a vector is missing."""
        if self.plain == newer.plain:
            return True
        if not cosine >= COSINE or self.denies != newer.denies or not self.words <= newer.words:
            return False
        return len(self.words) >= OVERLAP * len(newer.words)


def folded(found: Sequence[Recollection], vectors: Vectors) -> list[Recollection]:
    """``found``, best first, each repetition in the newest memory that says the same, at the best one's place.

    ``vectors``: shape (n, d), unit rows parallel to ``found``; NaN where there is none.
    """
    if len(found) < 2:
        return list(found)
    wordings = [_Wording.of(item.memory.text) for item in found]
    cosines = vectors @ vectors.T
    newest_first = sorted(range(len(found)), key=lambda place: _age(found[place]), reverse=True)
    into: dict[int, int] = {}
    stays: list[int] = []
    by_words: dict[tuple[str, str], int] = {}
    for place in newest_first:
        speaker, wording = found[place].memory.speaker, wordings[place]
        near = [other for other in stays if cosines[place, other] >= COSINE and found[other].memory.speaker == speaker]
        same = by_words.setdefault((speaker, wording.plain), place)
        target = next((other for other in near if wording.is_said_by(wordings[other], cosines[place, other])), same)
        if target == place:
            stays.append(place)
        else:
            into[place] = into.get(target, target)
    return _together(found, into)


def _age(item: Recollection) -> tuple[float, int, str]:
    return item.memory.said_at.timestamp(), item.memory.position, item.memory.id


def _together(found: Sequence[Recollection], into: dict[int, int]) -> list[Recollection]:
    groups: dict[int, list[int]] = {}
    for place in range(len(found)):
        groups.setdefault(into.get(place, place), []).append(place)
    kept = []
    for stays, members in groups.items():  # in the order of each group's best
        best, others = found[members[0]], tuple(found[place].memory.id for place in members if place != stays)
        stands = found[stays]
        kept.append(replace(best, memory=stands.memory, superseded=stands.superseded, folded=others))
    return kept


def no_vectors(count: int) -> Vectors:
    """For ``count`` memories without a vector: only equal wordings are folded then."""
    return np.full((count, 1), np.nan, np.float32)
