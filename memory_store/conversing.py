"""Conversations: listed, renamed, branched off, archived, deleted (which forgets, restorably) and brought back."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from memory_store.errors import InvalidInput
from memory_store.reading import contains, conversation_seq_of, seq_of, turns_by_seq
from memory_store.records import Conversation
from memory_store.schema import conversations, turns
from memory_store.writing import note_act

TITLE_LENGTH = 60
_JUST_AFTER = timedelta(microseconds=1)
MAX_TITLE = 200

_FIRST_WORDS = (
    select(func.substr(turns.c.text, 1, 200))
    .where(
        turns.c.conversation_seq == conversations.c.seq,
        turns.c.forgotten_at.is_(None) | (turns.c.forgotten_at == conversations.c.deleted_at),
    )
    .order_by(turns.c.position)
    .limit(1)
    .scalar_subquery()
)
_trunk = conversations.alias("trunk")
_BRANCHED_FROM = select(_trunk.c.id).where(_trunk.c.seq == conversations.c.branched_from).scalar_subquery()
_SELECT = select(conversations, _FIRST_WORDS.label("first_words"), _BRANCHED_FROM.label("trunk_id"))


def _as_conversation(row: Row[Any]) -> Conversation:
    title = row.title or _shortened(row.first_words or "")
    return Conversation(
        row.id,
        title or "(empty)",
        row.created_at,
        row.updated_at,
        row.turns,
        row.archived_at is not None,
        row.deleted_at is not None,
        row.trunk_id,
    )


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def one(connection: Connection, id: str) -> Conversation:
    """Raises UnknownId, AmbiguousId."""
    seq = conversation_seq_of(connection, id)
    return _as_conversation(connection.execute(_SELECT.where(conversations.c.seq == seq)).one())


def listed(
    connection: Connection, matching: str | None, archived: bool | None, deleted: bool | None, limit: int | None
) -> list[Conversation]:
    """Newest first; None asks for nothing. ``matching``: words that all occur in the title or in one of its turns."""
    query = _SELECT
    for wanted, when in ((archived, conversations.c.archived_at), (deleted, conversations.c.deleted_at)):
        if wanted is not None:
            query = query.where(when.is_not(None) if wanted else when.is_(None))
    for word in (matching or "").split():
        said = select(1).where(turns.c.conversation_seq == conversations.c.seq, contains(turns.c.text, word))
        query = query.where(contains(conversations.c.title, word) | said.exists())
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.seq.desc()).limit(limit)
    return [_as_conversation(row) for row in connection.execute(query)]


def branch(connection: Connection, id: str, after: str, now: datetime) -> None:
    """A new conversation ``id`` that begins with what was said up to a turn. Raises UnknownId, InvalidInput.

    Nothing is copied: the branch reads its beginning where it stands (docs/adr/0011).
    """
    last = turns_by_seq(connection, [seq := seq_of(connection, after)])[seq]
    if last.conversation_id is None:
        raise InvalidInput("A note belongs to no conversation, so none can branch off at it.")
    trunk = one(connection, last.conversation_id)
    title = _branch_title(connection, trunk.title)
    connection.execute(insert(conversations), {"id": id, "title": title, "created_at": now, "updated_at": now})
    share(connection, id, last.id)
    note_act(connection, now, "branch_conversation", [id, trunk.id])


def share(connection: Connection, id: str, after: str) -> None:
    """Let a conversation without turns begin with those up to ``after``; with none when there is no such turn."""
    place = connection.execute(select(turns.c.conversation_seq, turns.c.position).where(turns.c.id == after)).first()
    if place is not None:
        shared = {"branched_from": place.conversation_seq, "branched_position": place.position}
        connection.execute(update(conversations).where(conversations.c.id == id).values(shared))


def _branch_title(connection: Connection, title: str) -> str:
    """``title (2)``, or the first number above that is free."""
    stem = re.sub(r" \(\d+\)$", "", title)[: MAX_TITLE - 8]
    taken: set[str] = set(connection.execute(select(conversations.c.title)).scalars())
    return next(name for n in itertools.count(2) if (name := f"{stem} ({n})") not in taken)


def rename(connection: Connection, id: str, title: str, now: datetime) -> None:
    """Raises UnknownId, InvalidInput."""
    line = " ".join(title.split())
    if not line or len(line) > MAX_TITLE or not line.isprintable():
        raise InvalidInput(f"A title needs 1 to {MAX_TITLE} printable characters.")
    seq = conversation_seq_of(connection, id)
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(title=line))
    note_act(connection, now, "rename_conversation", [id])


def archive(connection: Connection, id: str, now: datetime, *, on: bool) -> None:
    """Take a conversation out of the list, or put it back; it is recalled all the same. Raises UnknownId."""
    seq = conversation_seq_of(connection, id)
    when = conversations.c.archived_at
    changes = update(conversations).where(conversations.c.seq == seq, when.is_(None) if on else when.is_not(None))
    if connection.execute(changes.values(archived_at=now if on else None)).rowcount:
        note_act(connection, now, "archive_conversation" if on else "unarchive_conversation", [id])


def put_away(connection: Connection, id: str, now: datetime) -> None:
    """Delete a conversation: forget its turns, restorably. Raises UnknownId."""
    seq = conversation_seq_of(connection, id)
    inside = turns.c.conversation_seq == seq
    # One instant for all, and for these alone: bringing it back must not restore what had been forgotten one by one.
    before = connection.execute(select(func.max(turns.c.forgotten_at)).where(inside)).scalar()
    when = now if before is None else max(now, before + _JUST_AFTER)
    connection.execute(update(turns).where(inside, turns.c.forgotten_at.is_(None)).values(forgotten_at=when))
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(deleted_at=when))
    note_act(connection, now, "delete_conversation", [id])


def bring_back(connection: Connection, id: str, now: datetime) -> None:
    """Undo :func:`put_away`. Raises UnknownId."""
    seq = conversation_seq_of(connection, id)
    when = connection.execute(select(conversations.c.deleted_at).where(conversations.c.seq == seq)).scalar()
    if when is None:
        return
    inside = turns.c.conversation_seq == seq
    connection.execute(update(turns).where(inside, turns.c.forgotten_at == when).values(forgotten_at=None))
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(deleted_at=None))
    note_act(connection, now, "restore_conversation", [id])
