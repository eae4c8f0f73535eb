"""The part of the door that says which memories contradict each other, and what the user thinks of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from memory_store.clock import in_utc
from memory_store.door.accounting import Accounting
from memory_store.door.transactions import in_one_transaction
from memory_store.episodic import appending, reading, writing
from memory_store.episodic.screening import Screening
from memory_store.ids import IdSource
from memory_store.journal.changes import Added, Change, ranges
from memory_store.knowledge import arranging, chains, conflicts, derived
from memory_store.knowledge.claims import stems_of
from memory_store.records import Conflict, ConflictChain, ConflictState, Derived, NewDerived, NewTurn, Superseded, Turn

OPEN: tuple[ConflictState, ...] = ("open",)


class Knowing(Accounting):
    """Contradictions are found by rule, behind the conversation (:mod:`memory_store.knowledge`). They hide nothing.
    Notes of a language model are kept beside the words, marked and linked to them."""

    _ids: IdSource
    _screening: Screening

    def conflicts(
        self, states: Collection[ConflictState] = OPEN, *, memory: str | None = None, limit: int | None = None
    ) -> list[Conflict]:
        """Contradictions in these states, the newest first; about one ``memory``, or all there are.

        Those of forgotten memories are left out. Raises UnknownId, AmbiguousId.
        """
        with self._database.read() as connection:
            about = None if memory is None else reading.seq_of(connection, memory)
            return conflicts.listed(connection, states, memory=about, limit=limit)

    def conflict_chains(
        self, states: Collection[ConflictState] = OPEN, *, limit: int | None = None
    ) -> list[ConflictChain]:
        """Contradictions put together by what they are of: Porto, then Lisbon, then Faro are one chain.

        Those with a link in one of these states, whole, the one that was added to last first.
        """
        with self._database.read() as connection:
            return chains.listed(connection, states, limit=limit)

    def conflict_chain(self, id: str) -> ConflictChain:
        """The chain that a contradiction is in, by its id or a unique beginning. Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return chains.holding(connection, *conflicts.pair_of(connection, id))

    def open_conflicts(self) -> int:
        """How many contradictions wait for the user's word; those of one chain are one."""
        with self._database.read() as connection:
            return chains.waiting(connection)

    def conflict(self, id: str) -> Conflict:
        """One contradiction, by its id or a unique beginning of it. Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return conflicts.of_pair(connection, *conflicts.pair_of(connection, id))

    @in_one_transaction
    def resolve(self, connection: Connection, id: str, state: ConflictState) -> Conflict:
        """Decide a contradiction: ``newer`` holds, ``both`` hold, it is none (``dismissed``), or it is ``open`` again.

        Both memories stay as they are. Where the newer holds, and while it is open, recall gives the newer one first
        and the older one as earlier. Raises UnknownId, AmbiguousId, InvalidInput.
        """
        now, pair = self.clock(), conflicts.pair_of(connection, id)
        changes = conflicts.rule(connection, *pair, state, now)
        decided = conflicts.of_pair(connection, *pair)
        self._note(connection, "resolve", now, [decided.older.id, decided.newer.id], changes)
        return decided

    @in_one_transaction
    def resolve_chain(self, connection: Connection, id: str, state: ConflictState) -> ConflictChain:
        """Decide all that is open in a chain at once, or, where all is decided or ``state`` is ``open``, all of it.

        ``id``: of any of its links. As :meth:`resolve`, in one act. Raises UnknownId, AmbiguousId, InvalidInput.
        """
        now, pair = self.clock(), conflicts.pair_of(connection, id)
        links = chains.holding(connection, *pair).links
        undecided = [one for one in links if one.state == "open"]
        changes: list[Change] = []
        subjects: dict[str, None] = {}
        for one in undecided if state != "open" and undecided else links:
            changes += conflicts.rule(connection, *conflicts.pair_of(connection, one.id), state, now)
            subjects |= {one.older.id: None, one.newer.id: None}
        self._note(connection, "resolve", now, [*subjects], changes)
        return ConflictChain(tuple(conflicts.by_ids(connection, [one.id])[one.id] for one in links))

    def superseded(self, ids: Collection[str], *, as_of: datetime | None = None) -> dict[str, Superseded]:
        """Id of each of these memories that a newer one supersedes -> since when, and what holds now.

        ``as_of``: only by what was said by then.
        """
        with self._database.read() as connection:
            known = {turn.id: seq for seq, turn in reading.turns_by_id(connection, [*ids]).values()}
            return arranging.superseded(connection, known, None if as_of is None else in_utc(as_of))

    # What a language model derived

    def derived(self, memory: str | None = None) -> list[Derived]:
        """The notes that a language model derived from what was said and that are not forgotten, the newest first:
        all, or one ``memory`` and those drawn from it. Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return derived.listed(connection, None if memory is None else reading.seq_of(connection, memory))

    def unconsolidated(self) -> list[Turn]:
        """What was said in conversations and no model has taken notes on yet, a conversation at a time; nothing that
        is forgotten."""
        with self._database.read() as connection:
            return derived.waiting(connection)

    def keep_derived(self, notes: Sequence[NewDerived], *, model: str, through: str) -> list[Turn]:
        """Keep a model's notes, and that a conversation was read up to the turn ``through``: one transaction.

        A note that is there in other order or with other small words is not written again; those that are new come
        back. Raises UnknownId where a source is gone, InvalidInput.
        """
        kept = self._keep_derived(notes, model, through)
        self._indexer.wake()
        return kept

    @in_one_transaction
    def _keep_derived(
        self, connection: Connection, notes: Sequence[NewDerived], model: str, through: str
    ) -> list[Turn]:
        now = self.clock()
        known = {stems_of(one.note.text) for one in derived.listed(connection)}
        batch = appending.Batch(connection, self._ids, self._screening)
        kept: list[appending.Written] = []
        for note in notes:
            if stems_of(note.text) in known:
                continue
            known.add(stems_of(note.text))
            sources = reading.turns_by_seq(connection, [reading.seq_of(connection, one) for one in note.sources])
            said_at = max(turn.said_at for turn in sources.values())
            written = batch.write(NewTurn(note.text, derived.SPEAKER, said_at=said_at), now)
            derived.keep(connection, written.seq, note.kind, model, sources, now)
            kept.append(written)
        batch.finish()
        derived.done_through(connection, reading.seq_of(connection, through), now)
        added = [Added(ranges(one.seq for one in kept))] if kept else []
        self._note(connection, "consolidate", now, [one.turn.id for one in kept], added)
        return [one.turn for one in kept]

    @in_one_transaction
    def revoke_derived(self, connection: Connection) -> list[Turn]:
        """Forget every derived note, in one act, and let all be consolidated again. Those that were not forgotten."""
        now = self.clock()
        seqs = derived.every(connection)
        shown = {seq: turn for seq, turn in reading.turns_by_seq(connection, seqs).items() if not turn.forgotten}
        changes = writing.set_flag(connection, list(shown), "forgotten_at", now)
        derived.start_again(connection)
        self._note(connection, "revoke_derived", now, [turn.id for turn in shown.values()], changes)
        return list(shown.values())

    @in_one_transaction
    def consolidate_again(self, connection: Connection) -> None:
        """Everything counts as not consolidated; the notes that are there stay."""
        derived.start_again(connection)
