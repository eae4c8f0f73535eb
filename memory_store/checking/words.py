"""The record of truth itself: the file, references between tables, and counts that are kept beside what they count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from sqlalchemy import Connection

from memory_store import ids, vectors
from memory_store.checking.findings import Finding, counted, memories
from memory_store.database import complaints, plain_rows
from memory_store.journal import keeping

_ANY_WORD = "SELECT 1 FROM turns_fts WHERE turns_fts MATCH 'any' LIMIT 1"
_MISCOUNTED = (
    "SELECT c.seq FROM conversations c WHERE c.turns <> (SELECT count(*) FROM turns t WHERE t.conversation_seq = c.seq)"
)
_RECOUNT = (
    "UPDATE conversations SET turns = (SELECT count(*) FROM turns t WHERE t.conversation_seq = conversations.seq)"
)
_UNREVISED = "SELECT t.seq FROM turns t WHERE t.revision <> (SELECT count(*) FROM revisions r WHERE r.turn_seq = t.seq)"
_REVISE = "UPDATE turns SET revision = (SELECT count(*) FROM revisions r WHERE r.turn_seq = turns.seq)"
_ESTRANGED = "SELECT l.reply_seq FROM ledger l JOIN turns t ON t.seq = l.memory_seq WHERE t.id <> l.memory_id"
_RELINK = "UPDATE ledger SET memory_seq = (SELECT seq FROM turns WHERE id = ledger.memory_id)"

_DERIVED = {"vectors": "turn_seq", "ledger": "reply_seq", "feedback": "reply_seq"}
"""Tables whose rows mean nothing without their turn."""


def findings(connection: Connection) -> Iterator[Finding]:
    """What is wrong with the words' own tables."""
    yield from _file(connection)
    yield from _references(connection)
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


def _file(connection: Connection) -> Iterator[Finding]:
    # SQLite 3.44 and later look at the full-text index as well, but not whether another connection has changed it since
    # this one last read it; a query does.
    with suppress(*complaints()):  # damaged: told of where full-text search is compared
        plain_rows(connection, _ANY_WORD)
    broken = [str(row[0]) for row in plain_rows(connection, "PRAGMA integrity_check(20)") if row[0] != "ok"]
    if not broken:
        return
    if all(" index " in line for line in broken):
        what = f"an index of the database lacks rows or has wrong ones ({broken[0]})"
        yield Finding(what, lambda now: now.exec_driver_sql("REINDEX"), "the database's indexes were built anew")
    else:
        yield Finding(
            f"the database file is damaged ({broken[0]}): restore a backup (`mneme backup list`), or export what can be"
            " read"
        )


def _references(connection: Connection) -> Iterator[Finding]:
    """Rows that refer to rows that are not there."""
    orphans: dict[tuple[str, str], list[int]] = {}
    for table, rowid, parent, _ in plain_rows(connection, "PRAGMA foreign_key_check"):
        orphans.setdefault((table, parent), []).append(rowid)
    for (table, parent), rows in orphans.items():
        what = f"{counted(len(rows), 'row')} of {table} that belong to no {parent}"
        if (table, parent) in {("turns", "conversations"), ("turns", "speakers")}:
            known = _new_conversations if parent == "conversations" else _new_speakers
            yield Finding(what, known, f"{parent} were made for them")
        elif table in _DERIVED:
            yield Finding(what, partial(_drop_orphans, table=table), f"those rows of {table} were dropped")
        else:  # words of a memory that is gone: nobody's to throw away
            yield Finding(f"{what}: a memory was lost; restore a backup (`mneme backup list`)")


def _relink(connection: Connection) -> None:
    with _ledger_open(connection):
        connection.exec_driver_sql(_RELINK)


@contextmanager
def _ledger_open(connection: Connection) -> Iterator[None]:
    """The ledger is guarded by triggers; they let a purge by, and this."""
    vectors.write_meta(connection, "purging", "1")
    yield
    connection.exec_driver_sql("DELETE FROM meta WHERE key = 'purging'")


def _drop_orphans(connection: Connection, table: str) -> None:
    column = _DERIVED[table]
    with _ledger_open(connection):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT seq FROM turns)")
        if table == "ledger":
            connection.exec_driver_sql(_RELINK)
    if table == "feedback":
        connection.exec_driver_sql("DELETE FROM feedback WHERE memory_seq NOT IN (SELECT seq FROM turns)")
    vectors.new_epoch(connection)


def _new_conversations(connection: Connection) -> None:
    lost = (
        "SELECT conversation_seq, min(said_at), max(said_at), count(*) FROM turns"
        " WHERE conversation_seq NOT IN (SELECT seq FROM conversations) GROUP BY conversation_seq"
    )
    for seq, first, last, count in plain_rows(connection, lost):
        connection.exec_driver_sql(
            "INSERT INTO conversations (seq, id, title, created_at, updated_at, turns) VALUES (?, ?, ?, ?, ?, ?)",
            (seq, ids.random_id(), "Found by a check", first, last, count),
        )


def _new_speakers(connection: Connection) -> None:
    lost = "SELECT DISTINCT speaker_seq FROM turns WHERE speaker_seq NOT IN (SELECT seq FROM speakers)"
    for (seq,) in plain_rows(connection, lost):
        connection.exec_driver_sql("INSERT INTO speakers (seq, name) VALUES (?, ?)", (seq, f"unknown {seq}"))
