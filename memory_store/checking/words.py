"""The record of truth itself: the database, and counts that are kept beside what they count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from memory_store.checking.findings import Finding, counted, memories
from memory_store.database import dialects
from memory_store.database.base import plain_rows
from memory_store.journal import keeping
from memory_store.semantic import vectors

_MISCOUNTED = (
    "SELECT c.seq FROM conversations c WHERE c.turns <> (SELECT count(*) FROM turns t WHERE t.conversation_seq = c.seq)"
)
_RECOUNT = (
    "UPDATE conversations SET turns = (SELECT count(*) FROM turns t WHERE t.conversation_seq = conversations.seq)"
)
_UNREVISED = "SELECT t.seq FROM turns t WHERE t.revision <> (SELECT count(*) FROM revisions r WHERE r.turn_seq = t.seq)"
_REVISE = "UPDATE turns SET revision = (SELECT count(*) FROM revisions r WHERE r.turn_seq = turns.seq)"
_ESTRANGED = "SELECT l.reply_seq FROM ledger l JOIN turns t ON t.seq = l.memory_seq WHERE t.id <> l.memory_id"
RELINK = "UPDATE ledger SET memory_seq = (SELECT seq FROM turns WHERE id = ledger.memory_id)"


def findings(connection: Connection) -> Iterator[Finding]:
    """What is wrong with the words' own tables."""
    yield from dialects.of(connection).findings(connection)
    if wrong := plain_rows(connection, _MISCOUNTED):
        what = f"{counted(len(wrong), 'conversation')} with a wrong number of turns"
        yield Finding(what, lambda now: now.exec_driver_sql(_RECOUNT), "the turns of conversations were counted again")
    if wrong := plain_rows(connection, _UNREVISED):
        what = f"{memories(len(wrong))} with a wrong number of edits"
        yield Finding(what, lambda now: now.exec_driver_sql(_REVISE), "edits were counted again")
    if wrong := plain_rows(connection, _ESTRANGED):
        what = f"{counted(len(wrong), 'row')} of the ledger that name one memory and mean another"
        yield Finding(what, _relink, "the ledger's rows were joined to their memories")
    for told in keeping.problems(connection):
        yield Finding(told)


def _relink(connection: Connection) -> None:
    with ledger_open(connection):
        connection.exec_driver_sql(RELINK)


@contextmanager
def ledger_open(connection: Connection) -> Iterator[None]:
    """The ledger is guarded by triggers; they let a purge by, and this."""
    vectors.write_meta(connection, "purging", "1")
    yield
    connection.exec_driver_sql("DELETE FROM meta WHERE key = 'purging'")
