"""What the database knows of an index of meaning, wherever that is kept: which generation is current, who made it, what
waits for it; and how a new one is filled from the stored vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import text as sql

from memory_store import faults
from memory_store.database.base import plain_rows
from memory_store.embedding.base import Embedder
from memory_store.semantic import vectors
from memory_store.semantic.chroma import SemanticIndex

GENERATION = "index_generation"
MADE_BY = "index_embedder"
SEAL = "index_seal"
"""What :func:`.chroma.seal` said of the current generation when it was filled, or closed in order."""
REBUILD_WANTED = "index_rebuild_wanted"
"""Set by a purge, to a value it never had before: the present generation still holds vectors that must go."""
_QUEUED = sql(
    "SELECT count(*) FROM vectors v WHERE v.embedder_seq = :embedder"
    " AND NOT EXISTS (SELECT 1 FROM index_queue q WHERE q.turn_seq = v.turn_seq)"
)
_NEWEST = "SELECT coalesce((SELECT max(seq) FROM index_queue), 0), coalesce((SELECT max(stamp) FROM vectors), 0)"
_COVERED = sql(
    "DELETE FROM index_queue WHERE seq <= :last AND (op = 'delete' OR turn_seq IN"
    " (SELECT turn_seq FROM vectors WHERE embedder_seq = :embedder AND stamp <= :stamp))"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rebuild started from: all that is newer came while it went on."""

    queued: int
    """The newest row of the queue."""
    stamp: int
    """The newest vector."""
    wanted: str
    """The purge that asked for it, if one did."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of the current generation."""

    expected: int
    """Vectors that must be in it; those that are queued may be."""
    made_by: str | None
    wanted: str
    sealed: str | None


def known(connection: Connection, embedder: Embedder) -> Known:
    """What must be true of an index that is in step."""
    filed = vectors.embedder_seq(connection, embedder) or 0
    return Known(
        int(connection.execute(_QUEUED, {"embedder": filed}).scalar_one()),
        vectors.read_meta(connection, MADE_BY),
        wanted(connection),
        vectors.read_meta(connection, SEAL),
    )


def fill(connection: Connection, embedder: Embedder, index: SemanticIndex, tell: Callable[[int, int], None]) -> Seen:
    """Put every stored vector into a new index; ``tell`` is called with what is done, and of how many."""
    queued, stamp = plain_rows(connection, _NEWEST)[0]
    seen = Seen(int(queued), int(stamp), wanted(connection))
    filed = vectors.embedder_seq(connection, embedder)
    total, done = vectors.count(connection, filed), 0
    for seqs, matrix in vectors.batches(connection, filed) if filed is not None else ():
        index.put(seqs.tolist(), matrix)
        faults.reached("rebuild:batch")
        done += len(seqs)
        tell(done, total)
    return seen


def adopt(connection: Connection, embedder: Embedder, generation: int, seen: Seen) -> None:
    """Make a filled generation the current one. What came while it was filled keeps its place in the queue."""
    filed = vectors.enlist(connection, embedder)
    # What was queued before is in it now; to put a vector again costs Chroma far more than the first time.
    connection.execute(_COVERED, {"last": seen.queued, "stamp": seen.stamp, "embedder": filed})
    vectors.write_meta(connection, GENERATION, str(generation))
    vectors.write_meta(connection, MADE_BY, embedder.fingerprint)
    if wanted(connection) == seen.wanted:  # else a purge came in the meantime, and it must be filled again
        vectors.write_meta(connection, REBUILD_WANTED, "0")


def wanted(connection: Connection) -> str:
    """The purge that waits for a rebuild; empty when none does."""
    value = vectors.read_meta(connection, REBUILD_WANTED)
    return "" if value in {None, "0"} else str(value)
