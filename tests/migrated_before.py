"""A new SQLite database for a test: the statements that the migrations come to, noted at the first, run at the others.

Alembic takes three times as long as its statements, and the suite makes more than a thousand databases. What
holds something already is migrated as ever (a new schema on a server does); so is whatever a process of its own opens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from memory_store.database import migrating

Statement = tuple[str, Any]


def once(upgrade: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """``upgrade``, which for a new and empty database is gone through once in this process."""

    noted: list[Statement] = []

    def upgraded(connection: Connection) -> None:
        if migrating.schema_version(connection) is not None:
            upgrade(connection)
        elif not noted:
            noted.extend(noting(upgrade, connection))
        else:
            for statement, parameters in noted:
                connection.exec_driver_sql(statement, parameters)

    return upgraded


def noting(upgrade: Callable[[Connection], None], connection: Connection) -> list[Statement]:
    """What changes the database while it is upgraded, in order."""
    noted: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(("SELECT", "PRAGMA")):
            noted.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        upgrade(connection)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return noted
