"""Whose vectors a store has. A turn has one vector, so one embedder at a time makes them: else two processes with
different embedders would throw each other's away in turn, for ever.

The embedder of the process that holds the index lock rules. It is written down, so that processes without the lock
know it; one whose embedder is another searches words only, and takes over when the lock is free.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from memory_store.database.base import Database
from memory_store.embedding.base import Embedder
from memory_store.errors import StoreUnavailable
from memory_store.semantic import vectors

RULES = "embedder_in_force"


def take_over(database: Database, embedder: Embedder, lock: Callable[[], bool]) -> None:
    """Make ``embedder`` the one that rules, and queue what others embedded. Cheap where it rules already.

    ``lock`` takes the index lock. Raises StoreUnavailable where another process has it and another embedder rules.
    """
    with database.read() as connection:
        if vectors.read_meta(connection, RULES) == embedder.fingerprint:
            return
    locked = lock()

    def rule(connection: Connection) -> None:
        known = vectors.read_meta(connection, RULES)
        if known is not None and not locked:
            assert_rules(connection, embedder)
        vectors.write_meta(connection, RULES, embedder.fingerprint)
        vectors.enqueue_missing(connection, embedder)

    database.written(rule)


def assert_rules(connection: Connection, embedder: Embedder) -> None:
    """Raises StoreUnavailable unless ``embedder`` is the one that makes the vectors here, or none does yet."""
    known = vectors.read_meta(connection, RULES)
    if known in {None, embedder.fingerprint}:
        return
    raise StoreUnavailable(
        f"Another mneme has this memory open with another embedding model ({known}). Close it, or set"
        " recall.embedder to the same in both."
    )
