"""A whole memory from one database into another, of whichever kind: copied in one transaction, and compared row by row
before that is committed. A kill, a full disk or a lost connection leaves an empty target, and the source as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from memory_store.clock import utc_now
from memory_store.database import dialects
from memory_store.database.base import Database, change_rows, plain_rows
from memory_store.database.location import database_file
from memory_store.database.migrating import migrated
from memory_store.database.opening import database_at
from memory_store.database.server_urls import is_server
from memory_store.episodic import lexical, reading
from memory_store.errors import InvalidInput, StoreDamaged
from memory_store.journal.keeping import Journal
from memory_store.learning.files import FOLDER, NAME, carry, own_name
from memory_store.schema import from_micros, metadata
from memory_store.semantic import index_filling

Progress = Callable[[int, int], None]
"""Rows done, and of how many; each is copied and then compared."""

BATCH = 2_000
OF_THE_PLACE = (
    index_filling.GENERATION,
    index_filling.MADE_BY,
    index_filling.SEAL,
    index_filling.REBUILD_WANTED,
    "index_collection",
    "fulltext_length",
    "acts_given",
    NAME,
)
"""What ``meta`` says of the place a memory is in: its index, what a server counts by itself, where its heads are."""
WRITER = "writer "
"""The beginning of the keys by which a server knows who wrote last."""

_NUMBERED = dict.fromkeys(("speakers", "conversations", "turns", "embedders", "index_queue", "acts"), "seq")
_NUMBERED |= {"vectors": "stamp"}
"""Tables that give numbers, and where: what was given is not given again."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A table of the memory, the same in both places."""

    table: str
    rows: int
    sha256: str
    """Of all its rows, in their order."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move came to."""

    source: str
    target: str
    memories: int
    tables: tuple[Compared, ...]


def move(
    source: str | Path,
    target: str | Path,
    *,
    passphrase: str | None = None,
    actor: str = "",
    beside: Path | None = None,
    progress: Progress | None = None,
) -> Moved:
    """Copy the memory at ``source`` (a folder or a database URL) to ``target``, where none may be yet.

    Nobody can write to the source meanwhile; nothing in it is changed. Full-text rows are made anew from the words; the
    index of meaning is filled at the next open. ``passphrase``: of an encrypted source. ``target`` is not encrypted.
    ``beside``: the profile's folder on this machine, which has what was learned from memories on servers: that goes
    along.

    Raises InvalidInput for a target that holds something, StoreDamaged where a row did not arrive as it was (and
    nothing is kept of it then), StoreUnavailable, StoreLocked, WrongPassphrase.
    """
    with (
        closing(migrated(database_at(source, passphrase)[0])) as old,
        closing(migrated(database_at(target, None)[0])) as new,
    ):
        if old.place == new.place:
            raise InvalidInput(f"{old.place} is where the memory is already. Name another place with --to.")
        with old.write() as here, new.write() as there:
            if plain_rows(there, "SELECT 1 FROM turns UNION ALL SELECT 1 FROM acts LIMIT 1"):
                raise InvalidInput(f"{new.place} holds memories already. Name an empty place with --to.")
            tables = _Move(here, there, progress).whole()
            Journal(actor).note(there, "migrate", utc_now(), ())
            moved = Moved(old.place, new.place, reading.count_all(there), tables)
            here.rollback()
        learned, here_too = _heads(old, source, beside), _heads(new, target, beside)
        if learned is not None and here_too is not None:
            carry(learned, here_too)
    return moved


def _heads(database: Database, place: str | Path, beside: Path | None) -> Path | None:
    """Where what was learned from a memory is."""
    if not is_server(place):
        return database_file(place).parent / FOLDER
    return None if beside is None else beside / FOLDER / own_name(database)


class _Move:
    def __init__(self, here: Connection, there: Connection, progress: Progress | None) -> None:
        self._here, self._there = here, there
        self._progress = progress or (lambda _done, _total: None)
        self._done = 0
        self._total = 2 * sum(
            int(plain_rows(here, f"SELECT count(*) FROM {table.name}")[0][0]) for table in metadata.sorted_tables
        )

    def whole(self) -> tuple[Compared, ...]:
        for table in reversed(metadata.sorted_tables):  # what an empty memory may have: settings of its index, a title
            mine = "substr(key, 1, 7) <> ?" if table.name == "meta" else "? <> ''"  # but not the row of this writer
            change_rows(self._there, f"DELETE FROM {table.name} WHERE {mine}", [(WRITER,)])
        for table in metadata.sorted_tables:
            self._copy(table)
        dialect = dialects.of(self._there)
        for name, column in _NUMBERED.items():
            dialect.set_highest(self._there, name, column, dialects.of(self._here).highest(self._here, name, column))
        tables = tuple(self._compare(table) for table in metadata.sorted_tables)
        self._tell(self._total)  # with those rows of `meta` that stay where they are
        return tables

    def _copy(self, table: Table) -> None:
        dialect = dialects.of(self._there)
        names = [column.name for column in table.columns]
        source = self._rows(self._here, table)
        while part := list(islice(source, BATCH)):
            dialect.fill(self._there, table.name, names, part)
            if table.name == "turns":
                self._index([dict(zip(names, row, strict=True)) for row in part])
            self._tell(len(part))

    def _index(self, rows: Sequence[dict[str, Any]]) -> None:
        speakers: dict[int, str] = dict(plain_rows(self._here, "SELECT seq, name FROM speakers"))
        lexical.add(
            self._there,
            [
                (row["seq"], lexical.key_of(row["text"], speakers[row["speaker_seq"]], from_micros(row["said_at"])))
                for row in rows
            ],
        )

    def _compare(self, table: Table) -> Compared:
        digest, count = sha256(), 0
        other = self._rows(self._there, table)
        for row in self._rows(self._here, table):
            if row != next(other, None):
                raise StoreDamaged(
                    f"Row {count + 1:,} of {table.name} did not arrive as it is. Nothing was kept of the copy."
                )
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
            count += 1
            if count % BATCH == 0:
                self._tell(BATCH)
        if next(other, None) is not None:
            raise StoreDamaged(f"{table.name} has more rows in the copy. Nothing was kept of it.")
        self._tell(count % BATCH)
        return Compared(table.name, count, digest.hexdigest())

    def _rows(self, connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
        """Every row in the order of its key; of ``meta`` what belongs to the memory and not to its place."""
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
        found = dialects.of(connection).stream(connection, f"SELECT {columns} FROM {table.name} ORDER BY {keys}")
        return (row for row in found if table.name != "meta" or _goes_along(row[0]))

    def _tell(self, rows: int) -> None:
        self._done += rows
        self._progress(min(self._done, self._total), self._total)


def _goes_along(key: str) -> bool:
    """Whether an entry of ``meta`` belongs to the memory."""
    return key not in OF_THE_PLACE and not key.startswith(WRITER)
