"""Which memory the user opened from a search, and what was searched for: to learn from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "openings",
        sa.Column("memory_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("query", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
