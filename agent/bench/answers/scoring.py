"""How right one reply is. Normalisation, exact match and F1 are SQuAD's (Rajpurkar et al. 2016, evaluate-v1.1.py)."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from agent.citations import without_citations

_ARTICLES = frozenset({"a", "an", "the"})
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "。，、！？；：「」『』（）《》…—“”‘’¿¡«»"))
"""SQuAD's, which is English, and what other languages end and quote with."""
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts without spaces between words: every character is a word here."""


def words(text: str) -> list[str]:
    """Lower case, without punctuation, articles and citations."""
    bare = without_citations(text).lower().translate(_PUNCTUATION)
    return [word for word in _UNSPACED.sub(r" \g<0> ", bare).split() if word not in _ARTICLES]


def exact_match(reply: str, answers: Sequence[str]) -> float:
    """1 when the reply says an answer and nothing else, else 0."""
    return _best(lambda said, right: float(said == right), reply, answers)


def token_f1(reply: str, answers: Sequence[str]) -> float:
    """2 P R / (P + R) of the words of reply and answer; 0 when they share none. The best over the answers."""
    return _best(_f1, reply, answers)


def contains(reply: str, answers: Sequence[str]) -> float:
    """1 when the words of an answer stand in the reply, next to each other and in order, else 0."""
    return _best(lambda said, right: float(right in _runs(said, len(right))), reply, answers)


def precision(cited: Sequence[str], evidence: Collection[str]) -> float | None:
    """The share of the cited keys that are evidence; None where nothing is cited or no evidence is known."""
    return sum(key in evidence for key in cited) / len(cited) if cited and evidence else None


def _best(score: Callable[[list[str], list[str]], float], reply: str, answers: Sequence[str]) -> float:
    said = words(reply)
    return max(score(said, words(answer)) for answer in answers)


def _f1(said: list[str], right: list[str]) -> float:
    if not said or not right:
        return float(said == right)
    shared = sum((Counter(said) & Counter(right)).values())
    return 2 * shared / (len(said) + len(right))


def _runs(said: list[str], length: int) -> Iterator[list[str]]:
    return (said[start : start + length] for start in range(len(said) - length + 1))
