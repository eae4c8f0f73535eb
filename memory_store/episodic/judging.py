"""What the user thinks of memories that were recalled for replies. Steps of a transaction the store began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection, delete, insert, select, true

from memory_store.episodic.reading import seq_of, turns_by_seq
from memory_store.errors import InvalidInput
from memory_store.journal.changes import Change, Judged
from memory_store.records import Feedback, Signal
from memory_store.schema import feedback


def judge(connection: Connection, reply: int, memory: int, signal: str | None, now: datetime) -> list[Change]:
    """Keep (None: take back) the last word on a memory in a reply, by their inner numbers. Raises InvalidInput."""
    if signal is not None and signal not in get_args(Signal):
        raise InvalidInput(f"Feedback is {' or '.join(get_args(Signal))}.")
    was = judged(connection, reply, memory)
    if was == signal:
        return []
    same = (feedback.c.reply_seq == reply) & (feedback.c.memory_seq == memory)
    connection.execute(delete(feedback).where(same))
    if signal is not None:
        connection.execute(insert(feedback), {"reply_seq": reply, "memory_seq": memory, "signal": signal, "at": now})
    return [Judged(reply, memory, was, signal)]


def judged(connection: Connection, reply: int, memory: int) -> str | None:
    """The last word on a memory in a reply."""
    same = (feedback.c.reply_seq == reply) & (feedback.c.memory_seq == memory)
    return connection.execute(select(feedback.c.signal).where(same)).scalar()


def judgements(connection: Connection, reply: str | None) -> Sequence[Feedback]:
    """Oldest first; of one reply, or all there are. Raises UnknownId, AmbiguousId."""
    asked = true() if reply is None else feedback.c.reply_seq == seq_of(connection, reply)
    rows = connection.execute(select(feedback).where(asked).order_by(feedback.c.at, feedback.c.memory_seq)).all()
    named = turns_by_seq(connection, {seq for row in rows for seq in (row.reply_seq, row.memory_seq)})
    return [Feedback(named[row.reply_seq].id, named[row.memory_seq].id, row.signal, row.at) for row in rows]
