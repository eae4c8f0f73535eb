"""Reads of the words: rows of the record of truth as records. Functions of a connection; they change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, true
from sqlalchemy import text as sql

from memory_store.database.base import plain_rows
from memory_store.episodic.lexical import key_of
from memory_store.errors import AmbiguousId, UnknownId
from memory_store.records import LedgerEntry, Revision, Turn
from memory_store.retention.usage import NONE, Uses
from memory_store.schema import conflicts, conversations, feedback, from_micros, ledger, revisions, speakers, turns

SHORTEST_PREFIX = 4

NAMED = "coalesce(s.name, 'unknown ' || t.speaker_seq)"
"""The name of a speaker. Where its row is lost the words are there all the same, and `check --repair` names it so."""

_COLUMNS = (
    turns.c.seq,
    turns.c.id,
    conversations.c.id.label("conversation_id"),
    turns.c.position,
    func.coalesce(speakers.c.name, sql("'unknown ' || turns.speaker_seq")).label("name"),
    turns.c.text,
    turns.c.said_at,
    turns.c.source_id,
    turns.c.status,
    turns.c.pinned_at,
    turns.c.forgotten_at,
    turns.c.revision,
)
_RECALLED = (ledger.c.reasons != "{}") | (ledger.c.cited == 1)
"""What only stood in a prompt because it was pinned is kept for the audit: it was not recalled, and not used."""
_JOINED = turns.outerjoin(speakers).outerjoin(conversations)
SELECT_TURNS: Select[Any] = select(*_COLUMNS).select_from(_JOINED)
_BY_SEQ = (
    f"SELECT t.seq, t.id, c.id, t.position, {NAMED}, t.text, t.said_at, t.source_id, t.status,"
    " t.pinned_at IS NOT NULL, t.forgotten_at IS NOT NULL, t.revision"
    " FROM (@numbers) j @then turns t ON t.seq = j.value LEFT JOIN speakers s ON s.seq = t.speaker_seq"
    " LEFT JOIN conversations c ON c.seq = t.conversation_seq"
)


def as_turn(row: Row[Any]) -> Turn:
    """A row of :data:`SELECT_TURNS` as a record."""
    return Turn(
        id=row.id,
        conversation_id=row.conversation_id,
        position=row.position,
        speaker=row.name,
        text=row.text,
        said_at=row.said_at,
        source_id=row.source_id,
        status=row.status,
        pinned=row.pinned_at is not None,
        forgotten=row.forgotten_at is not None,
        revision=row.revision,
    )


def turns_by_seq(connection: Connection, seqs: Iterable[int]) -> dict[int, Turn]:
    """The turns that exist, by their inner number."""
    return {row[0]: _plain_turn(row) for row in plain_rows(connection, _BY_SEQ, json.dumps([*seqs]))}


def _plain_turn(row: tuple[Any, ...]) -> Turn:
    """A row of :data:`_BY_SEQ`: what every recall ends with, so without the cost of SQLAlchemy's rows."""
    own_id, conversation, position, speaker, text, said_at, source, status, pinned, forgotten, revision = row[1:]
    return Turn(
        id=own_id,
        conversation_id=conversation,
        position=position,
        speaker=speaker,
        text=text,
        said_at=from_micros(said_at),
        source_id=source,
        status=status,
        pinned=bool(pinned),
        forgotten=bool(forgotten),
        revision=revision,
    )


def seq_of(connection: Connection, id: str) -> int:
    """The inner number of the memory whose id is, or uniquely begins with, ``id``. Raises UnknownId, AmbiguousId."""
    return _resolve(connection, turns, id, "memory", "mneme memory list")


def conversation_seq_of(connection: Connection, id: str) -> int:
    """The inner number of a conversation, in the same way."""
    return _resolve(connection, conversations, id, "conversation", "mneme conversations list")


