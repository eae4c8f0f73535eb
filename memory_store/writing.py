"""Writes of the words. Each function is one step inside a transaction that the store has begun."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from memory_store import lexical
from memory_store.clock import in_utc
from memory_store.database import new_seq, plain_rows
from memory_store.errors import InvalidInput
from memory_store.ids import IdSource
from memory_store.reading import SELECT_TURNS
from memory_store.records import NewTurn, Recollection, TurnStatus
from memory_store.schema import (
    acts,
    conversations,
    from_micros,
    index_queue,
    ledger,
    revisions,
    speakers,
    turns,
    vectors,
)
from memory_store.standing import is_standing
from memory_store.words import accepted

SESSION_GAP = timedelta(hours=6)
"""A longer silence inside a conversation begins a new session: what was said before it is no neighbour."""

MAX_NAME = 200

_FIND_CONVERSATION = "SELECT seq FROM conversations WHERE id = ?"
_FIND_SPEAKER = "SELECT seq FROM speakers WHERE name = ?"
_LAST_TURN = "SELECT position, session, said_at FROM turns WHERE conversation_seq = ? ORDER BY position DESC LIMIT 1"
_GROW = (
    update(conversations)
    .where(conversations.c.seq == bindparam("conversation"))
    .values(turns=conversations.c.turns + 1, updated_at=bindparam("said_at"), archived_at=None)
)
_INSERT_TURN = insert(turns)
_INSERT_QUEUE = insert(index_queue)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to."""

    seq: int
    new: bool


def write_turn(connection: Connection, turn: NewTurn, now: datetime, ids: IdSource) -> Written:
    """One turn with its place, its full-text row and its place in the index queue. Raises InvalidInput.

    A turn that is known already, by its id or by its conversation, source id and words, is left as it is.
    """
    words, speaker = accepted(turn.text), named(turn.speaker, "speaker")
    for given, what in ((turn.id, "memory's id"), (turn.source_id, "source id")):
        if given is not None:
            named(given, what)
    if turn.status not in get_args(TurnStatus):
        raise InvalidInput(f"A turn's status is {' or '.join(get_args(TurnStatus))}.")
    said_at = in_utc(turn.said_at) if turn.said_at is not None else now
    conversation = _conversation(connection, turn.conversation, said_at)
    known = _known(connection, turn, conversation)
    if known is not None:
        return Written(known, new=False)
    position, session = _place(connection, conversation, said_at)
    row = connection.execute(
        _INSERT_TURN,
        {
            "id": turn.id or ids(),
            "conversation_seq": conversation,
            "position": position,
            "session": session,
            "speaker_seq": _speaker(connection, speaker),
            "text": words,
            "said_at": said_at,
            "recorded_at": now,
            "source_id": turn.source_id,
            "status": turn.status,
            "standing": int(is_standing(words)),
            "pinned_at": now if turn.pinned else None,
            "forgotten_at": now if turn.forgotten else None,
            "revision": len(turn.revisions),
        },
    )
    seq = new_seq(row)
    lexical.add(connection, [(seq, lexical.key_of(words, speaker, said_at))])
    connection.execute(_INSERT_QUEUE, {"turn_seq": seq, "op": "upsert"})
    if conversation is not None:
        connection.execute(_GROW, {"conversation": conversation, "said_at": said_at})
    for revision in turn.revisions:
        _keep_revision(connection, seq, revision.revision, revision.text, in_utc(revision.superseded_at))
    return Written(seq, new=True)


def named(name: str, what: str) -> str:
    """``name`` when it can name a speaker, a conversation or a source. Raises InvalidInput."""
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInput(f"A {what} needs 1 to {MAX_NAME} printable characters.")
    return name


def ensure_conversation(connection: Connection, id: str, now: datetime, title: str | None = None) -> int:
    """The inner number of conversation ``id``, which is begun when there is none."""
    found = plain_rows(connection, _FIND_CONVERSATION, id)
    if found:
        return int(found[0][0])
    if title is not None:
        named(title, "title")
    row = connection.execute(
        insert(conversations), {"id": named(id, "conversation"), "title": title, "created_at": now, "updated_at": now}
    )
    return new_seq(row)


def _conversation(connection: Connection, id: str | None, now: datetime) -> int | None:
    return None if id is None else ensure_conversation(connection, id, now)


