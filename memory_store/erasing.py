"""Purging: every byte of a memory leaves the disk, and the disk is searched afterwards to prove it."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, exists, func, or_, select, update

from memory_store import lexical, vectors
from memory_store.database import Database
from memory_store.reading import SELECT_TURNS
from memory_store.schema import conversations, index_queue, ledger, revisions, turns
from memory_store.schema import vectors as vectors_table

SHORTEST_NEEDLE = 6
"""Bytes. Shorter words ("yes") stand in any file by chance and prove nothing."""


@dataclass(frozen=True, slots=True)
class Needles:
    """Byte sequences that must not be found any more."""

    sequences: tuple[bytes, ...]


def needles(connection: Connection, seqs: Sequence[int]) -> Needles:
    """What to look for once these turns are purged: their wordings and vectors, unless a turn that stays says the
    same."""
    texts: set[str] = set(connection.execute(select(turns.c.text).where(turns.c.seq.in_(seqs))).scalars())
    texts |= set(connection.execute(select(revisions.c.text).where(revisions.c.turn_seq.in_(seqs))).scalars())
    long_enough = [text for text in texts if len(text.encode()) >= SHORTEST_NEEDLE]
    gone = [text.encode() for text in long_enough if not _said_elsewhere(connection, text, seqs)]
    stored: list[bytes] = list(
        connection.execute(select(vectors_table.c.vector).where(vectors_table.c.turn_seq.in_(seqs))).scalars()
    )
    halves = [row for row in stored if not _shared_vector(connection, row, seqs)]
    singles = [np.frombuffer(half, np.float16).astype(np.float32).tobytes() for half in halves]
    return Needles(tuple(gone + halves + singles))


def _said_elsewhere(connection: Connection, text: str, seqs: Sequence[int]) -> bool:
    in_turn = select(1).where(func.instr(turns.c.text, text) > 0, turns.c.seq.not_in(seqs))
    in_history = select(1).where(func.instr(revisions.c.text, text) > 0, revisions.c.turn_seq.not_in(seqs))
    in_title = select(1).where(func.instr(conversations.c.title, text) > 0)
    return bool(connection.execute(select(or_(exists(in_turn), exists(in_history), exists(in_title)))).scalar())


def _shared_vector(connection: Connection, vector: bytes, seqs: Sequence[int]) -> bool:
    same = select(1).where(vectors_table.c.vector == vector, vectors_table.c.turn_seq.not_in(seqs)).limit(1)
    return connection.execute(same).first() is not None


def erase(connection: Connection, seqs: Sequence[int]) -> None:
    """Delete the rows of these turns and everything derived from them. The ledger keeps ids, never words."""
    rows = connection.execute(SELECT_TURNS.where(turns.c.seq.in_(seqs))).all()
    lexical.remove(connection, [(row.seq, lexical.key_of(row.text, row.name, row.said_at)) for row in rows])
    _shrink_conversations(connection, seqs)
    for table, column in (
        (vectors_table, vectors_table.c.turn_seq),
        (revisions, revisions.c.turn_seq),
        (index_queue, index_queue.c.turn_seq),
        (ledger, ledger.c.reply_seq),
    ):
        connection.execute(delete(table).where(column.in_(seqs)))
    connection.execute(update(ledger).where(ledger.c.memory_seq.in_(seqs)).values(memory_seq=None))
    connection.execute(delete(turns).where(turns.c.seq.in_(seqs)))
    vectors.new_epoch(connection)


def _shrink_conversations(connection: Connection, seqs: Sequence[int]) -> None:
    counted = (
        select(turns.c.conversation_seq, func.count().label("gone"))
        .where(turns.c.seq.in_(seqs), turns.c.conversation_seq.is_not(None))
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


@dataclass(frozen=True, slots=True)
class Search:
    """What a search of the files came to."""

    files: int
    size: int
    """Bytes."""
    traces: tuple[str, ...]
    """Files that still hold something."""


def search_files(folder: Path, wanted: Needles) -> Search:
    """Look for ``wanted`` in every file under ``folder``."""
    searched = size = 0
    traces = []
    for file in _files(folder):
        searched += 1
        size += file.stat().st_size
        if _holds(file, wanted.sequences):
            traces.append(str(file.relative_to(folder)))
    return Search(searched, size, tuple(traces))


def _files(folder: Path) -> Iterable[Path]:
    return sorted(place for place in folder.rglob("*") if place.is_file() and not place.is_symlink())


def _holds(file: Path, sequences: Sequence[bytes]) -> bool:
    if not file.stat().st_size:
        return False
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return any(view.find(sequence) >= 0 for sequence in sequences)
