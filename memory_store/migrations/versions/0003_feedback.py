"""What the user thinks of a memory that was recalled for a reply: helpful there, or wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("reply_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("memory_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("signal", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("signal IN ('helpful', 'wrong')", name="signal_known"),
    )
    op.create_index("ix_feedback_memory_seq", "feedback", ["memory_seq"])