def _known(connection: Connection, turn: NewTurn, conversation: int | None) -> int | None:
    if turn.id is not None:
        found = connection.execute(select(turns.c.seq).where(turns.c.id == turn.id)).scalar()
        if found is not None:
            return int(found)
    if turn.source_id is None:
        return None
    same = connection.execute(
        select(turns.c.seq, turns.c.text, revisions.c.text.label("first_text"))
        .outerjoin(revisions, (revisions.c.turn_seq == turns.c.seq) & (revisions.c.revision == 0))
        .where(turns.c.conversation_seq.is_not_distinct_from(conversation), turns.c.source_id == turn.source_id)
    )
    # Its first wording counts too: an import that comes again must not bring back what was edited since.
    return next((row.seq for row in same if turn.text in (row.text, row.first_text)), None)


def _place(connection: Connection, conversation: int | None, said_at: datetime) -> tuple[int, int]:
    if conversation is None:
        return 0, 0
    last = plain_rows(connection, _LAST_TURN, conversation)
    if not last:
        return 0, 0
    position, session, before = last[0]
    return position + 1, session + (abs(said_at - from_micros(before)) > SESSION_GAP)


def _speaker(connection: Connection, name: str) -> int:
    found = plain_rows(connection, _FIND_SPEAKER, name)
    if found:
        return int(found[0][0])
    return new_seq(connection.execute(insert(speakers), {"name": name}))


def write_ledger(
    connection: Connection, reply_seq: int, recalled: Sequence[Recollection], in_prompt: Collection[str]
) -> None:
    """Keep what was recalled for a reply. Memories purged in the meantime keep their id only."""
    if not recalled:
        return
    found = connection.execute(
        select(turns.c.id, turns.c.seq).where(turns.c.id.in_([item.memory.id for item in recalled]))
    )
    seqs: dict[str, int] = {row.id: row.seq for row in found}
    connection.execute(
        insert(ledger),
        [
            {
                "reply_seq": reply_seq,
                "rank": rank,
                "memory_seq": seqs.get(item.memory.id),
                "memory_id": item.memory.id,
                "score": item.score,
                "reasons": json.dumps(dict(item.reasons)),
                "in_prompt": int(item.memory.id in in_prompt),
            }
            for rank, item in enumerate(recalled, start=1)
        ],
    )


def reword(connection: Connection, seq: int, text: str, now: datetime) -> bool:
    """Supersede a wording; everything derived from the old one goes with it. False when nothing changed."""
    words = accepted(text)
    row = connection.execute(SELECT_TURNS.where(turns.c.seq == seq)).one()
    if row.text == words:
        return False
    _keep_revision(connection, seq, row.revision, row.text, now)
    connection.execute(
        update(turns)
        .where(turns.c.seq == seq)
        .values(text=words, revision=row.revision + 1, standing=int(is_standing(words)))
    )
    lexical.remove(connection, [_key(row)])
    lexical.add(connection, [(seq, lexical.key_of(words, row.name, row.said_at))])
    connection.execute(delete(vectors).where(vectors.c.turn_seq == seq))
    enqueue(connection, [seq], "upsert")
    note_act(connection, now, "edit", [row.id])
    return True


def _keep_revision(connection: Connection, seq: int, number: int, text: str, superseded_at: datetime) -> None:
    connection.execute(
        insert(revisions), {"turn_seq": seq, "revision": number, "text": text, "superseded_at": superseded_at}
    )


def _key(row: Row[Any]) -> tuple[int, str]:
    return row.seq, lexical.key_of(row.text, row.name, row.said_at)


def set_flag(connection: Connection, seqs: Sequence[int], column: str, value: datetime | None) -> None:
    """Pin, unpin, forget or restore: ``column`` is ``pinned_at`` or ``forgotten_at``."""
    for start in range(0, len(seqs), 5000):
        part = seqs[start : start + 5000]
        connection.execute(update(turns).where(turns.c.seq.in_(part)).values({column: value}))


def enqueue(connection: Connection, seqs: Iterable[int], op: str) -> None:
    """Ask the indexer to bring these turns up to date."""
    rows = [{"turn_seq": seq, "op": op} for seq in seqs]
    if rows:
        connection.execute(_INSERT_QUEUE, rows)


def note_act(connection: Connection, now: datetime, act: str, subjects: Sequence[str]) -> None:
    """An audit line: what was done to which ids, and when; never the words."""
    connection.execute(insert(acts), {"at": now, "act": act, "subjects": json.dumps(list(subjects))})
