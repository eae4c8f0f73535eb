"""Who may touch the Chroma folder, which generation of it is current, and what happens when it is damaged."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from memory_store import faults
from memory_store.database.base import Database
from memory_store.embedding.base import Embedder
from memory_store.errors import StoreUnavailable
from memory_store.semantic import probing, vectors
from memory_store.semantic.chroma import (
    IndexDamaged,
    SemanticIndex,
    discard,
    generation_folder,
    generations,
    seal,
    written,
)
from memory_store.semantic.index_filling import GENERATION, REBUILD_WANTED, SEAL, Seen, adopt, fill, known, wanted
from memory_store.semantic.index_safety import TOO_OFTEN, Mark, kept_aside, set_aside, throw_away

log = logging.getLogger(__name__)


class IndexFolder:
    """The folder ``chroma/`` beside the words, guarded by a file lock that dies with its process."""

    out_of_reach = ""
    away = ""
    refusal = "Another mneme is using this memory's index. Close it and try again."

    def __init__(self, root: Path, database: Database, embedder: Embedder) -> None:
        from filelock import FileLock

        self.root = root
        self._database = database
        self._embedder = embedder
        self._lock = FileLock(root.parent / "index.lock", mode=0o600, thread_local=False)
        self._guard = threading.RLock()
        self._index: SemanticIndex | None = None
        self._mark = Mark(root)
        self._marked = False
        self.filling: tuple[int, int] | None = None
        """While a new generation is filled: vectors done, and of how many."""
        self.checked = False
        """Whether this process has compared the index with the vectors since it took the lock."""
        self.refused = False
        """Whether another process had the lock when this one last asked for it."""

    @property
    def held(self) -> bool:
        """Whether this process holds the lock."""
        return bool(self._lock.is_locked)

    def acquire(self) -> bool:
        """Take the lock if it is free, and bring the index in step with the vectors.

        Raises StoreUnavailable when the folder cannot be written.
        """
        with self._guard:
            if not self.lock():
                return False
            if not self.in_step():
                self._bring_in_step()
            return True

    def without_purged(self) -> bool:
        """See to it that nothing purged is in the index: it is filled anew, or was never made, and then Chroma is not
        needed to say so. False where another process has to do it. Raises StoreUnavailable."""
        with self._guard:
            if not self.lock():
                return False
            if self.root.exists() or kept_aside(self.root.parent) is not None:
                return self.acquire()
            with self._database.write() as connection:
                vectors.write_meta(connection, REBUILD_WANTED, "0")
            return True

    def lock(self) -> bool:
        """Take the lock if it is free, and look at nothing yet. Raises StoreUnavailable as :meth:`acquire` does."""
        from filelock import Timeout

        with self._guard:
            try:
                if not self._lock.is_locked:
                    self._lock.acquire(timeout=0)
            except Timeout:
                self.refused = True
                return False
            except OSError as error:
                raise StoreUnavailable(f"{self.root.parent} cannot be written: {error}.") from error
            self.refused = False
            return True

    def condition(self) -> str:
        """How the index is, for a person. Looks, and touches nothing."""
        with self._database.read() as connection:
            purged, sealed = wanted(connection), vectors.read_meta(connection, SEAL)
        if self.filling is not None:
            return "being built anew"
        if self.checked:
            return "open"
        if sealed is None or purged:
            return "to be built at the next start"
        if self._mark.there():
            return "open in another process, or not closed in order: then it is tried out at the next start"
        return "in order"

    def in_step(self) -> bool:
        """Whether this process holds the lock, has compared the index with the vectors, and no purge came since."""
        if not self.checked:
            return False
        with self._database.read() as connection:
            return not wanted(connection)

    def open(self) -> SemanticIndex:
        """The current generation, opened at the first call. The lock must be held. Raises IndexDamaged."""
        with self._guard:
            if self._index is None:
                self._set_mark()
                self._index = SemanticIndex(generation_folder(self.root, self._generation()))
            return self._index

    def look(self) -> None:
        """It is opened behind the first seconds, not for a query."""

    def opened(self) -> SemanticIndex | None:
        """The index if it is open and in step; recall uses it only then."""
        return self._index if self.checked else None

    def quarantine(self, damage: Exception) -> None:
        """Set a damaged folder aside and fill a new one from the stored vectors."""
        log.warning("the index is damaged and is built anew: %s", damage)
        with self._guard:
            self._forget_index()
            set_aside(generation_folder(self.root, self._generation()), self.root.parent, str(damage))
            faults.reached("quarantine:moved")
            self.rebuild()

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Fill a new generation from the stored vectors, then make it the current one and delete the others.

        Raises StoreUnavailable when it cannot be written.
        """
        with self._guard:
            self._forget_index()
            self._set_mark()
            faults.reached("rebuild:begun")
            fresh = self._generation() + 1
            while generation_folder(self.root, fresh).exists():
                fresh += 1
            index, seen = self._filled(generation_folder(self.root, fresh), progress)
            sealed = seal(index.folder)
            faults.reached("rebuild:filled")
            with self._database.write() as connection:
                self._adopt(connection, fresh, seen)
                vectors.write_meta(connection, SEAL, sealed)
            faults.reached("rebuild:adopted")
            self._index, self.checked = index, True
            self._sweep()
            if seen.wanted:  # what is kept aside may hold what was purged
                throw_away(self.root.parent)

    def close(self) -> None:
        """Close the index and let the lock go."""
        with self._guard:
            self._forget_index()
            if self.checked:
                faults.reached("index:closed")
                self._seal()
            self.checked = False
            if self._marked:
                self._mark.clear()
                self._marked = False
            self._lock.release()

    def _set_mark(self) -> None:
        if not self._marked:
            try:
                self._mark.set()
            except OSError as error:
                raise StoreUnavailable(f"{self.root.parent} cannot be written: {error}.") from error
            self._marked = True
            faults.reached("index:marked")

    def _seal(self) -> None:
        """Remember what the graph files look like, so that the next to open them knows whether they can be read."""
        try:
            with self._database.read() as connection:
                known = vectors.read_meta(connection, SEAL)
            found = seal(generation_folder(self.root, self._generation()))
            if found != known:
                with self._database.write() as connection:
                    vectors.write_meta(connection, SEAL, found)
        except (OSError, StoreUnavailable) as error:  # must not keep the store from closing
            log.warning("the index is not sealed and will be built anew: %s", error)

    def _filled(self, folder: Path, progress: Callable[[int, int], None] | None) -> tuple[SemanticIndex, Seen]:
        index: SemanticIndex | None = None
        self.filling = (0, 0)
        try:
            index = SemanticIndex(folder)
            return index, self._fill(index, progress)
        except IndexDamaged as error:  # a new one cannot be damaged: the disk is full, or the folder read-only
            if index is not None:
                index.close()
            discard(folder)
            raise StoreUnavailable(
                f"The index of meaning cannot be written ({error}). Free some space or make it writable."
            ) from error
        finally:
            self.filling = None

    def _fill(self, index: SemanticIndex, progress: Callable[[int, int], None] | None) -> Seen:
        def tell(done: int, total: int) -> None:
            self.filling = (done, total)
            if progress is not None:
                progress(done, total)

        with self._database.read() as connection:
            return fill(connection, self._embedder, index, tell)

    def _adopt(self, connection: Connection, generation: int, seen: Seen) -> None:
        adopt(connection, self._embedder, generation, seen)

    def _sweep(self) -> None:
        """Delete every generation but the current one: a kill may have come between a rebuild's end and this."""
        current = generation_folder(self.root, self._generation())
        for folder in generations(self.root):
            if folder != current:
                discard(folder)

    def _bring_in_step(self) -> None:
        """After taking the lock: another process, a kill or a person may have changed what lies there."""
        try:
            with self._database.read() as connection:
                there = known(connection, self._embedder)
            if there.wanted:
                self._database.forget_deleted()  # the process that purged may have been killed before it came to this
            ends = self._mark.left()
            # Queued turns may or may not be in it yet; all others must be, and by this embedder.
            if there.wanted or there.sealed is None or there.made_by != self._embedder.fingerprint:
                self.rebuild()
            else:
                self._try_out(there.sealed, ends, there.expected)
                if there.expected:
                    self.open().load(self._embedder.dimensions)
                self._sweep()
            self.checked = True
        except IndexDamaged as error:
            self.quarantine(error)

    def _try_out(self, sealed: str, ends: int, expected: int) -> None:
        """Open the index that is there, once it is known that this is safe. Raises IndexDamaged."""
        folder = generation_folder(self.root, self._generation())
        if not folder.is_dir():
            raise IndexDamaged(f"{folder} is gone")
        if seal(folder) != sealed:
            raise IndexDamaged(f"{folder}: its graph files are not as they were left")
        if ends and ends % TOO_OFTEN == 0:
            raise IndexDamaged(f"{folder}: it was not closed in order {ends} times")
        problem = probing.sound(folder) if ends else ""
        if problem:
            raise IndexDamaged(f"{folder}: {problem}")
        before = written(folder)
        if self.open().count() < expected:
            raise IndexDamaged(f"{folder}: it lacks vectors")
        if written(folder) != before:  # Chroma begins files anew when it opens an index that has not filled them yet
            self._seal()

    def _generation(self) -> int:
        with self._database.read() as connection:
            return int(vectors.read_meta(connection, GENERATION) or 1)

    def _forget_index(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
