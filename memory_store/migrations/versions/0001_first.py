"""The first schema: words, history, ledger, vectors, queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_words()
    _create_history()
    _create_meaning()
    # Contentless: the words stand once, in `turns`. Keys are made by memory_store/episodic/lexical.py, already
    # split into words; porter stems them in C.
    op.execute(
        "CREATE VIRTUAL TABLE turns_fts USING fts5(key, content='', tokenize='porter unicode61 remove_diacritics 0')"
    )
    op.execute("CREATE VIRTUAL TABLE turns_terms USING fts5vocab('turns_fts', 'row')")


def _create_words() -> None:
    op.create_table("meta", sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))
    op.create_table(
        "speakers",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("name", name="uq_speakers_name"),
    )
    op.create_table(
        "conversations",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False, server_default="0"),
        sa.Column("archived_at", sa.BigInteger),
        sa.UniqueConstraint("id", name="uq_conversations_id"),
    )
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
    op.create_table(
        "turns",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("conversation_seq", sa.Integer, sa.ForeignKey("conversations.seq")),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("session", sa.Integer, nullable=False),
        sa.Column("speaker_seq", sa.Integer, sa.ForeignKey("speakers.seq"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("said_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("source_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("standing", sa.Integer, nullable=False),
        sa.Column("pinned_at", sa.BigInteger),
        sa.Column("forgotten_at", sa.BigInteger),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("status IN ('complete', 'partial')", name="status_known"),
        sa.UniqueConstraint("id", name="uq_turns_id"),
        sa.UniqueConstraint("conversation_seq", "position", name="uq_turns_conversation_seq_position"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_turns_said_at", "turns", ["said_at"])
    for columns in (["conversation_seq", "source_id"], ["pinned_at"], ["forgotten_at"]):
        present = sa.text(f"{columns[-1]} IS NOT NULL")
        op.create_index(f"ix_turns_{'_'.join(columns)}", "turns", columns, sqlite_where=present)


def _create_history() -> None:
    op.create_table(
        "revisions",
        sa.Column("turn_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("superseded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ledger",
        sa.Column("reply_seq", sa.Integer, sa.ForeignKey("turns.seq"), primary_key=True),
        sa.Column("rank", sa.Integer, primary_key=True),
        sa.Column("memory_seq", sa.Integer, sa.ForeignKey("turns.seq")),
        sa.Column("memory_id", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("in_prompt", sa.Integer, nullable=False),
    )
    op.create_index("ix_ledger_memory_seq", "ledger", ["memory_seq"])
    op.create_table(
        "acts",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subjects", sa.Text, nullable=False),
    )


def _create_meaning() -> None:
    op.create_table(
        "embedders",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.UniqueConstraint("fingerprint", name="uq_embedders_fingerprint"),
    )
    op.create_table(
        "vectors",
        sa.Column("stamp", sa.Integer, primary_key=True),
        sa.Column("turn_seq", sa.Integer, sa.ForeignKey("turns.seq"), nullable=False),
        sa.Column("embedder_seq", sa.Integer, sa.ForeignKey("embedders.seq"), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("turn_seq", name="uq_vectors_turn_seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vectors_embedder_seq", "vectors", ["embedder_seq"])
    op.create_table(
        "index_queue",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("turn_seq", sa.Integer, nullable=False),
        sa.Column("op", sa.Text, nullable=False),
        sa.CheckConstraint("op IN ('upsert', 'delete')", name="op_known"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_index_queue_turn_seq", "index_queue", ["turn_seq"])
