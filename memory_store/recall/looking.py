"""What a look into the store for one query found, before anything is weighed."""

from __future__ import annotations

from dataclasses import dataclass

from memory_store import addressing
from memory_store.addressing import Ints
from memory_store.episodic.lexical import Matches
from memory_store.language import query
from memory_store.recall.candidates import Candidates
from memory_store.recall.dense import Meaning
from memory_store.recall.signals import Signals

CERTAIN = 4.8
"""As sure as words alone can be: all of them, in one turn."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What both channels found for one query, and whose words it asks for."""

    asked: query.Query
    matches: Matches
    meaning: Meaning
    wanted: set[int]
    users: set[int]
    chat: set[int]
    """User and assistant: whom recency is for. Notes, and what people said to each other, keep."""
    times: tuple[tuple[int, int], ...]
    """Intervals the query speaks of, in microseconds."""
    now: int
    only_when: bool
    """Whether the query says nothing of what is wanted but when it was ("what did I say last spring")."""
    reworded: Ints
    """Turns that were worded otherwise then: what is stored of their meaning is of later words."""


@dataclass(frozen=True, slots=True)
class Look:
    """Candidates for one query, and what is known of them before anything is weighed."""

    pool: Candidates
    evidence: Evidence
    signals: Signals
    speakers: dict[int, str]
    remarks: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """How sure it is that anything relevant is there (:func:`addressing.confidence`). Where only a time was asked
        for, whatever was said then is what was asked for."""
        words, meaning = self.evidence.matches, self.evidence.meaning
        if self.evidence.only_when and (self.signals.date >= 1).any():
            return CERTAIN
        return addressing.confidence(words.best, words.telling, meaning.best, meaning.mean, meaning.gate)
