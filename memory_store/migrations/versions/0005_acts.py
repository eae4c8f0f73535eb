"""Acts say who did them, what they changed, and which belong together; nobody rewrites them. Titles have a past.

The ledger says by which command a reply was made. Each act carries a hash over itself and the act before it.
"""

from __future__ import annotations

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("actor", sa.Text))
    op.create_table(
        "titles",
        sa.Column("conversation_seq", sa.Integer, sa.ForeignKey("conversations.seq"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("title", sa.Text),
        sa.Column("superseded_at", sa.BigInteger, nullable=False),
    )
    _acts_anew()
    _guard()


def _acts_anew() -> None:
    """SQLite can only add AUTOINCREMENT, which keeps a number from being given twice, to a table made anew."""
    op.rename_table("acts", "acts_before")
    op.create_table(
        "acts",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("subjects", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("original", sa.Integer),
        sa.Column("together", sa.Integer),
        sa.Column("chain", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_acts_original", "acts", ["original"], sqlite_where=sa.text("original IS NOT NULL"))
    op.create_index("ix_acts_together", "acts", ["together"], sqlite_where=sa.text("together IS NOT NULL"))
    connection = op.get_bind()
    before = connection.exec_driver_sql("SELECT seq, at, act, subjects FROM acts_before ORDER BY seq").all()
    chain = ""
    for seq, at, act, subjects in before:
        row = [seq, at, act, "", subjects, "[]", None, None]
        chain = sha256(f"{chain}\n{json.dumps(row)}".encode()).hexdigest()
        connection.exec_driver_sql("INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, chain))
    op.drop_table("acts_before")


def _guard() -> None:
    """What is in the audit stays as it was written. Only a purge takes away what was recalled for what it erases, and
    the number of a memory it erases; it says so in ``meta`` as long as it lasts."""
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER acts_no_{change.lower()} BEFORE {change} ON acts BEGIN"
            " SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
        op.execute(
            f"CREATE TRIGGER ledger_no_{change.lower()} BEFORE {change} ON ledger"
            " WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'purging') BEGIN"
            " SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