def _resolve(connection: Connection, table: Any, id: str, what: str, where: str) -> int:
    exact = connection.execute(select(table.c.seq).where(table.c.id == id)).scalar()
    if exact is not None:
        return int(exact)
    if len(id) >= SHORTEST_PREFIX:
        # A range, not LIKE: it uses the index and takes % and _ for what they are.
        within = and_(table.c.id >= id, table.c.id < id + "\U0010ffff")
        found = connection.execute(select(table.c.seq, table.c.id).where(within).limit(3)).all()
        if len(found) == 1:
            return int(found[0].seq)
        if found:
            some = ", ".join(row.id for row in found[:2])
            raise AmbiguousId(f"More than one {what} begins with '{_shown(id)}' ({some}…). Give more of the id.")
    raise UnknownId(f"There is no {what} '{_shown(id)}'. See '{where}'.")


def _shown(id: str) -> str:
    return "".join(mark if mark.isprintable() else "?" for mark in id[:40])


def select_memories(
    connection: Connection,
    *,
    conversation: str | None,
    speaker: str | None,
    notes: bool | None,
    pinned: bool | None,
    forgotten: bool | None,
    after: datetime | None,
    before: datetime | None,
    matching: str | None,
    limit: int | None,
    offset: int,
    newest_first: bool,
) -> list[Turn]:
    """Memories that meet every condition given; None asks for nothing. Raises UnknownId."""
    conditions: list[ColumnElement[bool]] = [true()]
    if conversation is not None:
        conditions.append(turns.c.conversation_seq == conversation_seq_of(connection, conversation))
    if speaker is not None:
        conditions.append(func.folded(speakers.c.name) == speaker.casefold())
    if notes is not None:
        conditions.append(turns.c.conversation_seq.is_(None) if notes else turns.c.conversation_seq.is_not(None))
    if pinned is not None:
        conditions.append(turns.c.pinned_at.is_not(None) if pinned else turns.c.pinned_at.is_(None))
    if forgotten is not None:
        conditions.append(turns.c.forgotten_at.is_not(None) if forgotten else turns.c.forgotten_at.is_(None))
    if after is not None:
        conditions.append(turns.c.said_at >= after)
    if before is not None:
        conditions.append(turns.c.said_at < before)
    conditions += [contains(turns.c.text, word) for word in (matching or "").split()]
    keys = (turns.c.said_at, turns.c.seq)
    order = [key.desc() if newest_first else key.asc() for key in keys]
    query = SELECT_TURNS.where(*conditions).order_by(*order).limit(limit).offset(offset)
    return [as_turn(row) for row in connection.execute(query)]


