"""Conversations are archived, deleted, or branched off; until here, archived meant deleted."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE conversations ADD COLUMN deleted_at BIGINT")
    op.execute("ALTER TABLE conversations ADD COLUMN branched_from INTEGER REFERENCES conversations (seq)")
    op.execute("ALTER TABLE conversations ADD COLUMN branched_position INTEGER")
    op.execute("UPDATE conversations SET deleted_at = archived_at, archived_at = NULL WHERE archived_at IS NOT NULL")
