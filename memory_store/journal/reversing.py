"""Changes undone one by one: each is checked against what is there now, and comes out as the change that undid it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.episodic import conversing, judging, writing
from memory_store.journal.changes import Added, Change, Flagged, Judged, Marked, Retitled, Reworded, Ruled, numbers
from memory_store.knowledge import conflicts
from memory_store.schema import from_micros, to_micros

_VALUES = "SELECT seq, {column} FROM turns WHERE seq IN (@numbers)"
_WORDINGS = (
    "SELECT revision, text FROM revisions WHERE turn_seq = ? UNION ALL SELECT revision, text FROM turns WHERE seq = ?"
)
_LATEST = "SELECT coalesce(max(forgotten_at), 0) FROM turns"
_AFTER = (
    "SELECT later.seq FROM turns t JOIN turns later ON later.conversation_seq = t.conversation_seq"
    " AND later.position > t.position WHERE t.seq IN (@numbers) AND later.forgotten_at IS NULL"
)
_STILL_SAID = (
    "SELECT 1 FROM turns t JOIN conversations c ON c.seq = t.conversation_seq"
    " WHERE c.id = ? AND t.forgotten_at IS NULL LIMIT 1"
)


@dataclass(slots=True)
class Reversal:
    """What came of undoing changes."""

    made: list[Change] = field(default_factory=list)
    """The changes that undid them: undone in turn, they do them again."""
    gone: set[int] = field(default_factory=set)
    """Turns that have been purged since."""
    gone_conversations: set[str] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    """Turns that something newer changed: they were left alone."""
    held_conversations: set[str] = field(default_factory=set)


def reverse(connection: Connection, changes: Sequence[Change], now: datetime) -> Reversal:
    """Undo ``changes``, the last one first. What is as it was before already is left so."""
    result = Reversal()
    for change in reversed(changes):
        if isinstance(change, Flagged):
            _flags(connection, change, result)
        elif isinstance(change, Reworded):
            _wording(connection, change, now, result)
        elif isinstance(change, Retitled):
            _title(connection, change, now, result)
        elif isinstance(change, Marked):
            _mark(connection, change, result)
        elif isinstance(change, Judged):
            _judged(connection, change, now, result)
        elif isinstance(change, Ruled):
            _ruled(connection, change, now, result)
        else:
            _added(connection, change, now, result)
    return result


def _flags(connection: Connection, change: Flagged, result: Reversal) -> None:
    wanted = numbers(change.turns)
    present = _values(connection, change.column, wanted)
    result.gone |= set(wanted) - present.keys()
    result.held |= {seq for seq, value in present.items() if value not in (change.was, change.now)}
    back = [seq for seq, value in present.items() if value == change.now]
    was = None if change.was is None else from_micros(change.was)
    result.made += writing.set_flag(connection, back, change.column, was)


def _values(connection: Connection, column: str, seqs: Sequence[int]) -> dict[int, int | None]:
    return dict(plain_rows(connection, _VALUES.format(column=column), json.dumps(seqs)))


def _wording(connection: Connection, change: Reworded, now: datetime, result: Reversal) -> None:
    """By what they say: a wording that was undone to is a revision of its own, and as good as the one before."""
    wordings = dict(plain_rows(connection, _WORDINGS, change.turn, change.turn))
    if not wordings:
        result.gone.add(change.turn)
    elif wordings[max(wordings)] not in (wordings[change.now], wordings[change.was]):
        result.held.add(change.turn)
    else:
        result.made += writing.reword(connection, change.turn, wordings[change.was], now)


def _title(connection: Connection, change: Retitled, now: datetime, result: Reversal) -> None:
    titles = conversing.titles(connection, change.conversation)
    if not titles:
        result.gone_conversations.add(change.conversation)
    elif titles[-1] not in (titles[change.now], titles[change.was]):
        result.held_conversations.add(change.conversation)
    else:
        result.made += conversing.retitle(connection, change.conversation, titles[change.was], now)


def _mark(connection: Connection, change: Marked, result: Reversal) -> None:
    if not _known(connection, change.conversation):
        result.gone_conversations.add(change.conversation)
        return
    value = conversing.marked(connection, change.conversation, change.column)
    present = None if value is None else to_micros(value)
    if present == change.now:
        was = None if change.was is None else from_micros(change.was)
        result.made += conversing.mark(connection, change.conversation, change.column, was)
    elif present != change.was:
        result.held_conversations.add(change.conversation)


def _known(connection: Connection, conversation: str) -> bool:
    return bool(plain_rows(connection, "SELECT 1 FROM conversations WHERE id = ?", conversation))


def _judged(connection: Connection, change: Judged, now: datetime, result: Reversal) -> None:
    pair = (change.reply, change.memory)
    missing = set(pair) - _values(connection, "pinned_at", pair).keys()
    present = judging.judged(connection, *pair)
    if missing:
        result.gone |= missing
    elif present not in (change.was, change.now):
        result.held |= set(pair)
    else:
        result.made += judging.judge(connection, *pair, change.was, now)


def _ruled(connection: Connection, change: Ruled, now: datetime, result: Reversal) -> None:
    pair = (change.older, change.newer)
    missing = set(pair) - _values(connection, "pinned_at", pair).keys()
    present = conflicts.state_of(connection, *pair)
    if missing:
        result.gone |= missing
    elif present not in (change.was, change.now):  # None: one of them says something else by now
        result.held |= set(pair)
    else:
        result.made += conflicts.rule(connection, *pair, change.was, now)


def _added(connection: Connection, change: Added, now: datetime, result: Reversal) -> None:
    """Hide what was added. A conversation it began is deleted, restorably, unless something else was said in it."""
    wanted = numbers(change.turns)
    present = _values(connection, "forgotten_at", wanted)
    result.gone |= set(wanted) - present.keys()
    shown = [seq for seq, value in present.items() if value is None]
    if change.onward:
        shown += [row[0] for row in plain_rows(connection, _AFTER, json.dumps(shown))]
    # An instant of its own, so that bringing a conversation back restores these and not what was forgotten before.
    when = max(now, from_micros(plain_rows(connection, _LATEST)[0][0] + 1))
    result.made += writing.set_flag(connection, shown, "forgotten_at", when)
    for conversation in change.conversations:
        if not _known(connection, conversation):
            result.gone_conversations.add(conversation)
        elif conversing.marked(connection, conversation, "deleted_at") is None and not plain_rows(
            connection, _STILL_SAID, conversation
        ):
            result.made += conversing.mark(connection, conversation, "deleted_at", when)
