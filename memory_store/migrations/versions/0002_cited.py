"""The ledger says by which number a memory stood in a reply's prompt, and whether the reply cites it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ALTER TABLE ADD COLUMN: instant, however long the ledger. Replies from before have no number and cite nothing.
    op.add_column("ledger", sa.Column("number", sa.Integer))
    op.add_column("ledger", sa.Column("cited", sa.Integer, nullable=False, server_default="0"))
