"""MemoryStore: the one door to everything remembered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self

from sqlalchemy import Connection

from memory_store.addressing import Weights
from memory_store.clock import Clock, in_utc, utc_now
from memory_store.database.base import Database
from memory_store.database.migrating import migrated
from memory_store.database.opening import database_at
from memory_store.door.curating import Curating
from memory_store.door.forgetting import Forgetting
from memory_store.door.knowing import Knowing
from memory_store.door.maintaining import Maintaining
from memory_store.door.teaching import Teaching
from memory_store.door.transactions import in_one_transaction
from memory_store.embedding import Embedder, default_embedder
from memory_store.embedding.base import Vectors
from memory_store.episodic import appending, conversing, reading, writing
from memory_store.episodic.screening import Screening, SecretsPolicy
from memory_store.errors import InvalidInput
from memory_store.ids import IdSource, random_id
from memory_store.journal.changes import Added, ranges
from memory_store.journal.keeping import Journal
from memory_store.knowledge.arranging import arranged
from memory_store.knowledge.derived import behind_words, sources_of
from memory_store.knowledge.examining import Examiner
from memory_store.learning.files import Heads, own_name
from memory_store.learning.weighing import Learned
from memory_store.recall.passages import DEPTH, pack
from memory_store.recall.recaller import Recaller
from memory_store.records import (
    Conversation,
    LedgerEntry,
    MergePolicy,
    NewTurn,
    Recollection,
    Recollections,
    Revision,
    Turn,
    TurnStatus,
)
from memory_store.reranking.base import Stage
from memory_store.semantic.indexer import Indexer

Indexing = Literal["background", "vectors", "manual", "off"]

DEFAULT_LIMIT = 10
"""Memories recalled where nobody says how many, nor how many tokens they may take."""


class MemoryStore(Curating, Forgetting, Knowing, Maintaining, Teaching):
    """Everything one person's agent remembers. Safe to use from several threads, and from several processes.

        with MemoryStore.open("~/memories") as store:
            store.remember("My cat is called Miso.", conversation="monday")
            store.recall("What is my cat called?")[0].memory.text

    What remembers, recalls and reads is here. The rest is in :mod:`memory_store.door`: what edits, pins, forgets and
    purges (:mod:`~.door.curating`), prunes (:mod:`~.door.forgetting`), contradictions (:mod:`~.door.knowing`), acts and
    their undo (:mod:`~.door.accounting`), index, health and counts (:mod:`~.door.maintaining`), what learns
    (:mod:`~.door.teaching`).
    """

    def __init__(
        self,
        database: Database,
        folder: Path | None,
        *,
        clock: Clock,
        embedder: Embedder,
        indexing: Indexing,
        ids: IdSource,
        weights: Weights | None = None,
        stages: Sequence[Stage] = (),
        learned: bool = True,
        actor: str = "",
        secrets: SecretsPolicy = "keep",
        contradictions: bool = True,
        derived: bool = False,
        merge: MergePolicy = "sources",
        chroma: str | None = None,
    ) -> None:
        self.path = folder
        self.clock: Clock = lambda: in_utc(clock())
        self._ids = ids
        self._journal = Journal(actor)
        self._screening = Screening(secrets)
        self._derived = derived
        self._merge = merge
        self._database = database
        migrated(self._database, saving=self._save_before_migrating)
        self._indexer = Indexer(self._database, embedder, None if folder is None else folder / "chroma", chroma)
        self._heads = Heads(folder, embedder, "" if folder is None else own_name(database))
        used = Learned(self._heads) if learned else None
        self._recaller = Recaller(
            embedder, self._indexer.index.opened, weights, stages, used, coming=self._indexer.coming
        )
        if contradictions:
            self._indexer.look_behind = Examiner(self._database, self._recaller, self.clock).examine
        if indexing in {"background", "vectors"}:
            self._indexer.read_ahead = lambda going: self._recaller.read_ahead(self._database, going)
            warm = self._warm if self.encrypted and indexing == "background" else None
            self._indexer.start(only_embed=indexing == "vectors", first=warm)

    @classmethod
    def open(
        cls,
        path_or_url: str | Path,
        *,
        clock: Clock | None = None,
        embedder: Embedder | None = None,
        indexing: Indexing = "background",
        ids: IdSource | None = None,
        weights: Weights | None = None,
        stages: Sequence[Stage] = (),
        learned: bool = True,
        actor: str = "",
        passphrase: str | None = None,
        secrets: SecretsPolicy = "keep",
        contradictions: bool = True,
        derived: bool = False,
        merge: MergePolicy = "sources",
        folder: Path | None = None,
        chroma: str | None = None,
    ) -> Self:
        """Open, creating or migrating it if need be, the store in a folder or at a database URL (docs/servers.md).

        ``indexing``: ``background`` keeps the index of meaning up to date in a thread; ``vectors`` only embeds there,
        for a process that is over in a moment; ``manual`` does so in :meth:`index_now` and :meth:`embed_now` only;
        ``off`` is for a quick look or a single change. What they leave undone, the next open in the background does.
        ``weights``: other constants for recall than the frozen ones; a weight of 0 switches its term off.
        ``stages``: second looks at the best of recall, in this order (docs/recall.md). ``learned``: whether a head
        that was learned here weighs, instead of the fixed formula (docs/learning.md). ``contradictions``: look
        for what contradicts earlier memories, behind the conversation (docs/knowledge.md). ``derived``: notes that a
        language model derived are recalled too, behind the words they are from. ``actor``: the command in whose
        name things are done, for the audit.
        ``passphrase``: of an encrypted store; one that is new is begun encrypted under it (docs/security.md).
        ``folder``: what lies on this machine of a memory whose words are on a server: searched after a purge.
        ``chroma``: the URL of a Chroma server for the index of meaning.
        ``secrets``: what becomes of keys, tokens and card numbers in what is written (episodic/screening.py).
        ``merge``: what is not written twice (:data:`~memory_store.records.MergePolicy`).

        Raises StoreUnavailable, StoreTooNew, StoreDamaged, StoreLocked and WrongPassphrase.
        """
        database, own = database_at(path_or_url, passphrase)
        return cls(
            database,
            own or folder,
            clock=clock or utc_now,
            embedder=embedder or default_embedder(),
            indexing=indexing,
            ids=ids or random_id,
            weights=weights,
            stages=stages,
            learned=learned,
            actor=actor,
            secrets=secrets,
            contradictions=contradictions,
            derived=derived,
            merge=merge,
            chroma=chroma,
        )

    @property
    def encrypted(self) -> bool:
        """Whether the whole store is under a passphrase."""
        return self._database.encrypted

    def _warm(self) -> None:
        """Decrypt the vectors before the first query asks for them."""
        with self._database.read() as connection:
            self._recaller.dense.warm(connection)

    def close(self) -> None:
        """Finish the batch in hand and let go of every file."""
        self._indexer.close()
        self._recaller.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Remembering

    def remember(
        self,
        text: str,
        *,
        speaker: str = "user",
        conversation: str | None = None,
        said_at: datetime | None = None,
        source_id: str | None = None,
        status: TurnStatus = "complete",
        recalled: Sequence[Recollection] = (),
        in_prompt: Collection[str] = (),
        numbers: Mapping[str, int] = MappingProxyType({}),
        cited: Collection[str] = (),
        instead_of: Collection[str] = (),
    ) -> Turn:
        """Keep these words for good: they are on the disk when this returns, and findable by full-text.

        ``conversation``: an id of your choice, begun at its first turn; None for a note. ``said_at``: when it was said
        (naive: UTC); now by default. ``source_id``: its id where it comes from; the same words from the same source in
        the same conversation are kept once. ``recalled`` and ``in_prompt``: for a reply, what was recalled for it.
        ``numbers`` and ``cited``: the number of each memory in its prompt (id -> number), and which it names (ids).
        ``instead_of``: ids of turns that these words replace, discarded in the same transaction (see :meth:`discard`).

        Raises InvalidInput for words that cannot be kept, SecretInWords, UnknownId, StoreUnavailable when the disk is
        full or read-only.
        """
        new = NewTurn(text, speaker, conversation, said_at, source_id, status)

        def write(connection: Connection) -> Turn:
            if self._merge == "notes" and conversation is None and source_id is None:
                known = reading.same_note(connection, self._screening.words(text), speaker)
                if known is not None:
                    return known
            written = appending.write_turn(connection, new, self.clock(), self._ids, self._screening)
            if written.new:
                writing.write_ledger(connection, written.seq, recalled, in_prompt, numbers, cited, self._journal.actor)
                self._note_notes(connection, [written])
            self._replace(connection, instead_of, written)
            return written.turn

        turn = self._database.written(write)
        self._indexer.wake()
        return turn

    def remember_many(
        self, turns: Iterable[NewTurn], *, batch: int = 500, progress: Callable[[int], None] | None = None
    ) -> list[Turn]:
        """Keep many turns, in order, one transaction per ``batch``; ``progress`` is told how many are on the disk.

        Raises InvalidInput at the first turn that cannot be kept: its batch is not written, those before it are.
        """
        kept: list[Turn] = []
        source = iter(turns)
        with self.as_one_act():
            while part := list(islice(source, batch)):
                kept += self._database.written(partial(self._write_batch, part))
                self._indexer.wake()
                if progress is not None:
                    progress(len(kept))
        return kept

    def _write_batch(self, part: Sequence[NewTurn], connection: Connection) -> list[Turn]:
        together = appending.Batch(connection, self._ids, self._screening)
        written = [together.write(turn, self.clock()) for turn in part]
        together.finish()
        self._note_notes(connection, written)
        return [one.turn for one in written]

    def _replace(self, connection: Connection, instead_of: Collection[str], written: appending.Written) -> None:
        """Forget turns that others replace; taken back, the one that replaced them goes with it. Raises UnknownId."""
        now, seqs = self.clock(), [reading.seq_of(connection, one) for one in instead_of]
        changes = writing.set_flag(connection, seqs, "forgotten_at", now)
        if changes:
            named = [turn.id for turn in reading.turns_by_seq(connection, seqs).values()]
            added = [Added(ranges([written.seq]), onward=True)] if written.new else []
            self._journal.note(connection, "discard", now, [*named, written.turn.id], [*added, *changes])

    def _note_notes(self, connection: Connection, written: Sequence[appending.Written]) -> None:
        """Notes are written down on purpose, which is an act; turns are said."""
        notes = [one for one in written if one.new and one.turn.is_note]
        if notes:
            added = Added(ranges(one.seq for one in notes))
            self._journal.note(connection, "note", self.clock(), [one.turn.id for one in notes], [added])

    # Recalling

    def recall(
        self,
        query: str,
        *,
        limit: int | None = None,
        budget: int | None = None,
        longest: int | None = None,
        context: str = "",
        as_of: datetime | None = None,
        exclude: Collection[str] = (),
        leave_out: Callable[[Turn], bool] | None = None,
        include_forgotten: bool = False,
    ) -> Recollections:
        """The memories that matter for ``query``, best first, at most ``limit``, each with its reasons.

        ``limit``: 10 by default, or with a ``budget`` as many as fit. ``budget``: tokens they may take together
        (estimated); it is packed with what is worth most per token, repetitions folded (docs/recall.md). ``longest``:
        in a budget, no memory counts for more than this: the caller will shorten it. ``context``: what was said just
        before, for a query that leans on it. ``as_of``: only what was said by then, worded as then. ``exclude``: ids of
        memories to leave out, such as those already in the conversation's window; ``leave_out``: the same, by a test.
        What a newer memory supersedes brings that one along, and stands behind it (docs/knowledge.md).

        Raises InvalidInput for a limit, budget or longest that is not positive.
        """
        if any(number is not None and number < 1 for number in (limit, budget, longest)):
            raise InvalidInput("limit, budget and longest must be at least 1.")
        most = limit or DEFAULT_LIMIT
        deep = budget is not None or leave_out is not None

        def look(connection: Connection) -> tuple[Recollections, Vectors | None]:
            found = self._recaller.recall(
                connection,
                query,
                limit=max(most, DEPTH) if deep else most,
                now=self.clock(),
                as_of=None if as_of is None else in_utc(as_of),
                exclude=exclude,
                include_forgotten=include_forgotten,
                context=context,
                derived=self._derived,
            )
            if leave_out is not None:
                found = found.having(item for item in found if not leave_out(item.memory))
            present = None if as_of is None else in_utc(as_of)
            if self._derived:
                numbers = reading.seqs_of(connection, [item.memory.id for item in found])
                found = behind_words(found, sources_of(connection, numbers))
            found = arranged(connection, found, as_of=present, exclude=exclude, leave_out=leave_out)
            if budget is None:
                return found.having(found[:most]), None
            seqs = reading.seqs_of(connection, [item.memory.id for item in found])
            return found, self._recaller.dense.rows(connection, seqs)

        self._indexer.index.look()
        found, vectors = self._database.asked(look)
        return (
            found if budget is None or vectors is None else pack(found, budget, vectors, limit=limit, longest=longest)
        )

    # Reading

    def get(self, id: str) -> Turn:
        """One memory, by its id or a unique beginning of it. Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return self._turn(connection, id)

    def memories(
        self,
        *,
        conversation: str | None = None,
        speaker: str | None = None,
        notes: bool | None = None,
        pinned: bool | None = None,
        forgotten: bool | None = False,
        after: datetime | None = None,
        before: datetime | None = None,
        matching: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        newest_first: bool = True,
    ) -> list[Turn]:
        """Memories that meet every condition given. ``forgotten``: True for these only, None for all.

        ``after`` is inclusive, ``before`` is not; ``matching``: words that must all occur, case ignored.
        """
        with self._database.read() as connection:
            return reading.select_memories(
                connection,
                conversation=conversation,
                speaker=speaker,
                notes=notes,
                pinned=pinned,
                forgotten=forgotten,
                after=None if after is None else in_utc(after),
                before=None if before is None else in_utc(before),
                matching=matching,
                limit=limit,
                offset=offset,
                newest_first=newest_first,
            )

    def history(
        self, conversation_id: str, *, limit: int | None = None, before: int | None = None, forgotten: bool = False
    ) -> list[Turn]:
        """The last ``limit`` turns of a conversation, in order; those that are forgotten only when asked for.

        ``before``: only those at a position below this one. A branch begins with the turns it shares; they belong to
        the conversation it came from. Raises UnknownId.
        """
        with self._database.read() as connection:
            return reading.history(connection, conversation_id, limit, before, forgotten=forgotten)

    def context(self, id: str, *, before: int = 3, after: int = 3) -> list[Turn]:
        """The turns around a memory in its conversation, itself included, in order. Raises UnknownId."""
        with self._database.read() as connection:
            return reading.context(connection, id, before, after)

    def revisions(self, id: str) -> list[Revision]:
        """The wordings a memory had before, oldest first. Raises UnknownId."""
        with self._database.read() as connection:
            return reading.revisions_of(connection, reading.seq_of(connection, id))

    def recalled_for(self, reply_id: str) -> list[LedgerEntry]:
        """What was recalled for a reply, best first; empty when nothing was. Raises UnknownId."""
        with self._database.read() as connection:
            entries = reading.ledger_of(connection, reading.seq_of(connection, reply_id))
        told = self.superseded([entry.memory_id for entry in entries])
        return [replace(entry, superseded=told.get(entry.memory_id)) for entry in entries] if told else entries

    def citations(self, conversation_id: str) -> dict[str, dict[int, str]]:
        """Id of each reply of a conversation that cites -> number in its prompt -> memory's id. Raises UnknownId."""
        with self._database.read() as connection:
            return reading.citations_in(connection, conversation_id)

    def used_in(self, memory_id: str) -> list[Turn]:
        """The replies a memory was recalled for, oldest first. Raises UnknownId."""
        with self._database.read() as connection:
            return reading.replies_using(connection, reading.seq_of(connection, memory_id))

    # Conversations

    def begin_conversation(self, *, title: str | None = None, id: str | None = None) -> Conversation:
        """A new conversation; the one that has this ``id`` already, unchanged, if there is one.

        Raises InvalidInput, SecretInWords.
        """
        return self._begin_conversation(id or self._ids(), None if title is None else self._screening.words(title))

    @in_one_transaction
    def _begin_conversation(self, connection: Connection, id: str, title: str | None) -> Conversation:
        appending.ensure_conversation(connection, id, self.clock(), title)
        return conversing.one(connection, id)

    @in_one_transaction
    def branch(self, connection: Connection, after: str) -> Conversation:
        """A new conversation that begins with what was said up to the turn ``after``, itself included.

        Nothing is copied: the turns stay where they were said, so they are recalled once, and what is edited or
        forgotten is so in both. Raises UnknownId, InvalidInput for a note.
        """
        chosen, now = self._ids(), self.clock()
        changes = conversing.branch(connection, chosen, after, now)
        made = conversing.one(connection, chosen)
        self._note(connection, "branch_conversation", now, [chosen, made.branched_from or ""], changes)
        return made

    def conversation(self, id: str) -> Conversation:
        """Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return conversing.one(connection, id)

    def conversations(
        self,
        *,
        matching: str | None = None,
        archived: bool | None = False,
        deleted: bool | None = False,
        limit: int | None = None,
    ) -> list[Conversation]:
        """Newest first. ``archived``, ``deleted``: True for these only, None for all. ``matching``: words that all
        occur in its title or in what was said in it."""
        with self._database.read() as connection:
            return conversing.listed(connection, matching, archived, deleted, limit)

    def _save_before_migrating(self) -> None:
        from memory_store.backups.making import make
        from memory_store.backups.shelf import BEFORE_MIGRATION
        from memory_store.sqlite.database import FileDatabase

        if not isinstance(self._database, FileDatabase):
            return  # a server's backups are its own, and a migration is one transaction there
        make(self._database, self.path, now=self.clock(), reason=BEFORE_MIGRATION)

    def _turn(self, connection: Connection, id: str) -> Turn:
        seq = reading.seq_of(connection, id)
        return reading.turns_by_seq(connection, [seq])[seq]
