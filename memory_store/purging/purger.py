"""A purge from end to end: the rows, what is derived from them, the file, the index, the backups; and the proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from memory_store import attachments, faults
from memory_store.clock import Clock
from memory_store.database.base import Database
from memory_store.episodic import conversing, reading
from memory_store.errors import ConnectionLost, StoreUnavailable
from memory_store.journal.keeping import Journal
from memory_store.knowledge.derived import drawn_from
from memory_store.purging import erasing, proving
from memory_store.purging.erasing import Needles
from memory_store.recall.recaller import Recaller
from memory_store.records import PurgeReceipt, Turn
from memory_store.semantic import vectors
from memory_store.semantic.index_filling import REBUILD_WANTED
from memory_store.semantic.indexer import Indexer

MOST_REBUILDS = 5
"""How often an index is built again when a trace of what was purged is found in it: hnswlib writes unused slots too,
and about once in fifty times they hold what that memory held before (measured)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be erased, and how far."""

    ids: Collection[str] = ()
    """Of memories."""
    conversations: Collection[str] = ()
    """Ids of conversations to be erased as such, with all their turns and titles."""
    rewrite_backups: bool = False
    """Erase it from the backups on the profile's shelf too; without, they are only named."""
    passphrases: Sequence[str] = ()
    """What may open encrypted backups."""
    elsewhere: Sequence[Path] = ()
    """More folders and files to search for what must be gone: logs, the app's state."""


@dataclass(frozen=True, slots=True)
class Purger:
    """The parts of an open store that a purge needs."""

    path: Path | None
    clock: Clock
    database: Database
    indexer: Indexer
    recaller: Recaller
    journal: Journal

    def purge(self, wish: Wish) -> PurgeReceipt:
        """See :meth:`memory_store.door.curating.Curating.purge`."""
        named, wanted = self.database.written(partial(self._erase, wish))
        self.recaller.let_go()
        try:
            return self._proven(wish, named, wanted)
        except ConnectionLost as lost:
            raise StoreUnavailable(
                f"Erased: {len(named)}. But {self.database.place} went away before its tables were cleared and"
                " searched for traces. The next mneme that opens this memory clears them."
            ) from lost

    def _proven(self, wish: Wish, named: list[str], wanted: Needles) -> PurgeReceipt:
        """What is left of what was erased goes too, from the file, the index and the backups; then all is searched."""
        faults.reached("purge:erased")
        compacted = self.database.forget_deleted(compact=True)
        faults.reached("purge:scrubbed")
        rebuilt = self.indexer.rebuild_if_wanted()
        faults.reached("purge:proving")
        found = self._search(wish, wanted, again=rebuilt)
        rewritten, left = self._backups(wish, named, wanted)
        pending = {
            "the file is in use and was not compacted": compacted,
            self.indexer.index.away or "the index of meaning is held by another process": rebuilt,
        }
        return PurgeReceipt(
            tuple(named),
            found.files,
            found.size,
            found.traces,
            " and ".join(filter(None, (self.database.out_of_reach, self.indexer.index.out_of_reach))),
            tuple(what for what, done in pending.items() if not done),
            tuple(left),
            tuple(rewritten),
        )

    def _erase(self, wish: Wish, connection: Connection) -> tuple[list[str], Needles]:
        threads = [conversing.one(connection, given).id for given in wish.conversations]
        seqs = {reading.seq_of(connection, given) for given in wish.ids}
        seqs.update(*(conversing.turns_in(connection, thread) for thread in threads))
        seqs.update(drawn_from(connection, seqs))  # what a model made of them says what they say
        turns = reading.turns_by_seq(connection, sorted(seqs)).values()
        named = [turn.id for turn in turns]
        threads += sorted(_whole_files(connection, turns, seqs) - set(threads))
        wanted = erasing.needles(connection, sorted(seqs), threads)
        erasing.erase(connection, sorted(seqs), threads)
        vectors.write_meta(connection, REBUILD_WANTED, f"purge {vectors.read_meta(connection, vectors.EPOCH)}")
        self.journal.note(connection, "purge", self.clock(), [*named, *threads])
        return named, wanted

    def _search(self, wish: Wish, wanted: Needles, *, again: bool) -> proving.Search:
        """Look for traces; while there are some that another round could take away, do so."""
        found = proving.search_files(self.database, self.path, wanted, wish.elsewhere)
        for _ in range(MOST_REBUILDS):
            if not found.traces or not again:
                break
            self.database.forget_deleted()  # a reader may have kept the log from being emptied
            self.indexer.rebuild()
            found = proving.search_files(self.database, self.path, wanted, wish.elsewhere)
        return found

    def _backups(self, wish: Wish, ids: Sequence[str], wanted: Needles) -> tuple[list[str], list[str]]:
        """The names of the backups that were rewritten, and of those that still hold what was purged."""
        from memory_store.backups import purging

        if not wish.rewrite_backups:
            return [], [file.name for file in purging.holding(self.path, ids)]
        return purging.rewrite(self.path, ids, wanted, journal=self.journal, now=self.clock(), opens=wish.passphrases)


def _whole_files(connection: Connection, turns: Iterable[Turn], seqs: Collection[int]) -> set[str]:
    """The conversations that are files of which nothing is left without ``turns``: their names are to go too."""
    files = {turn.conversation_id for turn in turns if turn.conversation_id and attachments.is_of_a_file(turn)}
    return {file for file in files if set(conversing.turns_in(connection, file)) <= set(seqs)}
