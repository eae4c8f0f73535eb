"""Brings the meaning in step with the words: embeds what is queued, then puts it into Chroma.

Two stages, so that a turn is searchable by meaning as soon as its vector is stored, Chroma or not. The first stage is
open to any process; the second only to the one that holds the index lock, because two processes on one Chroma folder
lose rows without an error (measured). A process that is over in a moment does without the second: importing Chroma
would take it longer than everything else, and until the next long one the stored vectors are searched exactly.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, delete, select
from sqlalchemy import text as sql

from memory_store import faults
from memory_store.checking.glancing import glance
from memory_store.database.base import Database
from memory_store.embedding.base import Embedder
from memory_store.errors import EmbedderError, StoreError, StoreUnavailable
from memory_store.records import IndexState
from memory_store.schema import index_queue, turns
from memory_store.semantic import ruling, vectors
from memory_store.semantic.chroma import IndexDamaged
from memory_store.semantic.index_folder import IndexFolder
from memory_store.semantic.index_server import ServedIndex
from memory_store.semantic.stored_vectors import StoredVectors
from memory_store.sqlite.database import FileDatabase

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Done so far, and of how many."""

Index = IndexFolder | ServedIndex | StoredVectors

BATCH = 256
"""Turns that are embedded, and stored, in one step; in between others may write."""
FEW = 64
"""So many waiting turns are still embedded when the store closes; more are left for the next time."""
SETTLE_S = 3.0
"""Chroma is opened in the background when the store has been open for this long: to import it at once would slow the
first query down, and be in vain in a process that is over sooner."""
MANY = 100_000
"""With more vectors than this it is opened at once: until then, every query compares them all."""
POLL_S = 2.0
"""How often the queue is looked at for what other processes wrote."""

_UNEMBEDDED = sql(
    "SELECT t.seq AS turn_seq, t.text FROM index_queue q JOIN turns t ON t.seq = q.turn_seq"
    " LEFT JOIN vectors v ON v.turn_seq = t.seq AND v.embedder_seq = :embedder"
    " WHERE t.seq > :after AND q.op = 'upsert' AND v.stamp IS NULL GROUP BY t.seq ORDER BY t.seq LIMIT :limit"
)
_WAITING = sql(
    "SELECT count(DISTINCT q.turn_seq) FROM index_queue q JOIN turns t ON t.seq = q.turn_seq"
    " LEFT JOIN vectors v ON v.turn_seq = t.seq AND v.embedder_seq = :embedder"
    " WHERE q.op = 'upsert' AND v.stamp IS NULL"
)


