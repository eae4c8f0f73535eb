"""What a cross-encoder is tuned and tried on: a query, the best that recall finds for it, and which were wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from memory_store.addressing import Bools, Floats, Ints
from memory_store.episodic.reading import turns_by_seq
from memory_store.learning.labels import Label
from memory_store.learning.looks import looked
from memory_store.recall.recaller import Recaller
from memory_store.recall.signals import ranked

LOOKED_AT = 20
"""Of the best, how many a tuned cross-encoder is asked about: each costs it some milliseconds."""

DEEPEST = 50
"""How many of the best are kept, so that what it does not look at counts where it stands."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One query and its n best memories, best first; then those that were wanted, wherever they stand."""

    query: str
    texts: tuple[str, ...]
    """``speaker: words``, (n,)."""
    scores: Floats
    """(n,): recall's."""
    keys: Ints
    """(n,): what counts as found when it is recalled."""
    gold: Bools
    """(n,): whether its key was wanted."""
    ranked: int
    """How many of these n are the best; what follows was wanted, and is too far behind to be looked at."""
    wanted: int
    """Keys wanted in all."""
    group: str
    wrong: Bools
    """(n,): whether it was said to be wrong there."""

    def __len__(self) -> int:
        return len(self.keys)

    def looked_at(self) -> int:
        return min(self.ranked, LOOKED_AT)


def lessons(
    connection: Connection,
    recaller: Recaller,
    labels: Sequence[Label],
    *,
    now: datetime,
    keys: Mapping[str, str] | None = None,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> list[Lesson]:
    """Each label's query put to the store, as recall weighs it now; see :func:`memory_store.learning.looks.examples`.
    Raises EmbedderError."""
    numbers: dict[str, int] = {}
    found: list[Lesson] = []
    for label, look in looked(connection, recaller, labels, now):
        terms, _ = recaller.terms(connection, look)
        order = ranked(terms, look.pool.seqs, look.pool.said_at)
        scores = np.sum(list(terms.values()), axis=0)
        turns = turns_by_seq(connection, look.pool.seqs[order].tolist())
        own = [turns[seq] for seq in look.pool.seqs[order].tolist()]
        named = [turn.id if keys is None else keys.get(turn.id, turn.id) for turn in own]
        kept = [place for place, name in enumerate(named) if place < DEEPEST or name in label.gold]
        found.append(
            Lesson(
                query=label.text,
                texts=tuple(f"{own[place].speaker}: {own[place].text}" for place in kept),
                scores=scores[order][kept],
                keys=np.array([numbers.setdefault(named[place], len(numbers)) for place in kept], np.int64),
                gold=np.array([named[place] in label.gold for place in kept], np.bool_),
                ranked=min(len(order), DEEPEST),
                wanted=len(label.gold),
                group=label.group,
                wrong=np.array([named[place] in label.wrong for place in kept], np.bool_),
            )
        )
        progress(len(found), len(labels))
    return found