def contains(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """Whether ``word`` stands in ``column``, case ignored."""
    return func.instr(func.folded(column), word.casefold()) > 0


def history(
    connection: Connection,
    conversation: str,
    limit: int | None,
    before: int | None = None,
    *,
    forgotten: bool = False,
) -> list[Turn]:
    """The last ``limit`` turns of a conversation (before a position), in order, with what a branch shares; those that
    are forgotten only when asked for. Raises UnknownId."""
    found: list[Turn] = []
    for inside in parts(connection, conversation_seq_of(connection, conversation)):
        query = SELECT_TURNS.where(
            inside,
            true() if forgotten else turns.c.forgotten_at.is_(None),
            true() if before is None else turns.c.position < before,
        ).order_by(turns.c.position.desc())
        if limit is not None:
            query = query.limit(limit - len(found))
        found += [as_turn(row) for row in connection.execute(query)]
        if len(found) == limit:
            break
    return found[::-1]


def parts(connection: Connection, conversation: int) -> Iterator[ColumnElement[bool]]:
    """Where the turns of a conversation stand, its own first; then, in a branch, what it begins with."""
    yield turns.c.conversation_seq == conversation
    trunk = select(conversations.c.branched_from, conversations.c.branched_position)
    seq, position = connection.execute(trunk.where(conversations.c.seq == conversation)).one()
    while seq is not None:
        yield and_(turns.c.conversation_seq == seq, turns.c.position <= position)
        seq, position = connection.execute(trunk.where(conversations.c.seq == seq)).one()


def context(connection: Connection, id: str, before: int, after: int) -> list[Turn]:
    """The turns around a memory in its conversation that are not forgotten, and itself, in order. Raises UnknownId."""
    seq = seq_of(connection, id)
    shown = or_(turns.c.forgotten_at.is_(None), turns.c.seq == seq)
    row = connection.execute(select(turns.c.conversation_seq, turns.c.position).where(turns.c.seq == seq)).one()
    if row.conversation_seq is None:
        return [turns_by_seq(connection, [seq])[seq]]
    earlier: list[Turn] = []
    for inside in parts(connection, row.conversation_seq):
        query = SELECT_TURNS.where(inside, shown, turns.c.position <= row.position).order_by(turns.c.position.desc())
        earlier += [as_turn(found) for found in connection.execute(query.limit(before + 1 - len(earlier)))]
        if len(earlier) > before:
            break
    inside = and_(turns.c.conversation_seq == row.conversation_seq, turns.c.position > row.position)
    later = SELECT_TURNS.where(inside, shown).order_by(turns.c.position).limit(after)
    return earlier[::-1] + [as_turn(found) for found in connection.execute(later)]


def revisions_of(connection: Connection, seq: int) -> list[Revision]:
    """Superseded wordings, oldest first."""
    rows = connection.execute(select(revisions).where(revisions.c.turn_seq == seq).order_by(revisions.c.revision))
    return [Revision(row.revision, row.text, row.superseded_at) for row in rows]


def worded_as_of(connection: Connection, found: dict[int, Turn], instant: datetime) -> dict[int, Turn]:
    """``found`` with the wording each had at ``instant``."""
    edited = [seq for seq, turn in found.items() if turn.revision]
    if not edited:
        return found
    rows = connection.execute(
        select(revisions)
        .where(revisions.c.turn_seq.in_(edited), revisions.c.superseded_at > instant)
        .order_by(revisions.c.revision.desc())
    )
    worded = dict(found)
    for row in rows:  # the last one seen is the oldest wording that was superseded after the instant
        worded[row.turn_seq] = replace(found[row.turn_seq], text=row.text, revision=row.revision)
    return worded


def ledger_of(connection: Connection, reply_seq: int) -> list[LedgerEntry]:
    """What was recalled for a reply, best first, and what was pinned and is cited."""
    query = select(ledger).where(ledger.c.reply_seq == reply_seq, _RECALLED)
    rows = connection.execute(query.order_by(ledger.c.rank)).all()
    memories = turns_by_seq(connection, [row.memory_seq for row in rows if row.memory_seq is not None])
    return [
        LedgerEntry(
            row.rank,
            row.memory_id,
            row.score,
            json.loads(row.reasons),
            bool(row.in_prompt),
            memories.get(row.memory_seq) if row.memory_seq is not None else None,
            row.number,
            bool(row.cited),
        )
        for row in rows
    ]


def citations_in(connection: Connection, conversation: str) -> dict[str, dict[int, str]]:
    """Id of each reply of a conversation that cites -> number in its prompt -> id of the memory cited."""
    inside = or_(*parts(connection, conversation_seq_of(connection, conversation)))
    query = select(turns.c.id, ledger.c.number, ledger.c.memory_id).select_from(
        ledger.join(turns, turns.c.seq == ledger.c.reply_seq)
    )
    cited: dict[str, dict[int, str]] = {}
    for row in connection.execute(query.where(inside, ledger.c.cited == 1, ledger.c.number.is_not(None))):
        cited.setdefault(row.id, {})[row.number] = row.memory_id
    return cited


def replies_using(connection: Connection, seq: int) -> list[Turn]:
    """Replies that a memory was recalled for and that are not forgotten, oldest first."""
    replies: list[int] = list(
        connection.execute(select(ledger.c.reply_seq).where(ledger.c.memory_seq == seq, _RECALLED)).scalars()
    )
    memories = turns_by_seq(connection, replies)
    return [memories[reply] for reply in sorted(memories) if not memories[reply].forgotten]


def uses_of(connection: Connection) -> dict[int, Uses]:
    """What became of each memory in replies that still stand, by inner number. Memories never used are absent.

    A reply that was forgotten, or discarded for another, does not count. A memory that a newer one contradicts, and its
    owner decided for the newer, counts as marked wrong once more."""
    standing = turns.join(ledger, turns.c.seq == ledger.c.reply_seq)
    read = (
        select(ledger.c.memory_seq, func.sum(ledger.c.in_prompt), func.sum(ledger.c.cited))
        .select_from(standing)
        .where(_RECALLED, ledger.c.memory_seq.is_not(None), turns.c.forgotten_at.is_(None))
        .where((ledger.c.in_prompt == 1) | (ledger.c.cited == 1))
        .group_by(ledger.c.memory_seq)
    )
    found = {row[0]: Uses(int(row[1]), int(row[2])) for row in connection.execute(read)}
    marked = (
        select(feedback.c.memory_seq, feedback.c.signal, func.count())
        .select_from(feedback.join(turns, turns.c.seq == feedback.c.reply_seq))
        .where(turns.c.forgotten_at.is_(None))
        .group_by(feedback.c.memory_seq, feedback.c.signal)
    )
    for seq, signal, count in connection.execute(marked).tuples():
        known = found.get(seq, NONE)
        many = int(count)
        found[seq] = replace(known, helpful=many) if signal == "helpful" else replace(known, wrong=many)
    outdated = select(conflicts.c.older_seq, func.count()).where(conflicts.c.state == "newer")
    for seq, count in connection.execute(outdated.group_by(conflicts.c.older_seq)).tuples():
        known = found.get(seq, NONE)
        found[seq] = replace(known, wrong=known.wrong + int(count))
    return found


def same_note(connection: Connection, text: str, speaker: str) -> Turn | None:
    """The note of a speaker with just these words that is not forgotten, if there is one."""
    alike = SELECT_TURNS.where(
        turns.c.conversation_seq.is_(None),
        turns.c.forgotten_at.is_(None),
        turns.c.text == text,
        speakers.c.name == speaker,
    )
    row = connection.execute(alike.order_by(turns.c.seq).limit(1)).first()
    return None if row is None else as_turn(row)


def count_all(connection: Connection) -> int:
    """Turns and notes, forgotten ones included."""
    return int(connection.execute(sql("SELECT count(*) FROM turns")).scalar_one())


def turns_by_id(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, Turn]]:
    """Inner number and record of the turns that exist, by public id."""
    found: dict[str, tuple[int, Turn]] = {}
    for start in range(0, len(ids), 5000):
        query = SELECT_TURNS.where(turns.c.id.in_(ids[start : start + 5000]))
        found |= {row.id: (row.seq, as_turn(row)) for row in connection.execute(query)}
    return found


def seqs_of(connection: Connection, ids: Sequence[str]) -> list[int]:
    """The inner numbers of memories that exist, in the order of ``ids``."""
    known = dict(plain_rows(connection, "SELECT id, seq FROM turns WHERE id IN (@names)", json.dumps(ids)))
    return [known[one] for one in ids]


def numbered_memories(connection: Connection) -> dict[int, Turn]:
    """Every memory that is not forgotten, by inner number, oldest first."""
    query = SELECT_TURNS.where(turns.c.forgotten_at.is_(None)).order_by(turns.c.said_at, turns.c.seq)
    return {row.seq: as_turn(row) for row in connection.execute(query)}


def keys(connection: Connection) -> list[tuple[int, str]]:
    """The full-text key of every turn."""
    return [(row.seq, key_of(row.text, row.name, row.said_at)) for row in connection.execute(SELECT_TURNS)]
