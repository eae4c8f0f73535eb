"""The index of meaning on a Chroma server: one collection for each generation. While the server is away the stored
vectors are searched, and when it is back the index catches up.

One process at a time fills it (a lock: a file beside the words, or one on their database server); any number ask it.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection

from memory_store.database.base import Database
from memory_store.database.server_urls import shown
from memory_store.embedding.base import Embedder
from memory_store.errors import StoreUnavailable
from memory_store.semantic import vectors
from memory_store.semantic.chroma import IndexDamaged, SemanticIndex
from memory_store.semantic.index_filling import GENERATION, SEAL, Known, adopt, fill, known, wanted
from memory_store.semantic.served_collection import CONNECT_S, ServedCollection, asking, is_missing

log = logging.getLogger(__name__)

COLLECTION = "index_collection"
"""What the collections of this memory are called, but for their generation: many memories may share a server."""
SEALED = "served"
ASK_S = 5.0
"""How long a query waits for the server; the stored vectors answer then."""
FILL_S = 120.0
AWAY_S = 5.0
"""How long a server that did not answer is not asked again."""


class ServedIndex:
    """Answers as :class:`~memory_store.semantic.index_folder.IndexFolder` does."""

    root = None
    out_of_reach = "the files of the Chroma server, which gives the space of deleted vectors back in its own time"

    def __init__(self, url: str, database: Database, embedder: Embedder) -> None:
        self._url = url
        self._database = database
        self._embedder = embedder
        self._lock = database.index_lock()
        self._guard = threading.RLock()
        self._index: ServedCollection | None = None
        self._asked: ServedCollection | None = None
        self._away_until = 0.0
        self.away = ""
        """Why the server cannot be used just now, for a person; empty: it can, as far as is known."""
        self._missed = True
        self.filling: tuple[int, int] | None = None
        self.checked = False
        self.refused = False

    @property
    def held(self) -> bool:
        """Whether this process has the lock."""
        return self._lock.held

    def lock(self) -> bool:
        """Take the lock if it is free. Raises StoreUnavailable."""
        taken = self._lock.take()
        self.refused = not taken
        return taken

    def acquire(self) -> bool:
        """Take the lock if it is free, and bring the index in step. False also while the server is away."""
        with self._guard:
            if not self.lock() or not self._worth_asking():
                return False
            if not self.in_step():
                try:
                    self._bring_in_step()
                except IndexDamaged as error:
                    self._lost(error)
                    return False
            return True

    def without_purged(self) -> bool:
        """See to it that nothing purged is in the index. False where that has to wait."""
        return self.acquire()

    def in_step(self) -> bool:
        """Whether this process has compared the index with the vectors, it still has the lock, and no purge came."""
        if not self.checked or not self._lock.held:
            return False
        with self._database.read() as connection:
            return not wanted(connection)

    def condition(self) -> str:
        """For a person."""
        if self.filling is not None:
            return "being built anew"
        if self.away:
            return f"{self.away}; the stored vectors are searched until it is back"
        with self._database.read() as connection:
            there = known(connection, self._embedder)
        where = f"on {shown(self._url)}"
        if there.sealed is None or there.wanted:
            return f"{where}, to be built at the next start"
        return f"{where}, open" if self.checked or self._asked is not None else f"{where}, in order"

    def open(self) -> ServedCollection:
        """The current generation, to write to. The lock must be held. Raises IndexDamaged."""
        with self._guard:
            if self._index is None:
                self._index = ServedCollection(self._url, self._name(self._generation()), patience=FILL_S)
            return self._index

    def look(self) -> None:
        """Make it ready to be asked, where it is worth it: outside of every transaction."""
        if not self._missed or not self._worth_asking():
            return
        self._missed = False
        with self._database.read() as connection:
            there = known(connection, self._embedder)
        if there.sealed != SEALED or there.wanted or there.made_by != self._embedder.fingerprint:
            return
        with self._guard:
            try:
                self._asked = ServedCollection(
                    self._url, self._name(self._generation()), patience=ASK_S, lost=self._lost
                )
                self.away = ""
            except IndexDamaged as error:
                self._lost(error)

    def opened(self) -> SemanticIndex | None:
        """The index, where it can be asked now."""
        asked = self._asked
        if asked is None:
            self._missed = True  # looked for at the next query, before its transaction
            return None
        return asked if self._worth_asking() else None

    def quarantine(self, damage: Exception) -> None:
        """It could not be written: the server is away, or has lost it. Raises StoreUnavailable while it is away."""
        self._lost(damage)
        try:
            self._assert_there()
        except IndexDamaged as error:
            raise StoreUnavailable(self.refusal) from error
        self._away_until, self.away = 0.0, ""
        self.rebuild()

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Fill a new collection from the stored vectors, make it the current one and delete the others.

        Raises StoreUnavailable when the server is away.
        """
        with self._guard:
            try:
                self._rebuild(progress)
            except IndexDamaged as error:
                self._lost(error)
                raise StoreUnavailable(self.refusal) from error

    def _rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        generation = self._generation() + 1
        self.filling = (0, 0)
        try:
            index = ServedCollection(self._url, self._name(generation), patience=FILL_S, make=True)
            try:
                self._fill(index, generation, progress)
                index.take_away(self._name(older) for older in range(max(1, generation - 3), generation))
            except BaseException:
                index.close()
                raise
        finally:
            self.filling = None
        self._let_go()
        self._index, self.checked, self.away, self._missed = index, True, "", True

    @property
    def refusal(self) -> str:
        """Why it cannot be filled now, for a person."""
        if self.away:
            return f"{self.away}. No word is lost; the index catches up when it is back."
        return "Another mneme is using this memory's index. Close it and try again."

    def close(self) -> None:
        """Let the server and the lock go."""
        with self._guard:
            self._let_go()
            self.checked = False
            self._lock.release()

    def _fill(self, index: ServedCollection, generation: int, progress: Callable[[int, int], None] | None) -> None:
        def tell(done: int, total: int) -> None:
            self.filling = (done, total)
            if progress is not None:
                progress(done, total)

        with self._database.read() as connection:
            seen = fill(connection, self._embedder, index, tell)

        def seal(connection: Connection) -> None:
            adopt(connection, self._embedder, generation, seen)
            vectors.write_meta(connection, SEAL, SEALED)

        self._database.written(seal)

    def _bring_in_step(self) -> None:
        """Raises IndexDamaged while the server is away."""
        with self._database.read() as connection:
            there = known(connection, self._embedder)
        if there.wanted:
            self._database.forget_deleted()
        if self._must_be_filled(there):
            self._rebuild()
        self.checked, self.away = True, ""

    def _must_be_filled(self, there: Known) -> bool:
        if there.wanted or there.sealed != SEALED or there.made_by != self._embedder.fingerprint:
            return True
        try:
            return self.open().count() < there.expected
        except IndexDamaged as error:
            if not is_missing(error):
                raise
            return True  # somebody deleted it, or the server began anew

    def _assert_there(self) -> None:
        """Raises IndexDamaged while the server is away."""
        with asking(self._url, CONNECT_S):
            pass

    def _lost(self, error: Exception) -> None:
        """The server did not answer, or not as it should: it is not asked again for a while."""
        if not self.away:
            log.warning("the Chroma server at %s is not used for now: %s", shown(self._url), error)
        self.away = f"the Chroma server at {shown(self._url)} cannot be used ({_short(error)})"
        self._away_until = time.monotonic() + AWAY_S
        self._let_go()
        self._missed = True
        self.checked = False

    def _let_go(self) -> None:
        """Another thread that asks just now is not answered, and searches the stored vectors."""
        for index in (self._index, self._asked):
            if index is not None:
                index.close()
        self._index = self._asked = None

    def _worth_asking(self) -> bool:
        return time.monotonic() >= self._away_until

    def _generation(self) -> int:
        with self._database.read() as connection:
            return int(vectors.read_meta(connection, GENERATION) or 1)

    def _name(self, generation: int) -> str:
        with self._database.read() as connection:
            own = vectors.read_meta(connection, COLLECTION)
        if own is None:
            own = self._database.written(_named)
        return f"{own}-{generation}"


def _named(connection: Connection) -> str:
    """The name of this memory's collections: random, given once."""
    own = vectors.read_meta(connection, COLLECTION) or f"mneme-{secrets.token_hex(8)}"
    vectors.write_meta(connection, COLLECTION, own)
    return own


def _short(error: Exception) -> str:
    """The first line of an error, without the place before it."""
    return str(error.__cause__ or error).partition("\n")[0].rstrip(".")[:160]
