"""What recall knows of its candidates before anything is weighed, and the formula that weighs it (docs/recall.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from memory_store import addressing
from memory_store.addressing import Bools, Floats, Ints, Weights

OWN_EVIDENCE = ("words", "meaning", "phrase", "neighbours", "date")
"""Terms without any of which a memory has nothing to do with the query."""

LEAST_EVIDENCE = 0.03

FAINT = 1e-6
"""Less content than this is none."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Of n candidates, in the order of their conversations: what the score is made of, shape (n,) each."""

    words: Floats
    """B_i (:func:`addressing.lexical_content`)."""
    meaning: Floats
    """D_i (:func:`addressing.dense_content`)."""
    unread: Bools
    """Whether no vector is stored yet: words then speak for the meaning."""
    phrase: Floats
    held: Bools
    """For each query term that was searched, rarest first, which candidates hold it: shape (t, n)."""
    session_words: Floats
    speaker: Floats
    date: Floats
    standing: Floats
    recency: Floats
    asks: Bools
    follows: Bools
    sessions: Ints
    chat: Bools
    """Whether user or assistant said it."""
    gate: float
    """Of the channel of meaning: 0 where the embedder cannot read the query."""

    def __len__(self) -> int:
        return len(self.words)


def content_terms(signals: Signals, weights: Weights, sharpness: float = 1.0) -> tuple[Floats, Floats, Floats]:
    """What a turn itself gives: its words, its meaning, its phrases, each weighed.

    ``sharpness`` g: their sum c becomes c^g max(c)^(1 - g), focus on the best where g > 1 (NTM eq. 9, scaled to keep
    its best instead of its sum).
    """
    words = weights.words * signals.words
    words = words + weights.meaning * signals.gate * signals.unread * np.minimum(words, 1.0)
    dense, phrase = weights.meaning * signals.meaning, weights.phrase * signals.phrase
    if sharpness == 1.0 or not len(words):
        return words, dense, phrase
    whole = words + dense + phrase
    focus = np.power(np.maximum(whole, FAINT) / max(float(whole.max()), FAINT), sharpness - 1)
    return focus * words, focus * dense, focus * phrase


def weighed(signals: Signals, weights: Weights, sharpness: float = 1.0) -> dict[str, Floats]:
    """Every term of the score by name, each of shape (n,). Their sum is the score."""
    words, dense, phrase = content_terms(signals, weights, sharpness)
    whole = words + dense + phrase
    return {
        "words": words,
        "meaning": dense,
        "phrase": phrase,
        "neighbours": addressing.shift(whole, signals.follows, signals.asks, weights.next_turn, weights.previous_turn),
        "session": weights.session * addressing.session_prior(whole, signals.sessions)
        + weights.session_words * signals.session_words,
        "speaker": weights.speaker * signals.speaker,
        "date": weights.date * signals.date,
        "standing": weights.standing * signals.standing,
        "recency": weights.recency * signals.recency,
        "question": -weights.question * signals.asks.astype(np.float64),
    }


def ranked(terms: Mapping[str, Floats], seqs: Ints, said_at: Ints) -> Ints:
    """Places of candidates, best first. Ties go to the newer turn, so that the order is the same every time.

    What shares neither word nor meaning with the query, nor stands beside something that does, is no recollection.
    """
    scores = np.sum(list(terms.values()), axis=0)
    evidence = np.sum([terms[name] for name in OWN_EVIDENCE], axis=0)
    order = np.lexsort((-seqs, -said_at, -scores))
    return np.asarray(order[evidence[order] > LEAST_EVIDENCE], np.int64)
