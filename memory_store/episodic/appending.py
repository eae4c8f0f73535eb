"""A turn on its way in: one step of a transaction that the store has begun.

This is the path that the user waits for, so it speaks plain SQL: what SQLAlchemy's expressions cost on top is as
much as the whole write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection

from memory_store.clock import in_utc
from memory_store.database.base import change_rows, insert_row, plain_rows
from memory_store.episodic import lexical
from memory_store.episodic.reading import turns_by_seq
from memory_store.episodic.screening import Screening
from memory_store.errors import InvalidInput
from memory_store.ids import IdSource
from memory_store.language.standing import is_standing
from memory_store.language.words import accepted
from memory_store.records import NewTurn, Turn, TurnStatus
from memory_store.schema import to_micros

SESSION_GAP = timedelta(hours=6)
"""A longer silence inside a conversation begins a new session: what was said before it is no neighbour."""

_GAP = SESSION_GAP // timedelta(microseconds=1)

MAX_NAME = 200
MAX_FOREIGN = 1_000

_CONVERSATION = "SELECT seq FROM conversations WHERE id = ?"
_SPEAKER = "SELECT seq FROM speakers WHERE name = ?"
_BRANCHED = "SELECT branched_position FROM conversations WHERE seq = ?"
_LAST_TURN = "SELECT position, session, said_at FROM turns WHERE conversation_seq = ? ORDER BY position DESC LIMIT 1"
_SAME_ID = "SELECT seq FROM turns WHERE id = ?"
_SAME_SOURCE = (
    "SELECT t.seq FROM turns t LEFT JOIN revisions r ON r.turn_seq = t.seq AND r.revision = 0"
    " WHERE t.source_id = ? AND ? IN (t.text, r.text) AND t.conversation_seq"
)
_INSERT_CONVERSATION = "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)"
_INSERT_SPEAKER = "INSERT INTO speakers (name) VALUES (?)"
_INSERT_TURN = (
    "INSERT INTO turns (id, conversation_seq, position, session, speaker_seq, text, said_at, recorded_at, source_id,"
    " status, standing, pinned_at, forgotten_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_REVISION = "INSERT INTO revisions (turn_seq, revision, text, superseded_at) VALUES (?, ?, ?, ?)"
_ENQUEUE = "INSERT INTO index_queue (turn_seq, op) VALUES (?, 'upsert')"
_GROW = "UPDATE conversations SET turns = turns + ?, updated_at = ?, archived_at = NULL WHERE seq = ?"
_DELETED = "SELECT deleted_at FROM conversations WHERE seq = ? AND deleted_at IS NOT NULL"
_UNFORGET = "UPDATE turns SET forgotten_at = NULL WHERE conversation_seq = ? AND forgotten_at = ?"
_UNDELETE = "UPDATE conversations SET deleted_at = NULL WHERE seq = ?"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to."""

    seq: int
    """Inner number of the turn: the key of its row, by which vectors and full text know it. Nobody is shown it."""
    turn: Turn
    new: bool


def write_turn(connection: Connection, turn: NewTurn, now: datetime, ids: IdSource, screening: Screening) -> Written:
    """One turn with its place, its full-text row and its place in the index queue. Raises InvalidInput, SecretInWords.

    A turn that is known already, by its id or by its conversation, source id and words, is left as it is.
    """
    batch = Batch(connection, ids, screening)
    written = batch.write(turn, now)
    batch.finish()
    return written


@dataclass(slots=True)
class _Thread:
    """A conversation that is written to: its number, and where its last turn stands."""

    seq: int
    position: int
    session: int
    said_at: int
    added: int = 0


