"""The tables of the record of truth. `migrations/` holds their numbered history; a test keeps the two equal.

Instants are integers: microseconds since 1970, UTC. ``seq`` is a table's own key and never leaves the store; ``id`` is
the public one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import BigInteger

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""Eight bytes everywhere; SQLite numbers rows by a column of this very name."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as an integer so that it sorts, compares and costs eight bytes."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_micros(value)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The inverse of :func:`to_micros`."""
    return _EPOCH + micros * _MICROSECOND


def _where(condition: str) -> dict[str, Any]:
    """An index of the rows that meet a condition. Servers get theirs from ``postgresql/baseline.py``; to name it here
    as well would load SQLAlchemy's part for them at every start."""
    return {"sqlite_where": text(condition)}


metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

speakers = Table(
    "speakers",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

conversations = Table(
    "conversations",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("turns", Whole, nullable=False, server_default="0"),
    Column("archived_at", Instant),
    Column("deleted_at", Instant),
    Column("branched_from", Whole, ForeignKey("conversations.seq")),
    Column("branched_position", Whole),
    Index(None, "updated_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("conversation_seq", Whole, ForeignKey("conversations.seq")),
    Column("position", Whole, nullable=False),
    Column("session", Whole, nullable=False),
    Column("speaker_seq", Whole, ForeignKey("speakers.seq"), nullable=False),
    Column("text", Text, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source_id", Text),
    Column("status", Text, nullable=False),
    Column("standing", Whole, nullable=False),
    Column("pinned_at", Instant),
    Column("forgotten_at", Instant),
    Column("revision", Whole, nullable=False, server_default="0"),
    CheckConstraint("status IN ('complete', 'partial')", name="status_known"),
    UniqueConstraint("conversation_seq", "position"),
    Index(None, "conversation_seq", "source_id", **_where("source_id IS NOT NULL")),
    Index(None, "said_at"),
    Index(None, "pinned_at", **_where("pinned_at IS NOT NULL")),
    Index(None, "forgotten_at", **_where("forgotten_at IS NOT NULL")),
    sqlite_autoincrement=True,  # a purged number is never given again: Chroma and the ledger refer to it
)

revisions = Table(
    "revisions",
    metadata,
    Column("turn_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("revision", Whole, primary_key=True),
    Column("text", Text, nullable=False),
    Column("superseded_at", Instant, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("reply_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("rank", Whole, primary_key=True),
    Column("memory_seq", Whole, ForeignKey("turns.seq")),
    Column("memory_id", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("in_prompt", Whole, nullable=False),
    Column("number", Whole),
    Column("cited", Whole, nullable=False, server_default="0"),
    Column("actor", Text),
    Index(None, "memory_seq"),
)

embedders = Table(
    "embedders",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("dimensions", Whole, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    Column("stamp", Whole, primary_key=True),
    Column("turn_seq", Whole, ForeignKey("turns.seq"), nullable=False, unique=True),
    Column("embedder_seq", Whole, ForeignKey("embedders.seq"), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index(None, "embedder_seq"),
    sqlite_autoincrement=True,  # readers ask for stamps above the last they saw
)

index_queue = Table(
    "index_queue",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("turn_seq", Whole, nullable=False),
    Column("op", Text, nullable=False),
    CheckConstraint("op IN ('upsert', 'delete')", name="op_known"),
    Index(None, "turn_seq"),
    sqlite_autoincrement=True,
)

titles = Table(
    "titles",
    metadata,
    Column("conversation_seq", Whole, ForeignKey("conversations.seq"), primary_key=True),
    Column("revision", Whole, primary_key=True),
    Column("title", Text),
    Column("superseded_at", Instant, nullable=False),
)

acts = Table(
    "acts",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subjects", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("original", Whole),
    Column("together", Whole),
    Column("chain", Text, nullable=False),
    Index(None, "original", **_where("original IS NOT NULL")),
    Index(None, "together", **_where("together IS NOT NULL")),
    sqlite_autoincrement=True,  # a number is never given again, and a missing one shows
)

feedback = Table(
    "feedback",
    metadata,
    Column("reply_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("memory_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("signal", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("signal IN ('helpful', 'wrong')", name="signal_known"),
    Index(None, "memory_seq"),
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("older_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("newer_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("older_start", Whole),
    Column("older_length", Whole),
    Column("newer_start", Whole),
    Column("newer_length", Whole),
    Column("found_at", Instant, nullable=False),
    Column("decided_at", Instant),
    CheckConstraint("state IN ('open', 'both', 'newer', 'dismissed')", name="state_known"),
    Index(None, "newer_seq"),
)

derived = Table(
    "derived",
    metadata,
    Column("note_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("kind IN ('fact', 'preference', 'summary')", name="kind_known"),
)

derivations = Table(
    "derivations",
    metadata,
    Column("note_seq", Whole, ForeignKey("derived.note_seq"), primary_key=True),
    Column("source_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Index(None, "source_seq"),
)

consolidated = Table(
    "consolidated",
    metadata,
    Column("turn_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("at", Instant, nullable=False),
)

openings = Table(
    "openings",
    metadata,
    Column("memory_seq", Whole, ForeignKey("turns.seq"), primary_key=True),
    Column("query", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
