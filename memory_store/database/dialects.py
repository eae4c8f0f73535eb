"""Where SQLite and PostgreSQL part: one object for each, found by the connection.

In plain SQL these stand for what the two spell differently:

=============== ==============================================================================================
``@numbers``    a query of one column, ``value``: the numbers of a parameter that is a JSON array
``@names``      the same for strings
``@pairs``      two columns, ``a`` and ``b``: of a JSON array of pairs of numbers
``@then``       a join whose left side is few rows and is to be read first
``@subjects``   a table of one column, ``value``: the strings of the JSON array in the column ``subjects``
``@tail``       the end of the column ``t.text``, in bytes: its last three characters at least
``@given``      the highest number an act was ever given
``@listed``     makes a JSON array of the values of a group
=============== ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Connection, Select

    from memory_store.addressing import Floats, Ints
    from memory_store.checking.findings import Finding

Value = str | int | bytes | None


class FullText(Protocol):
    """The words' index: which turns hold a term, and how much of each that is. A *key* is what
    :func:`memory_store.episodic.lexical.key_of` makes: terms with spaces between; an engine stems them."""

    def add(self, connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
        """Index ``(seq, key)`` rows."""

    def remove(self, connection: Connection, rows: Iterable[tuple[int, str]]) -> None:
        """Take ``(seq, key)`` rows out; each key must be exactly what was added."""

    def clear(self, connection: Connection) -> None:
        """Throw every row away."""

    def frequencies(self, connection: Connection, words: Sequence[str]) -> dict[str, int]:
        """How many turns hold each of ``words``."""

    def postings(self, connection: Connection, word: str, documents: int) -> tuple[Ints, Floats]:
        """The turns that hold ``word``, sorted, and for each BM25's saturation, 0 to k1 + 1: f (k1 + 1) / (f + k1 (1 -
        b + b length / mean length)), k1 = 1.2, b = .75. ``documents``: how many turns there are."""

    def numbers(self, connection: Connection, word: str) -> Ints:
        """The turns that hold ``word``, sorted."""

    def meeting(self, connection: Connection, word: str, others: Sequence[str]) -> Ints:
        """The turns that hold ``word`` and any of ``others``, sorted."""

    def newest(self, connection: Connection, words: Sequence[str], up_to: int, limit: int) -> Ints:
        """The ``limit`` highest-numbered turns that hold all of ``words``, none above ``up_to``; sorted."""

    def together(self, connection: Connection, first: str, second: str) -> Ints:
        """The turns in which ``second`` stands right after ``first``, sorted."""

    def count(self, connection: Connection) -> int:
        """How many turns are indexed."""

    def differing(self, connection: Connection) -> list[int]:
        """Turns whose row is not what their words make, and rows without a turn."""

    def has_within(self, connection: Connection, sequence: bytes) -> bool:
        """Whether these bytes are part of a term."""

    def holds_all(self, connection: Connection, words: Sequence[str], seq: int) -> bool:
        """Whether a query for all of ``words`` finds turn ``seq``."""


class Dialect(Protocol):
    """How one kind of database is spoken to. Connections are inside a transaction."""

    @property
    def fulltext(self) -> FullText: ...

    def rows(self, connection: Connection, sql: str, values: Sequence[Value]) -> Sequence[tuple[Any, ...]]:
        """The rows of a query; parameters are ``?``."""

    def insert(self, connection: Connection, sql: str, values: Sequence[Value]) -> int:
        """Insert one row; the ``seq`` it got."""

    def change(self, connection: Connection, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
        """Run a statement for each of ``rows``."""

    def numbers(self, seqs: Sequence[int]) -> Select[tuple[int]]:
        """These numbers as a sub-query: any number of them."""

    def within(self, column: Column[Any], sequence: bytes) -> ColumnElement[bool]:
        """Whether a text column holds these bytes of UTF-8."""

    def has_table(self, connection: Connection, name: str) -> bool:
        """Whether there is such a table."""

    def triggers(self, connection: Connection) -> set[str]:
        """The names of those that guard tables."""

    def stream(self, connection: Connection, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query without parameters, one by one: however many there are."""

    def fill(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert many rows."""

    def highest(self, connection: Connection, table: str, column: str) -> int:
        """The highest number that a table ever gave in its column of numbers."""

    def set_highest(self, connection: Connection, table: str, column: str, number: int) -> None:
        """Let a table give higher numbers only."""

    def findings(self, connection: Connection) -> Iterator[Finding]:
        """What the database itself finds wrong: files, indexes, references."""


@lru_cache(maxsize=2)
def _named(name: str) -> Dialect:
    if name == "postgresql":
        from memory_store.postgresql.dialect import PostgreSQL

        return PostgreSQL()
    from memory_store.sqlite.dialect import SQLite

    return SQLite()


def of(connection: Connection) -> Dialect:
    """The dialect of a connection's database."""
    return _named(connection.dialect.name)
