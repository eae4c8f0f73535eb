"""Brings a database to the present schema: created, migrated, or refused because it is newer than this program."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from memory_store import faults
from memory_store.database import dialects
from memory_store.database.base import Database, plain_rows
from memory_store.errors import StoreTooNew

HEAD = "0008"
"""The schema this program reads and writes: the newest file in migrations/versions (a test checks it)."""


_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps the migration that runs in globals of its own."""


def migrated(database: Database, *, saving: Callable[[], object] | None = None) -> Database:
    """``database`` with the present schema; closed again where that cannot be. As :func:`migrate`."""
    try:
        migrate(database, saving=saving)
    except BaseException:  # whatever it was, the file is let go
        database.close()
        raise
    return database


def migrate(database: Database, *, saving: Callable[[], object] | None = None) -> None:
    """Make the schema present. Costs one small query when it already is. ``saving`` is called before an older one is
    changed, while nobody else can write. Raises StoreTooNew."""
    database.changed = None
    with database.read() as connection:
        found = schema_version(connection)
    if found == HEAD:
        database.changed = still_ours
        return
    if found is not None and found > HEAD:
        raise StoreTooNew(
            f"{database.place} was written by a newer mneme (schema {found}; this one knows {HEAD}). Update mneme."
        )
    with database.write() as connection:
        present = schema_version(connection)
        if present != HEAD:  # another process may have done it while we waited for the lock
            server = connection.dialect.name == "postgresql"
            if server and present is None:
                from memory_store.postgresql import baseline

                baseline.create(connection)
            if present is not None and saving is not None:
                saving()
                faults.reached("migrate:saved")
            _upgrade(connection)
            if server:
                from memory_store.postgresql import baseline
                from memory_store.postgresql.database import driver
                from memory_store.postgresql.statistics import collect_no_words

                baseline.as_in_sqlite(connection)
                collect_no_words(driver(connection))
            faults.reached("migrate:done")
    database.changed = still_ours


def still_ours(connection: Connection) -> None:
    """Raises StoreTooNew where another process has given an open database a newer schema: what this one would write
    into it, and read from it, could silently be wrong."""
    found = plain_rows(connection, "SELECT version_num FROM alembic_version")
    if found and str(found[0][0]) > HEAD:
        raise StoreTooNew(
            f"A newer mneme has brought this memory to schema {found[0][0]} while it was open here (this one knows"
            f" {HEAD}). Close this one and update mneme; nothing is lost."
        )


def schema_version(connection: Connection) -> str | None:
    """The schema number stored in the database; None when it is new and empty."""
    if not dialects.of(connection).has_table(connection, "alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else str(row[0])


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")
