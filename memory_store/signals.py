"""What recall knows of its candidates before anything is weighed, and the formula that weighs it (docs/recall.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memory_store import addressing
from memory_store.addressing import Bools, Floats, Ints, Weights

OWN_EVIDENCE = ("words", "meaning", "phrase", "neighbours", "date")
"""Terms without any of which a memory has nothing to do with the query."""


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
    session_words: Floats
    speaker: Floats
    date: Floats
    standing: Floats
    recency: Floats
    asks: Bools
    follows: Bools
    sessions: Ints
    gate: float
    """Of the channel of meaning: 0 where the embedder cannot read the query."""

    def __len__(self) -> int:
        return len(self.words)


def content_terms(signals: Signals, weights: Weights) -> tuple[Floats, Floats, Floats]:
    """What a turn itself gives: its words, its meaning, its phrases, each weighed."""
    words = weights.words * signals.words
    words = words + weights.meaning * signals.gate * signals.unread * np.minimum(words, 1.0)
    return words, weights.meaning * signals.meaning, weights.phrase * signals.phrase


def weighed(signals: Signals, weights: Weights) -> dict[str, Floats]:
    """Every term of the score by name, each of shape (n,). Their sum is the score."""
    words, dense, phrase = content_terms(signals, weights)
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
