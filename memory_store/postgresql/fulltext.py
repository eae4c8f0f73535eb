"""Full text on PostgreSQL: the stems of each turn with their places, as a tsvector under a GIN index.

The server neither cuts nor stems: what a term is, is decided where SQLite's is (:mod:`memory_store.language.words`),
so that both find the same and score it alike. A tsvector holds 16,383 places, 256 of one term, and a megabyte; a
longer turn has several rows. ``ts_rank`` serves to count: of one term with weight 1 it is the sum of 1/j^2 over its
places, times a constant, and so tells how many places there are without taking the vector apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
from sqlalchemy import Connection

from memory_store.addressing import Floats, Ints
from memory_store.language.words import stem
from memory_store.postgresql.database import driver

K1 = 1.2
B = 0.75
LENGTH = "fulltext_length"
"""In ``meta``: terms of all turns together, for their mean length."""
PART_TERMS = 16_000
PART_BYTES = 500_000
BATCH = 1_000

MOST = 256
"""Places of one term that a tsvector holds."""

_RANKS = np.cumsum((1 / np.arange(1, MOST + 1) ** 2).astype(np.float32), dtype=np.float32) / 1.64493406685
"""ts_rank of a term that stands 1, 2, … times, summed up in 32 bits as the server does."""
_BETWEEN = (_RANKS[1:] + _RANKS[:-1]) / 2
_INSERT = b"INSERT INTO turns_fts (turn_seq, part, length, terms) VALUES (%s, %s, %s, %s::tsvector)"
_DELETE = b"DELETE FROM turns_fts WHERE turn_seq = ANY(%s) RETURNING CASE part WHEN 0 THEN length ELSE 0 END"
_GROW = (
    b"INSERT INTO meta (key, value) VALUES ('fulltext_length', %s)"
    b" ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + excluded.value::bigint)::text"
)
_HOLDING = (
    b"SELECT f.held, f.further FROM unnest(%s::text[]) WITH ORDINALITY AS asked (query, place) CROSS JOIN LATERAL"
    b" (SELECT count(*) AS held, count(*) FILTER (WHERE part > 0) AS further FROM turns_fts"
    b" WHERE terms @@ query::tsquery) f ORDER BY place"
)
_POSTINGS = (
    b"SELECT turn_seq, ts_rank('{1,1,1,1}', terms, %s::tsquery), length,"
    b" (SELECT value::bigint FROM meta WHERE key = 'fulltext_length') FROM turns_fts WHERE terms @@ %s::tsquery"
    b" ORDER BY turn_seq"
)
_NUMBERS = b"SELECT turn_seq FROM turns_fts WHERE terms @@ %s::tsquery ORDER BY turn_seq"
_NEWEST = (
    b"SELECT DISTINCT turn_seq FROM turns_fts WHERE terms @@ %s::tsquery AND turn_seq <= %s"
    b" ORDER BY turn_seq DESC LIMIT %s"
)
_FOUND = b"SELECT 1 FROM turns_fts WHERE turn_seq = %s AND terms @@ %s::tsquery"
_DIFFERING = (
    b"SELECT coalesce(w.seq, f.turn_seq) FROM"
    b" unnest(%s::bigint[], %s::integer[], %s::integer[], %s::text[]) AS w (seq, part, length, terms)"
    b" FULL JOIN (SELECT * FROM turns_fts WHERE turn_seq > %s AND turn_seq <= %s) f"
    b" ON f.turn_seq = w.seq AND f.part = w.part"
    b" WHERE w.seq IS NULL OR f.turn_seq IS NULL OR w.length <> f.length OR w.terms::tsvector <> f.terms"
)

Row = tuple[int, int, int, str]
"""turn_seq, part, length of the whole turn, terms."""


class Tsvectors:
    """A :class:`~memory_store.database.dialects.FullText`."""

    def add(self, connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
        made = [part for seq, key in rows for part in rows_of(seq, key)]
        raw = driver(connection)
        if len(made) == 1:
            raw.execute(_INSERT, made[0])
        else:
            with raw.cursor() as cursor:
                cursor.executemany(_INSERT, made)
        raw.execute(_GROW, (str(sum(row[2] for row in made if row[1] == 0)),))

    def remove(self, connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
        raw = driver(connection)
        gone = sum(row[0] for row in raw.execute(_DELETE, ([seq for seq, _ in rows],)).fetchall())
        raw.execute(_GROW, (str(-gone),))

    def clear(self, connection: Connection) -> None:
        raw = driver(connection)
        raw.execute(b"DELETE FROM turns_fts")
        raw.execute(b"DELETE FROM meta WHERE key = %s", (LENGTH,))

    def frequencies(self, connection: Connection, words: Sequence[str]) -> dict[str, int]:
        rows = driver(connection).execute(_HOLDING, ([query_for(word) for word in words],)).fetchall()
        return {
            word: len(self.numbers(connection, word)) if further else int(held)  # a long turn has several rows
            for word, (held, further) in zip(words, rows, strict=True)
        }

    def postings(self, connection: Connection, word: str, documents: int) -> tuple[Ints, Floats]:
        raw = driver(connection)
        asked = query_for(word)
        rows = raw.execute(_POSTINGS, (asked, asked)).fetchall()
        if not rows:
            return np.empty(0, np.int64), np.empty(0)
        table = np.fromiter(chain.from_iterable(rows), np.float64, 4 * len(rows)).reshape(-1, 4)
        seqs, first = np.unique(table[:, 0].astype(np.int64), return_index=True)
        counts = np.searchsorted(_BETWEEN, table[:, 1]) + 1.0
        often, lengths = np.add.reduceat(counts, first), table[first, 2]
        mean = table[0, 3] / max(1, documents)
        return seqs, often * (K1 + 1) / (often + K1 * (1 - B + B * lengths / mean))

    def numbers(self, connection: Connection, word: str) -> Ints:
        return _matching(connection, query_for(word))

    def meeting(self, connection: Connection, word: str, others: Sequence[str]) -> Ints:
        return _matching(connection, f"{query_for(word)} & ({' | '.join(map(query_for, others))})")

    def newest(self, connection: Connection, words: Sequence[str], up_to: int, limit: int) -> Ints:
        query = " & ".join(map(query_for, words))
        rows = driver(connection).execute(_NEWEST, (query, up_to, limit)).fetchall()
        return np.fromiter(chain.from_iterable(reversed(rows)), np.int64, len(rows))

    def together(self, connection: Connection, first: str, second: str) -> Ints:
        return _matching(connection, f"{query_for(first)} <-> {query_for(second)}")

    def count(self, connection: Connection) -> int:
        row = driver(connection).execute(b"SELECT count(*) FROM turns_fts WHERE part = 0").fetchone()
        return 0 if row is None else int(row[0])

    def differing(self, connection: Connection) -> list[int]:
        from memory_store.episodic import reading

        wrong: set[int] = set()
        last = 0
        source = iter(sorted(reading.keys(connection)))
        while True:
            batch = list(islice(source, BATCH))
            top = batch[-1][0] if batch else 2**62
            made = [part for seq, key in batch for part in rows_of(seq, key)]
            columns = [list(column) for column in zip(*made, strict=True)] or [[], [], [], []]
            wrong.update(row[0] for row in driver(connection).execute(_DIFFERING, (*columns, last, top)).fetchall())
            if not batch:
                return sorted(wrong)
            last = top

    def has_within(self, connection: Connection, sequence: bytes) -> bool:  # noqa: ARG002 - it is not in our files
        return False

    def holds_all(self, connection: Connection, words: Sequence[str], seq: int) -> bool:
        query = " & ".join(map(query_for, words))
        return driver(connection).execute(_FOUND, (seq, query)).fetchone() is not None


def rows_of(seq: int, key: str) -> Iterator[Row]:
    """The rows of a turn: one, unless it is very long."""
    stems = [stem(word) for word in key.split()]
    part, begin = 0, 0
    while begin < len(stems) or part == 0:
        end, size, full = begin, 0, False
        places: dict[str, list[int]] = {}
        while end < len(stems) and end - begin < PART_TERMS and size < PART_BYTES and not full:
            at = places.setdefault(stems[end], [])
            size += len(stems[end].encode()) + 8
            end += 1
            at.append(end - begin)
            full = len(at) == MOST
        yield (
            seq,
            part,
            len(stems),
            " ".join(f"{_quoted(word)}:{','.join(map(str, at))}" for word, at in places.items()),
        )
        part, begin = part + 1, end


def query_for(word: str) -> str:
    """A tsquery for what the index holds of ``word``."""
    return _quoted(stem(word))


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _matching(connection: Connection, query: str) -> Ints:
    rows = driver(connection).execute(_NUMBERS, (query,)).fetchall()
    return np.unique(np.fromiter(chain.from_iterable(rows), np.int64, len(rows)))
