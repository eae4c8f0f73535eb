"""A folder with a store that holds one corpus: where questions are put."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agent.bench.data import Corpus
from agent.bench.embedding import CachingEmbedder
from memory_store.addressing import Weights
from memory_store.clock import utc_now
from memory_store.reranking import Stage
from memory_store.store import Indexing, MemoryStore

Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Begins a step of the work; what it gives is told how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Site:
    """``places``: a memory's id -> its turn's place in the corpus."""

    folder: Path
    corpus: Corpus
    places: Mapping[str, int]
    embedder: CachingEmbedder
    now: datetime
    """When the questions are asked: the same in every run, so that "last week" is too."""
    passphrase: str | None = field(default=None, repr=False)

    def open(
        self, weights: Weights | None = None, indexing: Indexing = "off", stages: Sequence[Stage] = ()
    ) -> MemoryStore:
        """The store, perhaps with a term of its score switched off, or with second looks."""
        return MemoryStore.open(
            self.folder,
            clock=lambda: self.now,
            embedder=self.embedder,
            indexing=indexing,
            weights=weights,
            stages=stages,
            passphrase=self.passphrase,
        )


def imported(folder: Path, corpus: Corpus, embedder: CachingEmbedder, progress: Progress) -> Site:
    """A new store in ``folder``, filled and indexed through the public door.

    Raises InvalidInput for words that no store accepts, EmbedderError, StoreUnavailable (disk full).
    """
    places: dict[str, int] = {}
    site = Site(folder, corpus, places, embedder, corpus.now or utc_now())
    total = len(corpus.turns)
    with site.open(indexing="manual") as store:
        with progress(f"{corpus.name}: remembering") as move:
            kept = store.remember_many(corpus.turns, progress=lambda done: move(done, total))
        with progress(f"{corpus.name}: embedding") as move:
            store.embed_now(progress=move)
    for place, turn in enumerate(kept):
        places.setdefault(turn.id, place)
    return site
