"""Alembic's entry: runs the numbered steps on the connection that :mod:`memory_store.database.migrating` hands over."""

from __future__ import annotations

from alembic import context

from memory_store import faults
from memory_store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
    on_version_apply=lambda **_: faults.reached("migrate:step"),
)
with context.begin_transaction():
    context.run_migrations()
