"""The part of the door through which a memory learns for its owner (docs/learning.md)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection

from memory_store.clock import Clock
from memory_store.database.base import Database
from memory_store.door.transactions import in_one_transaction
from memory_store.episodic import reading
from memory_store.episodic.screening import Screening
from memory_store.errors import HeadRefused, SecretInWords
from memory_store.journal.keeping import Journal
from memory_store.learning import files
from memory_store.learning.files import Heads, Provenance
from memory_store.recall.recaller import Recaller

if TYPE_CHECKING:
    from memory_store.learning.examples import Example
    from memory_store.learning.head import Head
    from memory_store.learning.labels import Label, Labels
    from memory_store.learning.lessons import Lesson


class Teaching:
    """What there is to learn from, and which learned head is in force."""

    clock: Clock
    _database: Database
    _heads: Heads
    _journal: Journal
    _recaller: Recaller
    _screening: Screening

    def opened(self, query: str, id: str) -> None:
        """Keep that a memory was opened from a search for ``query``: that is what the search wanted. A search that may
        not be written, for a secret in it, is not kept. Raises UnknownId, StoreUnavailable."""
        from memory_store.learning import openings

        words = " ".join(query.split())
        with contextlib.suppress(SecretInWords):
            words = self._screening.words(words)
            if words and len(words) <= openings.LONGEST:
                self._keep_opening(words, id)

    @in_one_transaction
    def _keep_opening(self, connection: Connection, words: str, id: str) -> None:
        from memory_store.learning import openings

        openings.keep(connection, words, reading.seq_of(connection, id), self.clock())

    def labels_given(self) -> Labels:
        """What the user's own marks, citations, pins and searches say was wanted for which query."""
        from memory_store.learning.labels import from_the_user

        with self._database.read() as connection:
            return from_the_user(connection)

    def examples_of(
        self,
        labels: Sequence[Label],
        *,
        keys: Mapping[str, str] | None = None,
        hops: bool = False,
        progress: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> list[Example]:
        """Each label's query put to the store, ready to learn from; see :func:`memory_store.learning.looks.examples`.
        Raises EmbedderError."""
        from memory_store.learning.looks import examples

        with self._database.read() as connection:
            return examples(
                connection, self._recaller, labels, now=self.clock(), keys=keys, hops=hops, progress=progress
            )

    def lessons_of(
        self,
        labels: Sequence[Label],
        *,
        keys: Mapping[str, str] | None = None,
        progress: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> list[Lesson]:
        """Each label's query put to the store, and the words of what it found; see
        :func:`memory_store.learning.lessons.lessons`. Raises EmbedderError."""
        from memory_store.learning.lessons import lessons

        with self._database.read() as connection:
            return lessons(connection, self._recaller, labels, now=self.clock(), keys=keys, progress=progress)

    @in_one_transaction
    def note_learned(self, connection: Connection, act: Literal["learn", "unlearn"]) -> None:
        """A line of the audit. Raises StoreUnavailable."""
        self._journal.note(connection, act, self.clock(), ())

    def adopt_head(self, head: Head, provenance: Provenance) -> None:
        """Let a head weigh from now on, here and in every process. Raises StoreUnavailable."""
        self._heads.adopt(head, provenance)
        self.note_learned("learn")

    def undo_head(self) -> bool:
        """Take the head in force away: the one before it weighs again, or the fixed formula. False: there was none.
        Raises StoreUnavailable."""
        done = self._heads.undo()
        if done:
            self.note_learned("unlearn")
        return done

    def learned(self) -> list[tuple[Provenance | None, str]]:
        """Of each head that is kept, oldest first, the last one being in force: where it comes from, or why it cannot
        be used."""
        found: list[tuple[Provenance | None, str]] = []
        for file in self._heads.files():
            try:
                provenance = files.load(file)[1]
            except HeadRefused as refused:
                found.append((None, str(refused)))
                continue
            found.append((provenance, self._heads.refusal(provenance)))
        return found
