"""Full-text rows against the words: every term of every turn, at its place; and some turns looked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Connection

from memory_store.checking.findings import Finding, memories
from memory_store.database import dialects
from memory_store.database.base import plain_rows
from memory_store.episodic import lexical, reading
from memory_store.language.words import terms
from memory_store.sqlite.database import complaints

SAMPLE = 32
LONGEST_QUERY = 6


def findings(connection: Connection) -> Iterator[Finding]:
    """What is wrong with full-text search."""
    try:
        wrong = dialects.of(connection).fulltext.differing(connection)
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


def _unfound(connection: Connection) -> list[int]:
    """Of a sample, the turns that a query for their own words does not find."""
    engine = dialects.of(connection).fulltext
    every = [int(row[0]) for row in plain_rows(connection, "SELECT seq FROM turns ORDER BY seq")]
    few = every[:: max(1, len(every) // SAMPLE)][:SAMPLE]
    lost = []
    for seq in few:
        [(text,)] = plain_rows(connection, "SELECT text FROM turns WHERE seq = ?", seq)
        asked = list(islice(terms(text), LONGEST_QUERY))
        if asked and not engine.holds_all(connection, asked, seq):
            lost.append(seq)
    return lost
