"""Purging: every byte of a memory leaves the disk. Looking for what is left is in :mod:`memory_store.proving`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Select, delete, func, select, update

from memory_store import lexical, vectors
from memory_store.database import Database
from memory_store.reading import SELECT_TURNS
from memory_store.schema import conversations, feedback, index_queue, ledger, revisions, turns
from memory_store.schema import vectors as vectors_table

SHORTEST_NEEDLE = 6
"""Bytes. Shorter words ("yes") stand in any file by chance and prove nothing."""

LONGEST_NEEDLE = 1_000
"""Bytes. SQLite breaks longer words up into pages, so that only pieces of them can be found."""
PIECE = 200
PIECES = 8


@dataclass(frozen=True, slots=True)
class Needles:
    """Byte sequences that must not be found any more."""

    sequences: tuple[bytes, ...]


def among(seqs: Sequence[int]) -> Select[tuple[int]]:
    """These numbers as a sub-query: any number of them."""
    return select(func.json_each(json.dumps(list(seqs))).table_valued("value").c.value)


def needles(connection: Connection, seqs: Sequence[int]) -> Needles:
    """What to look for once these turns are purged: their wordings, past ones too, and their vectors."""
    gone = among(seqs)
    texts: set[str] = set(connection.execute(select(turns.c.text).where(turns.c.seq.in_(gone))).scalars())
    texts |= set(connection.execute(select(revisions.c.text).where(revisions.c.turn_seq.in_(gone))).scalars())
    pieces = {piece for text in sorted(texts) for piece in _pieces(text.encode()) if len(piece) >= SHORTEST_NEEDLE}
    halves: list[bytes] = list(
        connection.execute(select(vectors_table.c.vector).where(vectors_table.c.turn_seq.in_(gone))).scalars()
    )
    singles = [np.frombuffer(half, np.float16).astype(np.float32).tobytes() for half in halves]
    return Needles((*sorted(pieces), *halves, *singles))


def _pieces(words: bytes) -> list[bytes]:
    if len(words) <= LONGEST_NEEDLE:
        return [words]
    step = (len(words) - PIECE) // (PIECES - 1)
    return [words[place * step : place * step + PIECE] for place in range(PIECES)]


def erase(connection: Connection, seqs: Sequence[int]) -> None:
    """Delete the rows of these turns and everything derived from them. The ledger keeps ids, never words."""
    gone = among(seqs)
    connection.exec_driver_sql("INSERT OR REPLACE INTO meta (key, value) VALUES ('purging', '1')")  # opens the ledger
    rows = connection.execute(SELECT_TURNS.where(turns.c.seq.in_(gone))).all()
    lexical.remove(connection, [(row.seq, lexical.key_of(row.text, row.name, row.said_at)) for row in rows])
    _shrink_conversations(connection, gone)
    for table, column in (
        (vectors_table, vectors_table.c.turn_seq),
        (revisions, revisions.c.turn_seq),
        (index_queue, index_queue.c.turn_seq),
        (ledger, ledger.c.reply_seq),
        (feedback, feedback.c.reply_seq),
        (feedback, feedback.c.memory_seq),
    ):
        connection.execute(delete(table).where(column.in_(gone)))
    connection.execute(update(ledger).where(ledger.c.memory_seq.in_(gone)).values(memory_seq=None))
    connection.execute(delete(turns).where(turns.c.seq.in_(gone)))
    connection.exec_driver_sql("DELETE FROM meta WHERE key = 'purging'")
    vectors.new_epoch(connection)


def _shrink_conversations(connection: Connection, gone: Select[tuple[int]]) -> None:
    counted = (
        select(turns.c.conversation_seq, func.count().label("gone"))
        .where(turns.c.seq.in_(gone), turns.c.conversation_seq.is_not(None))
        .group_by(turns.c.conversation_seq)
    )
    for row in connection.execute(counted).all():
        smaller = {"turns": conversations.c.turns - row.gone}
        connection.execute(update(conversations).where(conversations.c.seq == row.conversation_seq).values(smaller))


def scrub(database: Database) -> None:
    """Make the file forget as well: merge the full-text segments that still name the terms, and empty the log."""
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO turns_fts (turns_fts) VALUES ('optimize')")
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