class Batch:
    """Turns on their way in together: what one has looked up, the next need not, and nobody else can change it, because
    the transaction holds the write lock. :meth:`finish` it in the same transaction."""

    def __init__(self, connection: Connection, ids: IdSource, screening: Screening) -> None:
        self._connection = connection
        self._ids = ids
        self._screening = screening
        self._threads: dict[str, _Thread] = {}
        self._speakers: dict[str, int] = {}
        self._keys: list[tuple[int, str]] = []
        """Inner number and what full-text search is given (:func:`lexical.key_of`), of every turn that was new."""

    def write(self, turn: NewTurn, now: datetime) -> Written:
        """As :func:`write_turn`. Raises InvalidInput, SecretInWords."""
        _check(turn)
        turn = self._screening.turn(turn)
        said_at = now if turn.said_at is None else in_utc(turn.said_at)
        thread = None if turn.conversation is None else self._thread(turn.conversation, said_at)
        known = _known(self._connection, turn, None if thread is None else thread.seq)
        if known is not None:
            return Written(known, turns_by_seq(self._connection, [known])[known], new=False)
        position, session = 0, 0
        if thread is not None:
            position, session = _next_place(thread, to_micros(said_at))
        record = _record(turn, turn.id or self._ids(), position, said_at)
        seq = self._insert(record, None if thread is None else thread.seq, session, now)
        for revision in turn.revisions:
            superseded = to_micros(in_utc(revision.superseded_at))
            row = (seq, revision.revision, revision.text, superseded)
            change_rows(self._connection, _INSERT_REVISION, [row])
        return Written(seq, record, new=True)

    def finish(self) -> None:
        """What is written once for all of them: full-text rows, the index queue, and how the conversations grew."""
        lexical.add(self._connection, self._keys)
        change_rows(self._connection, _ENQUEUE, [(seq,) for seq, _ in self._keys])
        grown = [(thread.added, thread.said_at, thread.seq) for thread in self._threads.values() if thread.added]
        change_rows(self._connection, _GROW, grown)
        for _, _, seq in grown:
            # Who goes on with a deleted conversation has it back whole, not its new words alone.
            for (deleted_at,) in plain_rows(self._connection, _DELETED, seq):
                change_rows(self._connection, _UNFORGET, [(seq, deleted_at)])
                change_rows(self._connection, _UNDELETE, [(seq,)])

    def _thread(self, id: str, said_at: datetime) -> _Thread:
        known = self._threads.get(id)
        if known is None:
            seq = ensure_conversation(self._connection, id, said_at)
            last = plain_rows(self._connection, _LAST_TURN, seq)
            known = self._threads[id] = _Thread(seq, *(last[0] if last else self._beginning(seq, said_at)))
        return known

    def _beginning(self, seq: int, said_at: datetime) -> tuple[int, int, int]:
        """Where the first turn of a conversation follows: nowhere, or in a branch behind what it shares."""
        [(branched,)] = plain_rows(self._connection, _BRANCHED, seq)
        return -1 if branched is None else branched, 0, to_micros(said_at)

    def _insert(self, turn: Turn, conversation: int | None, session: int, now: datetime) -> int:
        said_at, recorded_at = to_micros(turn.said_at), to_micros(now)
        if turn.speaker not in self._speakers:
            self._speakers[turn.speaker] = _speaker(self._connection, turn.speaker)
        seq = insert_row(
            self._connection,
            _INSERT_TURN,
            turn.id,
            conversation,
            turn.position,
            session,
            self._speakers[turn.speaker],
            turn.text,
            said_at,
            recorded_at,
            turn.source_id,
            turn.status,
            int(is_standing(turn.text)),
            recorded_at if turn.pinned else None,
            recorded_at if turn.forgotten else None,
            turn.revision,
        )
        self._keys.append((seq, lexical.key_of(turn.text, turn.speaker, turn.said_at)))
        return seq


def _next_place(thread: _Thread, said_at: int) -> tuple[int, int]:
    """Position and session of the next turn of a conversation, which has it from now on."""
    first = thread.position < 0
    thread.session += not first and abs(said_at - thread.said_at) > _GAP
    thread.position += 1
    thread.said_at = said_at
    thread.added += 1
    return thread.position, thread.session


def _record(turn: NewTurn, id: str, position: int, said_at: datetime) -> Turn:
    return Turn(
        id=id,
        conversation_id=turn.conversation,
        position=position,
        speaker=turn.speaker,
        text=turn.text,
        said_at=said_at,
        source_id=turn.source_id,
        status=turn.status,
        pinned=turn.pinned,
        forgotten=turn.forgotten,
        revision=len(turn.revisions),
    )


def _check(turn: NewTurn) -> None:
    accepted(turn.text)
    named(turn.speaker, "speaker")
    if turn.id is not None:
        named(turn.id, "memory's id")
    if turn.source_id is not None:
        _kept_as_it_is(turn.source_id, "source id")
    if turn.status not in get_args(TurnStatus):
        raise InvalidInput(f"A turn's status is {' or '.join(get_args(TurnStatus))}.")


def named(name: str, what: str) -> str:
    """``name`` when it can name a speaker, a conversation or a source. Raises InvalidInput."""
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInput(f"A {what} needs 1 to {MAX_NAME} printable characters.")
    return name


def _kept_as_it_is(text: str, what: str) -> None:
    """Other programs' ids and titles are theirs: anything goes that can be stored and is not a book."""
    if not text or len(text) > MAX_FOREIGN or any("\ud800" <= mark <= "\udfff" for mark in text):
        raise InvalidInput(f"A {what} needs 1 to {MAX_FOREIGN} characters of valid Unicode.")


def ensure_conversation(connection: Connection, id: str, now: datetime, title: str | None = None) -> int:
    """The inner number of conversation ``id``, which is begun when there is none. Raises InvalidInput."""
    found = plain_rows(connection, _CONVERSATION, id)
    if found:
        return int(found[0][0])
    if title is not None:
        _kept_as_it_is(title, "title")
    began = to_micros(now)
    return insert_row(connection, _INSERT_CONVERSATION, named(id, "conversation"), title, began, began)


def _known(connection: Connection, turn: NewTurn, conversation: int | None) -> int | None:
    found = plain_rows(connection, _SAME_ID, turn.id) if turn.id is not None else ()
    if not found and turn.source_id is not None:
        # Its first wording counts too: an import that comes again must not bring back what was edited since.
        same = (turn.source_id, turn.text)
        if conversation is None:
            found = plain_rows(connection, f"{_SAME_SOURCE} IS NULL", *same)
        else:
            found = plain_rows(connection, f"{_SAME_SOURCE} = ?", *same, conversation)
    return int(found[0][0]) if found else None


def _speaker(connection: Connection, name: str) -> int:
    found = plain_rows(connection, _SPEAKER, name)
    return int(found[0][0]) if found else insert_row(connection, _INSERT_SPEAKER, name)
