"""How what is remembered is spread over time and over strength: counts alone, read without a single word."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.episodic.reading import uses_of
from memory_store.retention.strength import strength
from memory_store.retention.usage import NONE, Floats
from memory_store.schema import from_micros, to_micros

STEP = timedelta(minutes=15)
"""Every zone's midnight falls on one of these, so that days can be told apart wherever the reader is."""

_STANDING_ROWS = (
    "SELECT t.seq, t.said_at, t.conversation_seq IS NULL OR (t.standing <> 0 AND coalesce(lower(s.name), '') = 'user')"
    " FROM turns t LEFT JOIN speakers s ON s.seq = t.speaker_seq WHERE t.forgotten_at IS NULL AND t.pinned_at IS NULL"
)


def said_when(connection: Connection) -> list[tuple[datetime, int]]:
    """The beginning of each quarter of an hour in which something was said, and how many turns; in order."""
    width = STEP // timedelta(microseconds=1)
    rows = plain_rows(connection, "SELECT said_at - said_at % ?, count(*) FROM turns GROUP BY 1 ORDER BY 1", width)
    return [(from_micros(began), count) for began, count in rows]


def strengths_held(connection: Connection, now: datetime) -> Floats:
    """Strength at ``now`` of each memory a prune could take: neither forgotten nor pinned. Shape (n,)."""
    rows = plain_rows(connection, _STANDING_ROWS)
    if not rows:
        return np.zeros(0)
    table = np.array(rows, np.int64)
    used = uses_of(connection)
    days = (to_micros(now) - table[:, 1]) / (timedelta(days=1) / timedelta(microseconds=1))
    uses = [used.get(seq, NONE) for seq in table[:, 0].tolist()]
    times, wrong = [one.times for one in uses], [one.wrong for one in uses]
    return strength(days, times, lasting=table[:, 2].astype(bool), wrong=wrong)
