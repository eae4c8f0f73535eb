"""Conversations: listed, renamed, branched off, archived, deleted (which forgets, restorably) and brought back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, true, update

from memory_store.database.base import plain_rows
from memory_store.episodic.reading import contains, conversation_seq_of, parts, seq_of, turns_by_seq
from memory_store.episodic.writing import set_flag
from memory_store.errors import InvalidInput
from memory_store.journal.changes import Added, Change, Marked, Retitled
from memory_store.records import Conversation
from memory_store.schema import conversations, to_micros, turns
from memory_store.schema import titles as past_titles

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
_PAST_TITLES = (
    "SELECT t.title FROM titles t JOIN conversations c ON c.seq = t.conversation_seq WHERE c.id = ? ORDER BY t.revision"
)
_ALL_TURNS = "SELECT t.seq FROM turns t JOIN conversations c ON c.seq = t.conversation_seq WHERE c.id = ?"
_TRUNKS = "SELECT seq, branched_from FROM conversations WHERE branched_from IS NOT NULL"
_trunk = conversations.alias("trunk")
_BRANCHED_FROM = select(_trunk.c.id).where(_trunk.c.seq == conversations.c.branched_from).scalar_subquery()
_SELECT = select(conversations, _FIRST_WORDS.label("first_words"), _BRANCHED_FROM.label("trunk_id"))


def _as_conversation(connection: Connection, row: Row[Any]) -> Conversation:
    title = row.title
    if title is None and row.branched_from is not None:
        title = _branch_title(connection, row.seq)
    title = title or shortened(row.first_words or "")
    return Conversation(
        row.id,
        title or "(empty)",
        row.created_at,
        row.updated_at,
        row.turns,
        row.archived_at is not None,
        row.deleted_at is not None,
        row.trunk_id,
        0 if row.branched_from is None else _shared(connection, row.seq),
    )


def _shared(connection: Connection, branch: int) -> int:
    """How many turns a branch begins with that others said."""
    beginning = list(parts(connection, branch))[1:]
    query = select(func.count()).select_from(turns).where(or_(*beginning))
    return int(connection.execute(query).scalar_one())


def shortened(words: str) -> str:
    """What serves as a title where nobody gave one."""
    line = " ".join(words.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def one(connection: Connection, id: str) -> Conversation:
    """Raises UnknownId, AmbiguousId."""
    seq = conversation_seq_of(connection, id)
    return _as_conversation(connection, connection.execute(_SELECT.where(conversations.c.seq == seq)).one())


def listed(
    connection: Connection, matching: str | None, archived: bool | None, deleted: bool | None, limit: int | None
) -> list[Conversation]:
    """Newest first; None asks for nothing. ``matching``: words that all occur in the title or in one of its turns."""
    query = _SELECT
    for wanted, when in ((archived, conversations.c.archived_at), (deleted, conversations.c.deleted_at)):
        if wanted is not None:
            query = query.where(when.is_not(None) if wanted else when.is_(None))
    for word in (matching or "").split():
        inside = turns.c.conversation_seq == conversations.c.seq
        shown = true() if deleted else turns.c.forgotten_at.is_(None)
        said = select(1).where(inside, shown, contains(turns.c.text, word))
        query = query.where(contains(conversations.c.title, word) | said.exists())
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.seq.desc()).limit(limit)
    return [_as_conversation(connection, row) for row in connection.execute(query).all()]


def branch(connection: Connection, id: str, after: str, now: datetime) -> list[Change]:
    """A new conversation ``id`` that begins with what was said up to a turn. Raises UnknownId, InvalidInput.

    Nothing is copied: the branch reads its beginning where it stands (docs/adr/0011).
    """
    last = turns_by_seq(connection, [seq := seq_of(connection, after)])[seq]
    if last.conversation_id is None:
        raise InvalidInput("A note belongs to no conversation, so none can branch off at it.")
    given = connection.execute(select(conversations.c.title).where(conversations.c.id == last.conversation_id)).scalar()
    title = None if given is None else _numbered(connection, given)
    connection.execute(insert(conversations), {"id": id, "title": title, "created_at": now, "updated_at": now})
    share(connection, id, last.id)
    return [Added((), (id,))]


def share(connection: Connection, id: str, after: str) -> None:
    """Let a conversation without turns begin with those up to ``after``; with none when there is no such turn."""
    place = connection.execute(select(turns.c.conversation_seq, turns.c.position).where(turns.c.id == after)).first()
    if place is not None:
        shared = {"branched_from": place.conversation_seq, "branched_position": place.position}
        connection.execute(update(conversations).where(conversations.c.id == id).values(shared))


def _branch_title(connection: Connection, seq: int) -> str:
    """First words and a number: how manieth branch it is of what they begin. Not stored: words stand in one place."""
    beginning = list(parts(connection, seq))[::-1]
    shown = select(func.substr(turns.c.text, 1, 200)).where(turns.c.forgotten_at.is_(None)).order_by(turns.c.position)
    words = (connection.execute(shown.where(inside).limit(1)).scalar() for inside in beginning)
    first = next(filter(None, words), "")
    trunks = dict(plain_rows(connection, _TRUNKS))
    same = [branch for branch in sorted(trunks) if _root(trunks, branch) == _root(trunks, seq)]
    return f"{shortened(first)} ({same.index(seq) + 2})" if first else ""


def _root(trunks: Mapping[int, int], seq: int) -> int:
    while seq in trunks:
        seq = trunks[seq]
    return seq


def stem_of(title: str) -> str:
    """A title without the number of a branch."""
    return re.sub(r" \(\d+\)$", "", title)


def _numbered(connection: Connection, title: str) -> str:
    """``title (2)``, or the first number above that is free."""
    stem = stem_of(title)[: MAX_TITLE - 8]
    taken: set[str] = set(connection.execute(select(conversations.c.title)).scalars())
    return next(name for n in itertools.count(2) if (name := f"{stem} ({n})") not in taken)


def rename(connection: Connection, id: str, title: str, now: datetime) -> list[Change]:
    """Raises InvalidInput. ``id``, here and below: a whole one."""
    line = " ".join(title.split())
    if not line or len(line) > MAX_TITLE or not line.isprintable():
        raise InvalidInput(f"A title needs 1 to {MAX_TITLE} printable characters.")
    return retitle(connection, id, line, now)


def titles(connection: Connection, id: str) -> list[str | None]:
    """Every title a conversation had, the present one last; empty for an unknown id. None: its first words."""
    past = plain_rows(connection, _PAST_TITLES, id)
    present = plain_rows(connection, "SELECT title FROM conversations WHERE id = ?", id)
    return [row[0] for row in (*past, *present)]


def retitle(connection: Connection, id: str, title: str | None, now: datetime) -> list[Change]:
    """Supersede a title; the one before is kept."""
    known = titles(connection, id)
    if known[-1] == title:
        return []
    seq = conversation_seq_of(connection, id)
    old = {"conversation_seq": seq, "revision": len(known) - 1, "title": known[-1], "superseded_at": now}
    connection.execute(insert(past_titles), old)
    connection.execute(update(conversations).where(conversations.c.seq == seq).values(title=title))
    return [Retitled(id, len(known) - 1, len(known))]


def archive(connection: Connection, id: str, now: datetime, *, on: bool) -> list[Change]:
    """Take a conversation out of the list, or put it back; it is recalled all the same."""
    if on and marked(connection, id, "archived_at") is not None:
        return []
    return mark(connection, id, "archived_at", now if on else None)


def put_away(connection: Connection, id: str, now: datetime) -> list[Change]:
    """Delete a conversation: forget its turns, restorably."""
    # One instant for all, and for these alone: bringing it back must not restore what had been forgotten one by one.
    inside = turns.join(conversations, conversations.c.seq == turns.c.conversation_seq)
    latest = select(func.max(turns.c.forgotten_at)).select_from(inside).where(conversations.c.id == id)
    before = connection.execute(latest).scalar()
    when = now if before is None else max(now, before + _JUST_AFTER)
    forgotten = set_flag(connection, _turns_in(connection, id, None), "forgotten_at", when)
    return [*forgotten, *mark(connection, id, "deleted_at", when)]


def bring_back(connection: Connection, id: str) -> list[Change]:
    """Undo :func:`put_away`."""
    when = marked(connection, id, "deleted_at")
    if when is None:
        return []
    restored = set_flag(connection, _turns_in(connection, id, when), "forgotten_at", None)
    return [*restored, *mark(connection, id, "deleted_at", None)]


def marked(connection: Connection, id: str, column: str) -> datetime | None:
    """When a conversation was archived or deleted (``column``: ``archived_at``, ``deleted_at``), if it is."""
    return connection.execute(select(conversations.c[column]).where(conversations.c.id == id)).scalar()


def mark(connection: Connection, id: str, column: str, when: datetime | None) -> list[Change]:
    """Archive or delete a conversation, or (None) bring it back; its turns are left alone."""
    was = marked(connection, id, column)
    if was == when:
        return []
    connection.execute(update(conversations).where(conversations.c.id == id).values({column: when}))
    return [Marked(column, id, None if was is None else to_micros(was), None if when is None else to_micros(when))]


def turns_in(connection: Connection, id: str) -> list[int]:
    """The inner numbers of all turns of a conversation itself, without what a branch shares."""
    return [row[0] for row in plain_rows(connection, _ALL_TURNS, id)]


def _turns_in(connection: Connection, id: str, forgotten_at: datetime | None) -> list[int]:
    inside = turns.join(conversations, conversations.c.seq == turns.c.conversation_seq)
    query = select(turns.c.seq).select_from(inside)
    return list(
        connection.execute(query.where(conversations.c.id == id, turns.c.forgotten_at == forgotten_at)).scalars()
    )
