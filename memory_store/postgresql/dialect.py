"""How PostgreSQL is spoken to: the same statements as SQLite, in its own spelling."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from memory_store.checking.findings import Finding
from memory_store.database.dialects import Value
from memory_store.postgresql.database import SEEN, driver
from memory_store.postgresql.fulltext import Tsvectors

SPELLINGS = {
    "@numbers": "SELECT value::bigint AS value FROM json_array_elements_text(?::json) AS listed (value)",
    "@names": "SELECT value FROM json_array_elements_text(?::json) AS listed (value)",
    "@pairs": "SELECT (value ->> 0)::bigint AS a, (value ->> 1)::bigint AS b"
    " FROM json_array_elements(?::json) AS listed (value)",
    "@then": "JOIN",
    "@subjects": "LATERAL (SELECT value FROM json_array_elements_text(subjects::json) AS listed (value))",
    "@tail": "convert_to(right(t.text, 3), 'UTF8')",
    "@given": "SELECT value::bigint FROM meta WHERE key = 'acts_given'",
    "@listed": "json_agg",
}


class PostgreSQL:
    """A :class:`~memory_store.database.dialects.Dialect`."""

    fulltext = Tsvectors()

    def __init__(self) -> None:
        self._spelled: dict[str, bytes] = {}
        self._streams = itertools.count()

    def rows(self, connection: Connection, sql: str, values: Sequence[Value]) -> Sequence[tuple[Any, ...]]:
        seen: dict[Any, list[tuple[Any, ...]]] | None = connection.info.get(SEEN)
        if seen is not None and (sql, values) in seen:
            return seen[sql, values]
        found = driver(connection).execute(self._spelled.get(sql) or self._spell(sql), values).fetchall()
        if seen is not None and len(found) == 1:
            seen[sql, values] = found
        return found

    def insert(self, connection: Connection, sql: str, values: Sequence[Value]) -> int:
        row = (
            driver(connection).execute(self._spelled.get(sql) or self._spell(sql, " RETURNING seq"), values).fetchone()
        )
        if row is None:
            raise AssertionError("not an insert of one row")
        return int(row[0])

    def change(self, connection: Connection, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
        statement = self._spelled.get(sql) or self._spell(sql)
        if len(rows) == 1:
            driver(connection).execute(statement, rows[0])
        else:
            with driver(connection).cursor() as cursor:
                cursor.executemany(statement, rows)

    def numbers(self, seqs: Sequence[int]) -> Select[tuple[int]]:
        return select(func.unnest(literal(list(seqs), ARRAY(BigInteger))).column_valued("value"))

    def within(self, column: Column[Any], sequence: bytes) -> ColumnElement[bool]:
        try:
            words = sequence.decode()
        except UnicodeDecodeError:
            return literal(value=False)
        return func.strpos(column, words) > 0

    def has_table(self, connection: Connection, name: str) -> bool:
        return bool(self.rows(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", (name,)))

    def triggers(self, connection: Connection) -> set[str]:
        mine = "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgenabled <> 'D'"
        rows = self.rows(connection, f"{mine} AND c.relnamespace = current_schema()::regnamespace", ())
        return {row[0] for row in rows}

    def stream(self, connection: Connection, sql: str) -> Iterator[tuple[Any, ...]]:
        with driver(connection).cursor(name=f"stream_{next(self._streams)}") as cursor:
            cursor.itersize = 2_000
            yield from cursor.execute(sql.encode())

    def fill(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        named = ", ".join(f'"{column}"' for column in columns)
        with (
            driver(connection).cursor() as cursor,
            cursor.copy(f"COPY {table} ({named}) FROM STDIN".encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def highest(self, connection: Connection, table: str, column: str) -> int:
        if table == "acts":  # they are numbered by the journal
            return int(self.rows(connection, "SELECT coalesce((@given), 0)", ())[0][0])
        sequence = self.rows(connection, "SELECT pg_get_serial_sequence(?, ?)", (table, column))[0][0]
        given = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"
        rows = self.rows(
            connection, f"SELECT greatest(({given}), (SELECT coalesce(max({column}), 0) FROM {table}))", ()
        )
        return int(rows[0][0])

    def set_highest(self, connection: Connection, table: str, column: str, number: int) -> None:
        if table == "acts":
            given = "INSERT INTO meta (key, value) VALUES ('acts_given', ?) ON CONFLICT (key) DO UPDATE SET value = ?"
            self.change(connection, given, [(str(number), str(number))])
        elif number:
            self.rows(connection, "SELECT setval(pg_get_serial_sequence(?, ?), ?)", (table, column, number))

    def findings(self, connection: Connection) -> Iterator[Finding]:
        """Rows that belong nowhere cannot be: the server holds to foreign keys. Its files are the server's to check."""
        broken = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
        for (name,) in self.rows(connection, f"{broken} AND c.relnamespace = current_schema()::regnamespace", ()):
            yield Finding(f"the index {name} is not valid: REINDEX INDEX it on the server")

    def _spell(self, sql: str, ending: str = "") -> bytes:
        spelled = sql.replace("%", "%%")
        for word, spelling in SPELLINGS.items():
            spelled = spelled.replace(word, spelling)
        self._spelled[sql] = (spelled.replace("?", "%s") + ending).encode()
        return self._spelled[sql]
