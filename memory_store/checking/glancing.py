"""The light check of a start: counts, which cost next to nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from memory_store.database import dialects
from memory_store.database.base import plain_rows

CURE = ": `mneme memory check --repair` mends it"

_LOST = (
    "SELECT count(*) FROM turns t WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.turn_seq = t.seq)"
    " AND NOT EXISTS (SELECT 1 FROM index_queue q WHERE q.turn_seq = t.seq)"
)


def glance(connection: Connection) -> str:
    """What is plainly wrong, and what to do; empty: nothing."""
    words = int(plain_rows(connection, "SELECT count(*) FROM turns")[0][0])
    rows = dialects.of(connection).fulltext.count(connection)
    if words != rows:
        return f"full-text search has {rows:,} rows for {words:,} memories{CURE}"
    lost = int(plain_rows(connection, _LOST)[0][0])
    return f"{lost:,} memories have neither a vector nor a place in the queue{CURE}" if lost else ""
