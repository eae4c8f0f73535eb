"""FTS5 over the keys of turns, without their text: it finds and stems, and says how much of a term each turn is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from sqlalchemy import Connection, text

from memory_store.addressing import Floats, Ints
from memory_store.language.words import stem
from memory_store.sqlite.database import driver

_INSERT = "INSERT INTO turns_fts (rowid, key) VALUES (?, ?)"
_DELETE = "INSERT INTO turns_fts (turns_fts, rowid, key) VALUES ('delete', ?, ?)"
_POSTINGS = "SELECT rowid, -bm25(turns_fts) FROM turns_fts WHERE turns_fts MATCH ?"
_TOGETHER = "SELECT rowid FROM turns_fts WHERE turns_fts MATCH ?"
_NEWEST = "SELECT rowid FROM turns_fts WHERE turns_fts MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?"
_HOLDING = "SELECT count(*) FROM turns_fts WHERE turns_fts MATCH ?"
_DOCUMENTS = "SELECT doc FROM turns_terms WHERE term = ?"
_WITHIN = "SELECT 1 FROM turns_terms WHERE instr(CAST(term AS BLOB), ?) > 0 LIMIT 1"
_FOUND = "SELECT 1 FROM turns_fts WHERE turns_fts MATCH ? AND rowid = ?"


class Fts5:
    """A :class:`~memory_store.database.dialects.FullText`."""

    def add(self, connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
        driver(connection).executemany(_INSERT, rows)

    def remove(self, connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
        driver(connection).executemany(_DELETE, rows)

    def clear(self, connection: Connection) -> None:
        connection.execute(text("INSERT INTO turns_fts (turns_fts) VALUES ('delete-all')"))

    def frequencies(self, connection: Connection, words: Sequence[str]) -> dict[str, int]:
        return {word: self._frequency(connection, word) for word in words}

    def _frequency(self, connection: Connection, word: str) -> int:
        raw = driver(connection)
        found = raw.execute(_DOCUMENTS, (stem(word),)).fetchone()
        if found is None:
            # A word in letters newer than the engine's Unicode is several words to it: ask it, rather than miss them.
            found = raw.execute(_HOLDING, (f'"{word}"',)).fetchone()
        return int(found[0])

    def postings(self, connection: Connection, word: str, documents: int) -> tuple[Ints, Floats]:
        rows = driver(connection).execute(_POSTINGS, (f'"{word}"',)).fetchall()
        if not rows:
            return np.empty(0, np.int64), np.empty(0)
        table = np.fromiter(chain.from_iterable(rows), np.float64, 2 * len(rows)).reshape(-1, 2)
        # bm25() of a one-term query is FTS5's idf times the saturation we want; its idf is this, floored at 1e-6.
        engine_idf = max(1e-6, math.log((documents - len(rows) + 0.5) / (len(rows) + 0.5)))
        return table[:, 0].astype(np.int64), table[:, 1] / engine_idf

    def numbers(self, connection: Connection, word: str) -> Ints:
        return self._matching(connection, f'"{word}"')

    def meeting(self, connection: Connection, word: str, others: Sequence[str]) -> Ints:
        return self._matching(connection, f'({_any(others)}) AND "{word}"')

    def newest(self, connection: Connection, words: Sequence[str], up_to: int, limit: int) -> Ints:
        query = " AND ".join(f'"{word}"' for word in words)
        rows = driver(connection).execute(_NEWEST, (query, up_to, limit)).fetchall()
        return np.fromiter(chain.from_iterable(reversed(rows)), np.int64, len(rows))

    def together(self, connection: Connection, first: str, second: str) -> Ints:
        return self._matching(connection, f'"{first} {second}"')

    def count(self, connection: Connection) -> int:
        return int(driver(connection).execute("SELECT count(*) FROM turns_fts_docsize").fetchone()[0])

    def differing(self, connection: Connection) -> list[int]:
        from memory_store.sqlite.checking import differing_rows

        return differing_rows(connection)

    def has_within(self, connection: Connection, sequence: bytes) -> bool:
        return driver(connection).execute(_WITHIN, (sequence,)).fetchone() is not None

    def holds_all(self, connection: Connection, words: Sequence[str], seq: int) -> bool:
        query = " ".join(f'"{word}"' for word in words)
        return driver(connection).execute(_FOUND, (query, seq)).fetchone() is not None

    def _matching(self, connection: Connection, query: str) -> Ints:
        rows = driver(connection).execute(_TOGETHER, (query,)).fetchall()
        return np.fromiter(chain.from_iterable(rows), np.int64, len(rows))


def _any(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)
