"""What a look into the store for one query found, before anything is weighed."""

from __future__ import annotations

from dataclasses import dataclass

from memory_store import addressing, query
from memory_store.addressing import Ints
from memory_store.candidates import Candidates
from memory_store.dense import Meaning
from memory_store.lexical import Matches
from memory_store.signals import Signals


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
    reworded: Ints
    """Turns that were worded otherwise then: what is stored of their meaning is of later words."""

    @property
    def confidence(self) -> float:
        """How sure it is that anything relevant is there (:func:`addressing.confidence`)."""
        words, meaning = self.matches, self.meaning
        return addressing.confidence(words.best, words.telling, meaning.best, meaning.mean, meaning.gate)


@dataclass(frozen=True, slots=True)
class Look:
    """Candidates for one query, and what is known of them before anything is weighed."""

    pool: Candidates
    evidence: Evidence
    signals: Signals
    speakers: dict[int, str]
    remarks: tuple[str, ...] = ()
