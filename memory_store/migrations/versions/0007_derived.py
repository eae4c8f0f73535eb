"""Notes that a language model derived from turns, which turns, and how far conversations were consolidated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "derived",
        sa.Column("note_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("kind IN ('fact', 'preference', 'summary')", name="kind_known"),
    )
    op.create_table(
        "derivations",
        sa.Column("note_seq", sa.Integer, sa.ForeignKey("derived.note_seq"), primary_key=True),
        sa.Column("source_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
    )
    op.create_index("ix_derivations_source_seq", "derivations", ["source_seq"])
    op.create_table(
        "consolidated",
        sa.Column("turn_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