class Indexer:
    """Drains the queue, on demand or in a thread of its own."""

    def __init__(self, database: Database, embedder: Embedder, root: Path | None, chroma: str | None = None) -> None:
        self._database = database
        self.embedder = embedder
        self.index = _index_of(database, embedder, root, chroma)
        self._draining = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._problem = ""
        self.advice = ""
        """What the light look of a start found wrong, and what to do."""
        self._glanced = False
        self.look_behind: Callable[[Callable[[], bool]], None] | None = None
        """What looks at the turns whose vectors were stored, as long as its argument says so."""
        self.read_ahead: Callable[[Callable[[], bool]], None] | None = None
        """What is done in the background when there is nothing else to do, as long as its argument says so."""
        self._first: Callable[[], None] | None = None
        self._opening = False

    def rebuild(self, progress: Progress | None = None) -> None:
        """Fill a new index from the stored vectors. Raises StoreUnavailable when another process holds it."""
        with self._draining:
            if not self.index.acquire():
                raise StoreUnavailable(self.index.refusal)
            self.index.rebuild(progress)

    def rebuild_if_wanted(self) -> bool:
        """Replace an index that still holds purged vectors. False when another process has to do it."""
        with self._draining:
            return self.index.without_purged()

    def start(self, *, only_embed: bool = False, first: Callable[[], None] | None = None) -> None:
        """Drain in the background from now on; or only embed, and leave Chroma alone. ``first`` is done before that."""
        self._first = first
        self._opening = not only_embed and isinstance(self.index, IndexFolder) and self.index.root.exists()
        self._thread = threading.Thread(target=self._run, args=(only_embed,), name="mneme-indexer", daemon=True)
        self._thread.start()

    def coming(self) -> bool:
        """Whether this process is opening an index that is there, so that recall can ask it in a moment."""
        index = self.index
        elsewhere = index.refused or index.filling is not None or bool(self._problem)
        return self._opening and index.opened() is None and not elsewhere

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def close(self) -> None:
        """Stop after the batch in hand, and let go of the index."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._finish_little()
        self.index.close()

    @contextmanager
    def still(self) -> Iterator[None]:
        """While it lasts, this process puts nothing into the index: so that it can be compared."""
        with self._draining:
            self.index.acquire()
            yield

    def state(self) -> IndexState:
        """For a status line."""
        with self._database.read() as connection:
            queued = int(connection.execute(sql("SELECT count(*) FROM index_queue")).scalar_one())
        index = self.index
        working = self._draining.locked()
        return IndexState(queued, index.held, working, self._problem, index.filling, index.refused, self.advice)

    def embed(self, progress: Progress | None = None) -> None:
        """Embed everything queued. Raises EmbedderError, and StoreUnavailable as :meth:`drain` does."""
        with self._draining:
            self._embed_all(progress)
            self._problem = ""

    def drain(self, progress: Progress | None = None) -> None:
        """Embed and index everything queued. Without the index lock, embed only.

        Raises EmbedderError, and StoreUnavailable: also where another process has another embedder.
        """
        with self._draining:
            self._embed_all(progress)
            if not self._stop.is_set() and (self._queued() or not self.index.in_step()):
                self._index_all()
            if not self._glanced:
                self._glance()
            self._problem = ""

    def look_again(self) -> None:
        """Take the look of a start once more, at the next drain."""
        self._glanced = False

    def _glance(self) -> None:
        with self._database.read() as connection:
            self.advice = glance(connection)
        self._glanced = True

    def _embed_all(self, progress: Progress | None) -> None:
        self._take_over()
        total, done = self._waiting(), 0
        if total > BATCH:
            self._opening = False  # not in a moment: that much is embedded first
        last = 0 if total else None
        while last is not None and not self._stop.is_set():
            # Behind the last batch: to pass by all that has its vector and waits for Chroma, each time, would take
            # longer than the model does.
            count, last = self._embed_batch(last)
            done += count
            if progress is not None:
                progress(min(done, total), total)
        if progress is not None:
            progress(total, total)
        if self.look_behind is not None and not self._stop.is_set():
            self.look_behind(lambda: not self._stop.is_set())

    def _run(self, only_embed: bool) -> None:
        self._begin()
        settled = time.monotonic() + (0.0 if self._many() else SETTLE_S)
        while not self._stop.is_set():
            self._wake.clear()
            left = settled - time.monotonic()
            try:
                if only_embed or left > 0:
                    self.embed()
                else:
                    self.drain()
                    self._opening = False
                    if self.read_ahead is not None:
                        self.read_ahead(lambda: not self._wake.is_set())
            except (StoreError, EmbedderError) as error:
                self._problem = str(error)
                log.warning("indexing waits: %s", error)
            except Exception as error:  # the edge of the thread: told in the state, and tried again
                self._problem = f"indexing failed: {error}"
                log.exception("indexing failed; it will be tried again")
            pause = POLL_S if not self._problem else 10 * POLL_S
            self._wake.wait(min(pause, left) if left > 0 else pause)

    def _many(self) -> bool:
        try:
            with self._database.read() as connection:
                return int(connection.execute(sql("SELECT coalesce(max(stamp), 0) FROM vectors")).scalar_one()) > MANY
        except StoreError:  # told by whatever comes next
            return False

    def _begin(self) -> None:
        try:
            if self._first is not None:
                self._first()
        except StoreError as error:
            log.warning("left for the first query: %s", error)

    def _finish_little(self) -> None:
        """The last turns of a short visit are made searchable by meaning before the door closes."""
        try:
            if 0 < self._waiting() <= FEW:
                self._take_over()
                self._embed_batch()
                if self.look_behind is not None:
                    self.look_behind(lambda: False)
            if self.index.opened() is not None and 0 < self._queued() <= FEW:
                self._stop.clear()
                self._index_all()
        except StoreError as error:
            log.warning("left for the next time: %s", error)

    def _take_over(self) -> None:
        ruling.take_over(self._database, self.embedder, self.index.lock)

    def _waiting(self) -> int:
        """Turns to be embedded."""
        with self._database.read() as connection:
            known = vectors.embedder_seq(connection, self.embedder) or 0
            return int(connection.execute(_WAITING, {"embedder": known}).scalar_one())

    def _queued(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(sql("SELECT count(DISTINCT turn_seq) FROM index_queue")).scalar_one())

    def _embed_batch(self, after: int = 0) -> tuple[int, int | None]:
        """Embed some of the turns behind number ``after``: how many, and the last of them; None: there are no more."""
        with self._database.read() as connection:
            known = vectors.embedder_seq(connection, self.embedder) or 0
            rows = connection.execute(_UNEMBEDDED, {"embedder": known, "limit": BATCH, "after": after}).all()
        if not rows:
            return 0, None
        seqs = [row.turn_seq for row in rows]
        made = self.embedder.encode([row.text for row in rows])

        def keep(connection: Connection) -> None:
            ruling.assert_rules(connection, self.embedder)
            filed = vectors.enlist(connection, self.embedder)
            now = _texts(connection, seqs)
            # What was edited or purged while it was being embedded keeps its place in the queue; and where a backup
            # was brought back, a number may be another turn's by now.
            good = [place for place, row in enumerate(rows) if now.get(row.turn_seq) == row.text]
            if good:
                vectors.save(connection, filed, [seqs[place] for place in good], made[good])

        self._database.written(keep)
        return len(rows), seqs[-1] if len(rows) == BATCH else None

    def _index_all(self) -> None:
        if not self.index.acquire():
            return
        healed = False
        while not self._stop.is_set():
            with self._database.read() as connection:
                epoch = vectors.read_meta(connection, vectors.EPOCH)
                filed = vectors.embedder_seq(connection, self.embedder) or 0
                rows = connection.execute(select(index_queue).order_by(index_queue.c.seq).limit(20 * BATCH)).all()
                found, matrix = vectors.some(connection, filed, {row.turn_seq for row in rows})
            if not rows:
                return
            missing = {row.turn_seq for row in rows} - set(found.tolist())
            try:
                self.index.open().put(found.tolist(), matrix)
                self.index.open().drop(missing)
            except IndexDamaged as error:
                if healed:  # a fresh one fails as well: building more of them would never end
                    raise StoreUnavailable(
                        f"The index of meaning cannot be written ({error}). No word is lost."
                    ) from error
                self.index.quarantine(error)
                healed = True
                continue
            faults.reached("index:settle")
            self._database.written(partial(_settle, [row.seq for row in rows], missing, epoch))
            if missing and self._still_waiting(missing):
                return  # turns whose vector was not made yet: the next drain embeds them first

    def _still_waiting(self, missing: set[int]) -> bool:
        with self._database.read() as connection:
            return bool(connection.execute(select(turns.c.seq).where(turns.c.seq.in_(missing)).limit(1)).first())


def _settle(numbers: list[int], missing: set[int], epoch: str | None, connection: Connection) -> None:
    """Take rows off the queue, but for turns that exist and have no vector yet. All stay where a vector went away since
    ``epoch``: they may be the rows of a backup that was brought back, which number other turns."""
    if vectors.read_meta(connection, vectors.EPOCH) != epoch:
        return
    alive: set[int] = set(connection.execute(select(turns.c.seq).where(turns.c.seq.in_(missing))).scalars())
    connection.execute(delete(index_queue).where(index_queue.c.seq.in_(numbers), index_queue.c.turn_seq.not_in(alive)))


def _texts(connection: Connection, seqs: list[int]) -> dict[int, str]:
    """The present words of these turns; a purged one is absent."""
    rows = connection.execute(select(turns.c.seq, turns.c.text).where(turns.c.seq.in_(seqs)))
    return {row.seq: row.text for row in rows}


def _index_of(database: Database, embedder: Embedder, root: Path | None, chroma: str | None) -> Index:
    """Where the index is kept: on a server where one is named, in the memory's folder, or nowhere. The vectors of an
    encrypted memory leave it for no index."""
    if database.encrypted:
        return StoredVectors(root, database, embedder)
    if chroma is not None:
        return ServedIndex(chroma, database, embedder)
    if isinstance(database, FileDatabase) and root is not None:
        return IndexFolder(root, database, embedder)
    return StoredVectors(root, database, embedder)
