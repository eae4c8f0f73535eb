"""A lock on the server, which lets it go when the connection of its holder ends."""

from __future__ import annotations

import threading
from typing import Any

import psycopg

from memory_store.postgresql.complaints import COMPLAINTS, translated
from memory_store.postgresql.connecting import connect
from memory_store.postgresql.place import Place

_INDEX = 1
"""Beside the lock of writers, which has the memory's own key."""


class ServerLock:
    """An :class:`~memory_store.database.locks.IndexLock`. It has a connection of its own while it is held."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._key = place.key ^ _INDEX
        self._guard = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    @property
    def held(self) -> bool:
        connection = self._connection
        return connection is not None and not connection.closed

    def take(self) -> bool:
        with self._guard, translated(self._place):
            if self._connection is not None:
                if self._alive(self._connection):
                    return True
                self._let_go()
            raw = connect(self._place)
            raw.autocommit = True
            row = raw.execute(f"SELECT pg_try_advisory_lock({self._key})".encode()).fetchone()
            if row is None or not row[0]:
                raw.close()
                return False
            self._connection = raw
            return True

    def release(self) -> None:
        with self._guard:
            self._let_go()

    def _alive(self, connection: psycopg.Connection[Any]) -> bool:
        try:
            connection.execute(b"SELECT 1")
        except COMPLAINTS:
            return False
        return True

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
