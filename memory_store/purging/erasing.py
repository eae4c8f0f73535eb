"""Purging: every byte of a memory leaves the disk. Looking for what is left is in :mod:`.proving`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Select, delete, func, select, update

from memory_store.database import dialects
from memory_store.episodic import conversing, lexical
from memory_store.episodic.reading import SELECT_TURNS
from memory_store.learning import openings as searches
from memory_store.schema import (
    conflicts,
    consolidated,
    conversations,
    derivations,
    derived,
    feedback,
    index_queue,
    ledger,
    openings,
    revisions,
    titles,
    turns,
)
from memory_store.schema import vectors as vectors_table
from memory_store.semantic import vectors

SHORTEST_NEEDLE = 6
"""Bytes. Shorter words ("yes") stand in any file by chance and prove nothing."""

LONGEST_NEEDLE = 1_000
"""Bytes. SQLite breaks longer words up into pages, so that only pieces of them can be found."""
PIECE = 200
PIECES = 8
OVERWRITTEN = 16
"""Bytes at the beginning of what was freed that a memory allocator uses for its own lists: Chroma writes unused memory
to its files, and a short text may stand there without them."""


@dataclass(frozen=True, slots=True)
class Needles:
    """Byte sequences that must not be found any more."""

    sequences: tuple[bytes, ...]


def needles(connection: Connection, seqs: Sequence[int], threads: Sequence[str] = ()) -> Needles:
    """What to look for once these turns are purged: their wordings, past ones too, what full-text search made of them,
    and their vectors; the titles of conversations that go as a whole."""
    gone = dialects.of(connection).numbers(seqs)
    texts: set[str] = set(connection.execute(select(turns.c.text).where(turns.c.seq.in_(gone))).scalars())
    texts |= set(connection.execute(select(revisions.c.text).where(revisions.c.turn_seq.in_(gone))).scalars())
    texts |= {title for thread in threads for title in conversing.titles(connection, thread) if title}
    rows = connection.execute(SELECT_TURNS.where(turns.c.seq.in_(gone))).all()
    texts |= {lexical.key_of(row.text, row.name, row.said_at) for row in rows}
    pieces = {piece for text in sorted(texts) for piece in _pieces(text.encode()) if len(piece) >= SHORTEST_NEEDLE}
    halves: list[bytes] = list(
        connection.execute(select(vectors_table.c.vector).where(vectors_table.c.turn_seq.in_(gone))).scalars()
    )
    singles = [np.frombuffer(half, np.float16).astype(np.float32).tobytes() for half in halves]
    return Needles((*sorted(pieces), *halves, *singles))


def _pieces(words: bytes) -> list[bytes]:
    if len(words) <= LONGEST_NEEDLE:
        return [words, words[OVERWRITTEN:]]
    step = (len(words) - PIECE) // (PIECES - 1)
    return [words[place * step : place * step + PIECE] for place in range(PIECES)]


def erase(connection: Connection, seqs: Sequence[int], threads: Sequence[str] = ()) -> None:
    """Delete the rows of these turns and everything derived from them, and the conversations ``threads`` (ids) with
    their titles. The ledger keeps ids, never words."""
    gone = dialects.of(connection).numbers(seqs)
    vectors.write_meta(connection, "purging", "1")  # opens the ledger
    rows = connection.execute(SELECT_TURNS.where(turns.c.seq.in_(gone))).all()
    worded = [row.text for row in rows]
    worded += connection.execute(select(revisions.c.text).where(revisions.c.turn_seq.in_(gone))).scalars()
    lexical.remove(connection, [(row.seq, lexical.key_of(row.text, row.name, row.said_at)) for row in rows])
    _shrink_conversations(connection, gone)
    for table, column in (
        (vectors_table, vectors_table.c.turn_seq),
        (revisions, revisions.c.turn_seq),
        (index_queue, index_queue.c.turn_seq),
        (ledger, ledger.c.reply_seq),
        (feedback, feedback.c.reply_seq),
        (feedback, feedback.c.memory_seq),
        (conflicts, conflicts.c.older_seq),
        (conflicts, conflicts.c.newer_seq),
        (derivations, derivations.c.note_seq),
        (derivations, derivations.c.source_seq),
        (derived, derived.c.note_seq),
        (consolidated, consolidated.c.turn_seq),
        (openings, openings.c.memory_seq),
    ):
        connection.execute(delete(table).where(column.in_(gone)))
    searches.erase(connection, worded)
    connection.execute(update(ledger).where(ledger.c.memory_seq.in_(gone)).values(memory_seq=None))
    connection.execute(delete(turns).where(turns.c.seq.in_(gone)))
    _erase_titles(connection, {conversing.shortened(text[:200]) for text in worded}, threads)
    connection.exec_driver_sql("DELETE FROM speakers WHERE seq NOT IN (SELECT speaker_seq FROM turns)")
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


def _erase_titles(connection: Connection, drawn: Collection[str], threads: Sequence[str]) -> None:
    """Titles that say what was purged: those drawn from first words, also with a number behind; and all of a
    conversation that goes as a whole. One that branches begin in keeps its row, without a title."""
    for table in (conversations, titles):
        known: set[str] = set(connection.execute(select(table.c.title).where(table.c.title.is_not(None))).scalars())
        same = [title for title in known if conversing.stem_of(title) in drawn]
        connection.execute(update(table).where(table.c.title.in_(same)).values(title=None))
    for thread in threads:
        seq: int = connection.execute(select(conversations.c.seq).where(conversations.c.id == thread)).scalar_one()
        connection.execute(delete(titles).where(titles.c.conversation_seq == seq))
        connection.execute(update(conversations).where(conversations.c.seq == seq).values(title=None))
        begins = select(conversations.c.seq).where(conversations.c.branched_from == seq)
        if connection.execute(begins).first() is None:
            connection.execute(delete(conversations).where(conversations.c.seq == seq))
