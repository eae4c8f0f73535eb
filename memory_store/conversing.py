"""Conversations: begun, listed, renamed, deleted (which forgets, restorably) and brought back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from memory_store.database import plain_rows
from memory_store.errors import InvalidInput
from memory_store.journal.changes import Archived, Change, Retitled
from memory_store.reading import contains, conversation_seq_of
from memory_store.records import Conversation
from memory_store.schema import conversations, to_micros, turns
from memory_store.schema import titles as past_titles
from memory_store.writing import set_flag

TITLE_LENGTH = 60

_FIRST_WORDS = (
    select(func.substr(turns.c.text, 1, 200))
    .where(turns.c.conversation_seq == conversations.c.seq, turns.c.forgotten_at.is_(None))
    .order_by(turns.c.position)
    .limit(1)
    .scalar_subquery()
)
_PAST_TITLES = (
    "SELECT t.title FROM titles t JOIN conversations c ON c.seq = t.conversation_seq WHERE c.id = ? ORDER BY t.revision"
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


def rename(connection: Connection, id: str, title: str, now: datetime) -> list[Change]:
    """Raises InvalidInput. ``id``, here and below: a whole one."""
    line = " ".join(title.split())
    if not line or len(line) > 200 or not line.isprintable():
        raise InvalidInput("A title needs 1 to 200 printable characters.")
    return retitle(connection, id, line, now)


def titles(connection: Connection, id: str) -> list[str | None]:
    """Every title a conversation had, the present one last; empty for an unknown id. None: its first words."""
    past = plain_rows(connection, _PAST_TITLES, id)
    present = plain_rows(connection, "SELECT title FROM conversations WHERE id = ?", id)
    return [row[0] for row in (*past, *present)]


def retitle(connection: Connection, id: str, title: str | None, now: datetime) -> list[Change]:
    """Supersede a title; the one before is kept. ``id``: a whole one."""
    known = titles(connection, id)
    if known[-1] == title:
        return []
    seq = conversation_seq_of(connection, id)
    old = {"conversation_seq": seq, "revision": len(known) - 1, "title": known[-1], "superseded_at": now}
    connection.execute(insert(past_titles), old)
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(title=title))
    return [Retitled(id, len(known) - 1, len(known))]


def put_away(connection: Connection, id: str, now: datetime) -> list[Change]:
    """Archive a conversation and forget its turns."""
    # One instant for all: bringing it back restores these, and not what had been forgotten one by one before.
    when = connection.execute(select(conversations.c.archived_at).where(conversations.c.id == id)).scalar() or now
    forgotten = set_flag(connection, _turns_in(connection, id, None), "forgotten_at", when)
    return [*forgotten, *archive(connection, id, when)]


def bring_back(connection: Connection, id: str) -> list[Change]:
    """Undo :func:`put_away`."""
    when = connection.execute(select(conversations.c.archived_at).where(conversations.c.id == id)).scalar()
    if when is None:
        return []
    restored = set_flag(connection, _turns_in(connection, id, when), "forgotten_at", None)
    return [*restored, *archive(connection, id, None)]


def archive(connection: Connection, id: str, when: datetime | None) -> list[Change]:
    """Put a conversation out of the lists, or (None) back; its turns are left alone."""
    was = connection.execute(select(conversations.c.archived_at).where(conversations.c.id == id)).scalar()
    if was == when:
        return []
    connection.execute(update(conversations).where(conversations.c.id == id).values(archived_at=when))
    return [Archived(id, None if was is None else to_micros(was), None if when is None else to_micros(when))]


def _turns_in(connection: Connection, id: str, forgotten_at: datetime | None) -> list[int]:
    inside = conversations.c.id == id, turns.c.forgotten_at == forgotten_at
    return list(connection.execute(select(turns.c.seq).join(conversations).where(*inside)).scalars())
