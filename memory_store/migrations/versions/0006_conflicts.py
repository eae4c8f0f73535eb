"""Which memory contradicts which earlier one, as found by rule or ruled by the user. Ids and places, no words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conflicts",
        sa.Column("older_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("newer_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("older_start", sa.Integer),
        sa.Column("older_length", sa.Integer),
        sa.Column("newer_start", sa.Integer),
        sa.Column("newer_length", sa.Integer),
        sa.Column("found_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.CheckConstraint("state IN ('open', 'both', 'newer', 'dismissed')", name="state_known"),
        sa.UniqueConstraint("id", name="uq_conflicts_id"),
    )
    op.create_index("ix_conflicts_newer_seq", "conflicts", ["newer_seq"])
