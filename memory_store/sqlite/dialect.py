"""How SQLite is spoken to: by the driver itself, which keeps its statements prepared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Select, cast, func, select

from memory_store.checking.findings import Finding
from memory_store.database.dialects import Value
from memory_store.sqlite.database import driver
from memory_store.sqlite.fulltext import Fts5

SPELLINGS = {
    "@numbers": "SELECT value FROM json_each(?)",
    "@names": "SELECT value FROM json_each(?)",
    "@pairs": "SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(?)",
    "@then": "CROSS JOIN",  # SQLite would else go through all rows of the other side, not knowing how few are wanted
    "@subjects": "json_each(subjects)",
    # As bytes: of a text, SQLite counts every character to find the last three.
    "@tail": "substr(CAST(t.text AS BLOB), -9)",
    "@given": "SELECT seq FROM sqlite_sequence WHERE name = 'acts'",
    "@listed": "json_group_array",
}


class SQLite:
    """A :class:`~memory_store.database.dialects.Dialect`."""

    fulltext = Fts5()

    def __init__(self) -> None:
        self._spelled: dict[str, str] = {}

    def rows(self, connection: Connection, sql: str, values: Sequence[Value]) -> Sequence[tuple[Any, ...]]:
        return driver(connection).execute(self._spelled.get(sql) or self._spell(sql), values).fetchall()

    def insert(self, connection: Connection, sql: str, values: Sequence[Value]) -> int:
        return int(driver(connection).execute(sql, values).lastrowid or 0)

    def change(self, connection: Connection, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
        driver(connection).executemany(self._spelled.get(sql) or self._spell(sql), rows)

    def numbers(self, seqs: Sequence[int]) -> Select[tuple[int]]:
        return select(func.json_each(json.dumps(list(seqs))).table_valued("value").c.value)

    def within(self, column: Column[Any], sequence: bytes) -> ColumnElement[bool]:
        return func.instr(cast(column, LargeBinary), sequence) > 0

    def has_table(self, connection: Connection, name: str) -> bool:
        return bool(self.rows(connection, "SELECT 1 FROM sqlite_master WHERE name = ?", (name,)))

    def triggers(self, connection: Connection) -> set[str]:
        return {row[0] for row in self.rows(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'", ())}

    def stream(self, connection: Connection, sql: str) -> Iterator[tuple[Any, ...]]:
        return iter(driver(connection).execute(sql))

    def fill(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        named, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
        driver(connection).executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)

    def highest(self, connection: Connection, table: str, column: str) -> int:
        given = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?"
        row = driver(connection).execute(f"SELECT max(({given}), coalesce(max({column}), 0)) FROM {table}", (table,))
        return int(row.fetchone()[0])

    def set_highest(self, connection: Connection, table: str, column: str, number: int) -> None:  # noqa: ARG002
        raw = driver(connection)
        raw.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        raw.execute(  # other tables give the numbers of deleted rows again
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE EXISTS"
            " (SELECT 1 FROM sqlite_master WHERE name = ? AND sql LIKE '%AUTOINCREMENT%')",
            (table, number, table),
        )

    def findings(self, connection: Connection) -> Iterator[Finding]:
        from memory_store.sqlite.checking import findings

        return findings(connection)

    def _spell(self, sql: str) -> str:
        spelled = sql
        for word, spelling in SPELLINGS.items():
            spelled = spelled.replace(word, spelling)
        self._spelled[sql] = spelled
        return spelled
