"""What a check asks of a SQLite file: its pages, references between its tables, and what FTS5 holds.

FTS5 keeps no text to compare with, so the keys are indexed once more, in memory and a part at a time, and both sides
are summed up per turn from what the engine itself says it holds.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store import ids
from memory_store.checking.findings import Finding, counted
from memory_store.checking.words import RELINK, ledger_open
from memory_store.database.base import plain_rows
from memory_store.episodic import reading
from memory_store.language.words import TOKENIZER
from memory_store.semantic import vectors
from memory_store.sqlite.database import complaints, driver

PART = 5_000
CHUNK = 50_000

_ANY_WORD = "SELECT 1 FROM turns_fts WHERE turns_fts MATCH 'any' LIMIT 1"
_TABLE = f"CREATE VIRTUAL TABLE {{name}} USING fts5(key, content='', tokenize='{TOKENIZER}')"
_INSTANCES = "CREATE VIRTUAL TABLE temp.check_terms USING fts5vocab('main', '{table}', 'instance')"
_READ = "SELECT term, doc, offset FROM temp.check_terms"

_DERIVED = {
    "vectors": "turn_seq", "ledger": "reply_seq", "feedback": "reply_seq", "conflicts": "older_seq",
    "derivations": "note_seq", "derived": "note_seq", "consolidated": "turn_seq", "openings": "memory_seq",
}  # fmt: skip
"""Tables whose rows mean nothing without their turn."""

Sums = NDArray[np.int64]


def findings(connection: Connection) -> Iterator[Finding]:
    """What is wrong with the file."""
    yield from _file(connection)
    yield from _references(connection)


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


def _drop_orphans(connection: Connection, table: str) -> None:
    column = _DERIVED[table]
    if table == "derived":
        connection.exec_driver_sql("DELETE FROM derivations WHERE note_seq NOT IN (SELECT seq FROM turns)")
    with ledger_open(connection):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT seq FROM turns)")
        if table == "ledger":
            connection.exec_driver_sql(RELINK)
    if table == "feedback":
        connection.exec_driver_sql("DELETE FROM feedback WHERE memory_seq NOT IN (SELECT seq FROM turns)")
    if table == "conflicts":
        connection.exec_driver_sql("DELETE FROM conflicts WHERE newer_seq NOT IN (SELECT seq FROM turns)")
    if table in ("derived", "derivations"):
        connection.exec_driver_sql("DELETE FROM derivations WHERE source_seq NOT IN (SELECT seq FROM turns)")
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


def differing_rows(connection: Connection) -> list[int]:
    """Turns whose row is not what their words make, and rows without a turn."""
    top = int(plain_rows(connection, "SELECT max((SELECT coalesce(max(seq), 0) FROM turns),"
                                     " (SELECT coalesce(max(id), 0) FROM turns_fts_docsize))")[0][0])  # fmt: skip
    held = _held(connection, top)
    wanted = np.zeros(top + 1, np.int64)
    known = np.zeros(top + 1, np.bool_)
    source = iter(reading.keys(connection))
    while part := list(islice(source, PART)):
        wanted += _wanted(part, top)
        known[[seq for seq, _ in part]] = True
    rowed = np.zeros(top + 1, np.bool_)
    rowed[[row[0] for row in plain_rows(connection, "SELECT id FROM turns_fts_docsize")]] = True
    return np.flatnonzero((held != wanted) | (known != rowed)).tolist()


def _held(connection: Connection, top: int) -> Sums:
    raw = driver(connection)
    raw.execute("DROP TABLE IF EXISTS temp.check_terms")
    raw.execute(_INSTANCES.format(table="turns_fts"))
    try:
        return _summed(raw.execute(_READ), top)
    finally:
        raw.execute("DROP TABLE IF EXISTS temp.check_terms")


def _wanted(part: Sequence[tuple[int, str]], top: int) -> Sums:
    with closing(sqlite3.connect(":memory:")) as scratch:
        scratch.execute(_TABLE.format(name="keys"))
        scratch.executemany("INSERT INTO keys (rowid, key) VALUES (?, ?)", part)
        scratch.execute(_INSTANCES.format(table="keys"))
        return _summed(scratch.execute(_READ), top)


def _summed(instances: Iterable[tuple[str, int, int]], top: int) -> Sums:
    """For each turn, a sum over its terms and their places; shape (top + 1,)."""
    sums = np.zeros(top + 1, np.int64)
    source = iter(instances)
    last, code = "", 0
    while chunk := list(islice(source, CHUNK)):
        values = np.empty(len(chunk), np.int64)
        for place, (term, _, offset) in enumerate(chunk):
            if term != last:
                last, code = term, zlib.crc32(term.encode())
            values[place] = (code + 1) * (offset + 1)
        np.add.at(sums, [row[1] for row in chunk], values)
    return sums
