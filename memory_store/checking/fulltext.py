"""Full-text rows against the words: every term of every turn, at its place.

The engine keeps no text to compare with, so the keys are indexed once more, in memory and a part at a time, and both
sides are summed up per turn from what the engine itself says it holds.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store import lexical, reading
from memory_store.checking.findings import Finding, memories
from memory_store.database import complaints, driver, plain_rows
from memory_store.words import terms

PART = 5_000
CHUNK = 50_000
SAMPLE = 32
LONGEST_QUERY = 6

_TABLE = "CREATE VIRTUAL TABLE {name} USING fts5(key, content='', tokenize='porter unicode61 remove_diacritics 0')"
_INSTANCES = "CREATE VIRTUAL TABLE temp.check_terms USING fts5vocab('main', '{table}', 'instance')"
_READ = "SELECT term, doc, offset FROM temp.check_terms"
_FOUND = "SELECT 1 FROM turns_fts WHERE turns_fts MATCH ? AND rowid = ?"

Sums = NDArray[np.int64]


def findings(connection: Connection) -> Iterator[Finding]:
    """What is wrong with full-text search."""
    try:
        wrong = _differing(connection)
        lost = _unfound(connection) if not wrong else []
    except complaints() as error:
        yield Finding(f"full-text search is damaged ({error})", _make_anew, ANEW)
        return
    if wrong:
        yield Finding(f"full-text search does not hold the words of {memories(len(wrong))}", _make_anew, ANEW)
    if lost:
        yield Finding(f"{len(lost):,} of {SAMPLE} memories are not found by their own words", _make_anew, ANEW)


ANEW = "full-text search was made anew from the words"


def _make_anew(connection: Connection) -> None:
    lexical.make_anew(connection, reading.keys(connection))


def _differing(connection: Connection) -> list[int]:
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


def _unfound(connection: Connection) -> list[int]:
    """Of a sample, the turns that a query for their own words does not find."""
    every = [int(row[0]) for row in plain_rows(connection, "SELECT seq FROM turns ORDER BY seq")]
    few = every[:: max(1, len(every) // SAMPLE)][:SAMPLE]
    lost = []
    for seq in few:
        [(text,)] = plain_rows(connection, "SELECT text FROM turns WHERE seq = ?", seq)
        query = " ".join(f'"{term}"' for term in islice(terms(text), LONGEST_QUERY))
        if query and not plain_rows(connection, _FOUND, query, seq):
            lost.append(seq)
    return lost
