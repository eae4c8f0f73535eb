"""Whether words and meaning are in step, and how much there is of everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy import text as sql

from memory_store import vectors
from memory_store.index_safety import kept_aside
from memory_store.indexer import Indexer
from memory_store.journal import keeping
from memory_store.migrating import schema_version
from memory_store.reading import count_all
from memory_store.records import HealthReport, StoreStats
from memory_store.schema import conversations, index_queue, speakers, turns
from memory_store.schema import vectors as vectors_table
from memory_store.semantic import IndexDamaged

_FULL_TEXT = sql("SELECT count(*) FROM turns_fts_docsize")
_FULL_TEXT_STRAY = sql(
    "SELECT (SELECT count(*) FROM turns_fts_docsize WHERE id NOT IN (SELECT seq FROM turns)),"
    " (SELECT count(*) FROM turns WHERE seq NOT IN (SELECT id FROM turns_fts_docsize))"
)
_UNEMBEDDED = sql(
    "SELECT count(*) FROM turns t LEFT JOIN vectors v ON v.turn_seq = t.seq AND v.embedder_seq = :embedder"
    " WHERE v.stamp IS NULL AND t.seq NOT IN (SELECT turn_seq FROM index_queue)"
)
_ANY_WORD = sql("SELECT 1 FROM turns_fts WHERE turns_fts MATCH 'any' LIMIT 1")
_OFFSPRING = sql("PRAGMA foreign_key_check")


def examine(connection: Connection, indexer: Indexer, filed: int | None) -> HealthReport:
    """Compare every copy with the words. Changes nothing."""
    words = count_all(connection)
    stored = vectors.count(connection, filed)
    queued = int(connection.execute(select(func.count(index_queue.c.turn_seq.distinct()))).scalar_one())
    problems = [*_words_problems(connection), *_meaning_problems(connection, filed)]
    indexed, index_problems = _index(connection, indexer, filed)
    problems += index_problems
    return HealthReport(not problems, words, stored, indexed, queued, tuple(problems))


def _words_problems(connection: Connection) -> Iterator[str]:
    # SQLite 3.44 and later look at the full-text index as well, but not whether another connection has changed it since
    # this one last read it; a query does.
    connection.execute(_ANY_WORD).first()
    broken = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)") if row[0] != "ok"]
    if broken:
        yield f"the database file is damaged ({broken[0]}): restore a backup, or export what can be read"
    if connection.execute(_OFFSPRING).first() is not None:
        yield "rows refer to turns that do not exist"
    stray, missing = connection.execute(_FULL_TEXT_STRAY).one()
    if stray or missing:
        yield f"full-text search lacks {missing} and has {stray} too many rows: run 'mneme memory rebuild'"
    yield from keeping.problems(connection)


def _meaning_problems(connection: Connection, filed: int | None) -> Iterator[str]:
    lost = int(connection.execute(_UNEMBEDDED, {"embedder": filed or 0}).scalar_one())
    if lost:
        yield f"{lost} turns have neither a vector nor a place in the queue: run 'mneme memory rebuild'"


def _index(connection: Connection, indexer: Indexer, filed: int | None) -> tuple[int, list[str]]:
    if not indexer.index.acquire():
        return -1, []  # another process keeps it in step
    try:
        present = indexer.index.open().ids()
    except IndexDamaged as error:
        return 0, [f"the index of meaning is damaged ({error}): run 'mneme memory rebuild'"]
    mine = vectors_table.c.embedder_seq == (filed or 0)
    stored: set[int] = set(connection.execute(select(vectors_table.c.turn_seq).where(mine)).scalars())
    waiting: set[int] = set(connection.execute(select(index_queue.c.turn_seq)).scalars())
    settled = stored - waiting
    lacking, stray = settled - present, present - settled - waiting
    if lacking or stray:
        text = f"the index of meaning lacks {len(lacking)} and has {len(stray)} too many vectors"
        return len(present), [f"{text}: run 'mneme memory rebuild'"]
    return len(present), []


def statistics(connection: Connection, folder: Path | None, indexer: Indexer, search: str) -> StoreStats:
    """Counts and bytes."""
    filed = vectors.embedder_seq(connection, indexer.embedder)
    counted = connection.execute(
        select(
            func.count(turns.c.seq),
            func.count().filter(turns.c.conversation_seq.is_(None)),
            func.count(turns.c.pinned_at),
            func.count(turns.c.forgotten_at),
            func.min(turns.c.said_at),
            func.max(turns.c.said_at),
        )
    ).one()
    by_speaker = connection.execute(
        select(speakers.c.name, func.count()).select_from(turns.join(speakers)).group_by(speakers.c.name)
    )
    aside = None if folder is None else kept_aside(folder)
    return StoreStats(
        memories=counted[0],
        notes=counted[1],
        conversations=int(connection.execute(select(func.count()).select_from(conversations)).scalar_one()),
        pinned=counted[2],
        forgotten=counted[3],
        speakers={row[0]: row[1] for row in sorted(by_speaker, key=lambda row: (-row[1], row[0]))},
        vectors=vectors.count(connection, filed),
        queued=int(connection.execute(select(func.count(index_queue.c.turn_seq.distinct()))).scalar_one()),
        embedder=indexer.embedder.name,
        schema=schema_version(connection) or "",
        database_bytes=_bytes(folder, "memory.db*"),
        index_bytes=_bytes(folder, "chroma/**/*"),
        first_said_at=counted[4],
        last_said_at=counted[5],
        search=search,
        index=indexer.index.condition(),
        damaged_index="" if aside is None else aside.why,
        damaged_index_bytes=0 if aside is None else aside.size,
    )


def _bytes(folder: Path | None, pattern: str) -> int:
    if folder is None:
        return 0
    return sum(file.stat().st_size for file in folder.glob(pattern) if file.is_file())
