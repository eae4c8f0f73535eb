"""What the owner of a memory does to it: edit, pin, forget, restore, purge, and the same for conversations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from memory_store.clock import Clock
from memory_store.database.base import Database
from memory_store.door.accounting import Accounting
from memory_store.door.transactions import in_one_transaction
from memory_store.episodic import conversing, judging, reading, writing
from memory_store.episodic.screening import Screening, SecretsAnswer
from memory_store.journal import undoing
from memory_store.journal.keeping import Journal
from memory_store.purging.purger import Purger, Wish
from memory_store.recall.recaller import Recaller
from memory_store.records import (
    Conversation,
    Feedback,
    PurgeReceipt,
    Signal,
    Turn,
)
from memory_store.semantic.indexer import Indexer


class Curating(Accounting):
    """The half of the door that changes what is remembered. Every act leaves an audit line, without words."""

    path: Path | None
    clock: Clock
    _database: Database
    _indexer: Indexer
    _recaller: Recaller
    _journal: Journal
    _screening: Screening

    @property
    def asks_about_secrets(self) -> bool:
        """Whether words with a secret in them are refused here and now, until somebody is asked."""
        return self._screening.unsettled

    def screened(self, text: str) -> str:
        """``text`` as it would be written now. Raises SecretInWords."""
        return self._screening.words(text)

    def secrets_settled(self, answer: SecretsAnswer | None) -> AbstractContextManager[None]:
        """What this thread writes inside has been asked about: secrets in it are left out (``redact``) or kept."""
        return self._screening.settled(answer)

    def edit(self, id: str, text: str) -> Turn:
        """Supersede a memory's wording; the old one stays in :meth:`revisions`.

        Raises UnknownId, InvalidInput, SecretInWords.
        """
        turn = self._reword(id, self._screening.words(text))
        self._indexer.wake()
        return turn

    @in_one_transaction
    def _reword(self, connection: Connection, id: str, text: str) -> Turn:
        seq, now = reading.seq_of(connection, id), self.clock()
        changes = writing.reword(connection, seq, text, now)
        turn = reading.turns_by_seq(connection, [seq])[seq]
        self._note(connection, "edit", now, [turn.id], changes)
        return turn

    def pin(self, id: str) -> Turn:
        """Keep a memory in every prompt. Raises UnknownId."""
        return self._flag(id, "pin", "pinned_at", on=True)

    def unpin(self, id: str) -> Turn:
        """Undo :meth:`pin`. Raises UnknownId."""
        return self._flag(id, "unpin", "pinned_at", on=False)

    def forget(self, id: str) -> Turn:
        """Hide a memory from recall, until :meth:`restore`. Raises UnknownId."""
        return self._flag(id, "forget", "forgotten_at", on=True)

    def restore(self, id: str) -> Turn:
        """Undo :meth:`forget`. Raises UnknownId."""
        return self._flag(id, "restore", "forgotten_at", on=False)

    @in_one_transaction
    def discard(self, connection: Connection, ids: Collection[str], *, restoring: Collection[str] = ()) -> None:
        """Forget turns that were said in vain, a reply that was made anew for instance, and bring back others in their
        place: one transaction, so that a conversation never has both or neither. Its own inverse. Raises UnknownId.

        They leave the conversation's history and recall, and what was recalled for them no longer counts as used.
        """
        now = self.clock()
        gone, back = ([reading.seq_of(connection, one) for one in those] for those in (ids, restoring))
        changes = writing.set_flag(connection, gone, "forgotten_at", now)
        changes += writing.set_flag(connection, back, "forgotten_at", None)
        named = reading.turns_by_seq(connection, [*gone, *back])
        self._note(connection, "discard", now, [turn.id for turn in named.values()], changes)

    @in_one_transaction
    def _flag(self, connection: Connection, id: str, act: str, column: str, *, on: bool) -> Turn:
        seq, now = reading.seq_of(connection, id), self.clock()
        before = reading.turns_by_seq(connection, [seq])[seq]
        if (before.pinned if column == "pinned_at" else before.forgotten) is on:
            return before
        changes = writing.set_flag(connection, [seq], column, now if on else None)
        self._note(connection, act, now, [before.id], changes)
        return reading.turns_by_seq(connection, [seq])[seq]

    @in_one_transaction
    def feedback(self, connection: Connection, reply_id: str, memory_id: str, signal: Signal | None) -> None:
        """Keep what the user thinks of a memory that was recalled for a reply: ``helpful`` there, or ``wrong``.

        The last word counts; None takes it back. Nothing else changes by it: it is kept for what learns from it.
        Raises UnknownId, AmbiguousId, InvalidInput.
        """
        now = self.clock()
        reply, memory = reading.seq_of(connection, reply_id), reading.seq_of(connection, memory_id)
        named = reading.turns_by_seq(connection, [reply, memory])
        changes = judging.judge(connection, reply, memory, signal, now)
        self._note(connection, "feedback", now, [named[reply].id, named[memory].id], changes)

    def feedback_given(self, reply_id: str | None = None) -> list[Feedback]:
        """All feedback on one reply, or all there is, oldest first. Raises UnknownId, AmbiguousId."""
        with self._database.read() as connection:
            return list(judging.judgements(connection, reply_id))

    # Purging

    def purge(
        self,
        ids: Collection[str] = (),
        *,
        conversations: Collection[str] = (),
        rewrite_backups: bool = False,
        passphrases: Sequence[str] = (),
        elsewhere: Sequence[Path] = (),
    ) -> PurgeReceipt:
        """Erase memories for good: words, history, full-text, vectors, index; then search the files for what is left.

        ``conversations``: ids of conversations to be erased whole, with their titles. ``rewrite_backups``: take it out
        of the backups on the profile's shelf too; without, the receipt names those that still hold it. Backups that
        were written elsewhere are nobody's to find. ``passphrases``: what may open encrypted backups. ``elsewhere``:
        more folders and files to search, such as logs.

        Raises UnknownId before anything is erased.
        """
        purger = Purger(self.path, self.clock, self._database, self._indexer, self._recaller, self._journal)
        return purger.purge(Wish(ids, conversations, rewrite_backups, passphrases, elsewhere))

    def backups_holding_purged(self) -> list[Path]:
        """Backups on the profile's shelf that hold something that was ever purged, or that are damaged."""
        from memory_store.backups import purging

        with self._database.read() as connection:
            return purging.holding(self.path, undoing.purged(connection))

    def purge_backups(self, passphrases: Sequence[str] = ()) -> tuple[list[str], list[str]]:
        """Take everything that was ever purged out of the backups on the profile's shelf. The names of those that were
        rewritten, and of those left as they are: damaged, made by a newer mneme, or under another passphrase."""
        from memory_store.backups import purging
        from memory_store.purging.erasing import Needles

        with self._database.read() as connection:
            gone = undoing.purged(connection)
        return purging.rewrite(self.path, gone, Needles(()), journal=self._journal, now=self.clock(), opens=passphrases)

    # Conversations

    @in_one_transaction
    def rename_conversation(self, connection: Connection, id: str, title: str) -> Conversation:
        """Raises UnknownId, InvalidInput, SecretInWords."""
        title = self._screening.words(title)
        known, now = conversing.one(connection, id).id, self.clock()
        changes = conversing.rename(connection, known, title, now)
        self._note(connection, "rename_conversation", now, [known], changes)
        return conversing.one(connection, known)

    def archive_conversation(self, id: str) -> Conversation:
        """Take a conversation out of the list; it is recalled as before. What is said in it next puts it back.
        Raises UnknownId."""
        return self._archive(id, on=True)

    def unarchive_conversation(self, id: str) -> Conversation:
        """Undo :meth:`archive_conversation`. Raises UnknownId."""
        return self._archive(id, on=False)

    @in_one_transaction
    def _archive(self, connection: Connection, id: str, *, on: bool) -> Conversation:
        known, now = conversing.one(connection, id).id, self.clock()
        act = "archive_conversation" if on else "unarchive_conversation"
        self._note(connection, act, now, [known], conversing.archive(connection, known, now, on=on))
        return conversing.one(connection, known)

    @in_one_transaction
    def delete_conversation(self, connection: Connection, id: str) -> Conversation:
        """Forget a conversation and its turns, until :meth:`restore_conversation`, or until it is gone on with.
        Raises UnknownId."""
        known, now = conversing.one(connection, id).id, self.clock()
        self._note(connection, "delete_conversation", now, [known], conversing.put_away(connection, known, now))
        return conversing.one(connection, known)

    @in_one_transaction
    def restore_conversation(self, connection: Connection, id: str) -> Conversation:
        """Undo :meth:`delete_conversation`. Raises UnknownId."""
        known, now = conversing.one(connection, id).id, self.clock()
        self._note(connection, "restore_conversation", now, [known], conversing.bring_back(connection, known))
        return conversing.one(connection, known)
