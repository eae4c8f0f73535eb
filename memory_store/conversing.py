"""Conversations: begun, listed, renamed, deleted (which forgets, restorably) and brought back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from memory_store.errors import InvalidInput
from memory_store.reading import contains, conversation_seq_of
from memory_store.records import Conversation
from memory_store.schema import conversations, turns
from memory_store.writing import note_act

TITLE_LENGTH = 60

_FIRST_WORDS = (
    select(func.substr(turns.c.text, 1, 200))
    .where(turns.c.conversation_seq == conversations.c.seq, turns.c.forgotten_at.is_(None))
    .order_by(turns.c.position)
    .limit(1)
    .scalar_subquery()
)
_SELECT = select(conversations, _FIRST_WORDS.label("first_words"))


def _as_conversation(row: Row[Any]) -> Conversation:
    title = row.title or _shortened(row.first_words or "")
    return Conversation(
        row.id, title or "(empty)", row.created_at, row.updated_at, row.turns, row.archived_at is not None
    )


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def one(connection: Connection, id: str) -> Conversation:
    """Raises UnknownId, AmbiguousId."""
    seq = conversation_seq_of(connection, id)
    return _as_conversation(connection.execute(_SELECT.where(conversations.c.seq == seq)).one())


def listed(
    connection: Connection, matching: str | None, archived: bool | None, limit: int | None
) -> list[Conversation]:
    """Newest first. ``matching``: words that all occur in the title or in one of its turns."""
    query = _SELECT
    if archived is not None:
        when = conversations.c.archived_at
        query = query.where(when.is_not(None) if archived else when.is_(None))
    for word in (matching or "").split():
        said = select(1).where(turns.c.conversation_seq == conversations.c.seq, contains(turns.c.text, word))
        query = query.where(contains(conversations.c.title, word) | said.exists())
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.seq.desc()).limit(limit)
    return [_as_conversation(row) for row in connection.execute(query)]


def rename(connection: Connection, id: str, title: str, now: datetime) -> None:
    """Raises UnknownId, InvalidInput."""
    line = " ".join(title.split())
    if not line or len(line) > 200 or not line.isprintable():
        raise InvalidInput("A title needs 1 to 200 printable characters.")
    seq = conversation_seq_of(connection, id)
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(title=line))
    note_act(connection, now, "rename_conversation", [id])


def put_away(connection: Connection, id: str, now: datetime) -> None:
    """Archive a conversation and forget its turns. Raises UnknownId."""
    seq = conversation_seq_of(connection, id)
    inside = turns.c.conversation_seq == seq
    # One instant for all: bringing it back restores these, and not what had been forgotten one by one before.
    connection.execute(update(turns).where(inside, turns.c.forgotten_at.is_(None)).values(forgotten_at=now))
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(archived_at=now))
    note_act(connection, now, "delete_conversation", [id])


def bring_back(connection: Connection, id: str, now: datetime) -> None:
    """Undo :func:`put_away`. Raises UnknownId."""
    seq = conversation_seq_of(connection, id)
    when = connection.execute(select(conversations.c.archived_at).where(conversations.c.seq == seq)).scalar()
    if when is None:
        return
    inside = turns.c.conversation_seq == seq
    connection.execute(update(turns).where(inside, turns.c.forgotten_at == when).values(forgotten_at=None))
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(archived_at=None))
    note_act(connection, now, "restore_conversation", [id])
