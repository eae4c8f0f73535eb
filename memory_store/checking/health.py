"""Whether words and meaning are in step, and how much there is of everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, func, select

from memory_store.checking import fulltext, meaning
from memory_store.checking import words as in_words
from memory_store.checking.findings import Finding
from memory_store.checking.glancing import CURE
from memory_store.database.migrating import schema_version
from memory_store.episodic.reading import count_all
from memory_store.records import HealthReport, StoreStats
from memory_store.schema import conversations, index_queue, speakers, turns
from memory_store.semantic import vectors
from memory_store.semantic.index_safety import kept_aside
from memory_store.semantic.indexer import Indexer
from memory_store.semantic.stored_vectors import StoredVectors

Progress = Callable[[int, int], None]


def examine(
    connection: Connection, indexer: Indexer, progress: Progress | None = None, *, thorough: bool = False
) -> tuple[HealthReport, list[Finding]]:
    """Compare every copy with the words. Changes nothing. What is drained already is not waited for.

    ``thorough``: embed every memory again as well, and compare.
    """
    tell = progress or (lambda _done, _total: None)
    filed = vectors.embedder_seq(connection, indexer.embedder)
    found = [
        *in_words.findings(connection),
        *fulltext.findings(connection),
        *meaning.findings(connection, indexer.embedder, filed, tell, thorough=thorough),
    ]
    stored = vectors.count(connection, filed)
    if any(one.index for one in found) and not isinstance(indexer.index, StoredVectors):
        indexed = meaning.held(indexer.index)  # it will be filled anew, and is not worth comparing
    elif not isinstance(indexer.index, StoredVectors):
        indexed, more = meaning.of_index(connection, indexer.index, filed, tell)
        found += more
    else:
        indexed = stored
    queued = int(connection.execute(select(func.count(index_queue.c.turn_seq.distinct()))).scalar_one())
    told = tuple(one.problem + (CURE if one.curable else "") for one in found)
    return HealthReport(not found, count_all(connection), stored, indexed, queued, told), found


def statistics(
    connection: Connection, folder: Path | None, indexer: Indexer, search: str, database_bytes: int
) -> StoreStats:
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
        database_bytes=database_bytes,
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
