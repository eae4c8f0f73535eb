"""What the user thinks of memories that were recalled for replies. Steps of a transaction the store began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection, delete, insert, select, true

from memory_store.errors import InvalidInput
from memory_store.reading import seq_of, turns_by_seq
from memory_store.records import Feedback, Signal
from memory_store.schema import feedback
from memory_store.writing import note_act


def judge(connection: Connection, reply: str, memory: str, signal: Signal | None, now: datetime) -> None:
    """Keep (None: take back) the last word on a memory in a reply. Raises UnknownId, AmbiguousId, InvalidInput."""
    if signal is not None and signal not in get_args(Signal):
        raise InvalidInput(f"Feedback is {' or '.join(get_args(Signal))}.")
    reply_seq, memory_seq = seq_of(connection, reply), seq_of(connection, memory)
    same = (feedback.c.reply_seq == reply_seq) & (feedback.c.memory_seq == memory_seq)
    connection.execute(delete(feedback).where(same))
    if signal is not None:
        row = {"reply_seq": reply_seq, "memory_seq": memory_seq, "signal": signal, "at": now}
        connection.execute(insert(feedback), row)
    named = turns_by_seq(connection, [reply_seq, memory_seq])
    note_act(connection, now, f"feedback_{signal or 'none'}", [named[reply_seq].id, named[memory_seq].id])


def judgements(connection: Connection, reply: str | None) -> Sequence[Feedback]:
    """Oldest first; of one reply, or all there are. Raises UnknownId, AmbiguousId."""
    asked = true() if reply is None else feedback.c.reply_seq == seq_of(connection, reply)
    rows = connection.execute(select(feedback).where(asked).order_by(feedback.c.at, feedback.c.memory_seq)).all()
    named = turns_by_seq(connection, {seq for row in rows for seq in (row.reply_seq, row.memory_seq)})
    return [Feedback(named[row.reply_seq].id, named[row.memory_seq].id, row.signal, row.at) for row in rows]
