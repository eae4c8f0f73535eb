"""After a purge: search every file for what must be gone, and tell a trace from the same bytes with another reason."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from sqlalchemy import Connection, Text, select

from memory_store.database import dialects
from memory_store.database.base import Database
from memory_store.database.migrating import migrate
from memory_store.purging.erasing import SHORTEST_NEEDLE, Needles
from memory_store.schema import metadata, vectors
from memory_store.semantic.chroma import SemanticIndex
from memory_store.sqlite.database import FileDatabase

BLOCK = 4 * 1024 * 1024

MANY = 64
"""From so many sequences on, one pass for all of them is faster than one for each."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search of the files came to."""

    files: int
    size: int
    """Bytes."""
    traces: tuple[str, ...]
    """Files that still hold something."""


def search_files(database: Database, folder: Path | None, wanted: Needles, elsewhere: Sequence[Path] = ()) -> Search:
    """Look for ``wanted`` in every file under ``folder`` (where there is one), and in what lies ``elsewhere``. What
    stays may say the same: that is no trace."""
    size = 0
    held: dict[str, set[bytes]] = {}
    others = [file for place in elsewhere for file in ([place] if place.is_file() else files_of(place))]
    own = [] if folder is None else files_of(folder)
    for file in (*own, *others):
        name = file.relative_to(folder) if folder is not None and file.is_relative_to(folder) else file
        try:
            held[str(name)] = held_in(file, wanted.sequences, database)
            size += file.stat().st_size
        except FileNotFoundError:  # another process closed its log in the meantime
            continue
    guilty = _unexplained(database, set().union(*held.values()))
    return Search(len(held), size, tuple(name for name, found in held.items() if found & guilty))


def traces_in(database: Database, file: Path, wanted: Needles) -> set[bytes]:
    """What is left of ``wanted`` in one database file, which is open as ``database``."""
    return _unexplained(database, held_in(file, wanted.sequences, database))


def _unexplained(database: Database, found: set[bytes]) -> set[bytes]:
    with database.read() as connection:
        return {sequence for sequence in found if not _explained(connection, sequence)}


def files_of(folder: Path) -> list[Path]:
    """Every file under ``folder``; links are not followed."""
    return sorted(place for place in folder.rglob("*") if place.is_file() and not place.is_symlink())


def held_in(file: Path, sequences: Sequence[bytes], database: Database | None = None) -> set[bytes]:
    """Those of ``sequences`` that stand in ``file``. Read, not mapped: another process may truncate it meanwhile.

    ``database``: the one that is open here; its files stay open until it is closed (sqlite/open_files.py).
    """
    found: set[bytes] = set()
    overlap = max((len(sequence) for sequence in sequences), default=1)
    starting = _by_start(sequences) if len(sequences) > MANY else None
    tail = b""
    with _reading(file, database) as stream:
        while block := stream.read(BLOCK):
            view = tail + block
            found |= {one for one in sequences if one in view} if starting is None else _many(view, starting)
            tail = view[-overlap:]
    return found


@contextmanager
def _reading(file: Path, database: Database | None) -> Iterator[BinaryIO]:
    if not isinstance(database, FileDatabase) or not file.name.startswith(database.file.name):
        with file.open("rb") as stream:
            yield stream
        return
    descriptor = os.open(file, os.O_RDONLY)
    database.keep_open(descriptor)
    with os.fdopen(descriptor, "rb", closefd=False) as stream:
        yield stream


def _by_start(sequences: Sequence[bytes]) -> dict[int, list[bytes]]:
    starting: dict[int, list[bytes]] = {}
    for sequence in sequences:
        starting.setdefault(int.from_bytes(sequence[:SHORTEST_NEEDLE], "little"), []).append(sequence)
    return starting


def _many(view: bytes, starting: dict[int, list[bytes]]) -> set[bytes]:
    """The sequences that stand in ``view``, in one pass for all of them: first by their first bytes, then in full."""
    octets = np.frombuffer(view, np.uint8).astype(np.int64)
    width = max(0, len(octets) - SHORTEST_NEEDLE + 1)
    starts = np.zeros(width, np.int64)
    for place in range(SHORTEST_NEEDLE):
        starts |= octets[place : place + width] << (8 * place)
    hits = np.flatnonzero(np.isin(starts, np.fromiter(starting, np.int64, len(starting))))
    return {one for hit in hits.tolist() for one in starting[int(starts[hit])] if view.startswith(one, hit)}


def _explained(connection: Connection, sequence: bytes) -> bool:
    """Whether these bytes stand in a store in which nothing was ever said, or in what stays."""
    dialect = dialects.of(connection)
    if sequence in _empty_store() or dialect.fulltext.has_within(connection, sequence):
        return True
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Text):
                holds = dialect.within(column, sequence)
                if connection.execute(select(1).select_from(table).where(holds).limit(1)).first() is not None:
                    return True
    same = vectors.c.vector.in_([sequence, _as_half(sequence)])
    return connection.execute(select(1).select_from(vectors).where(same).limit(1)).first() is not None


def _as_half(sequence: bytes) -> bytes:
    """A vector of 32-bit numbers as it is stored; anything else comes out as something that is stored nowhere."""
    with np.errstate(all="ignore"):
        whole = sequence[: len(sequence) // 4 * 4]
        return bytes(np.frombuffer(whole, np.float32).astype(np.float16).tobytes())


@lru_cache(maxsize=1)
def _empty_store() -> bytes:
    """Every byte of a store in which nothing was ever said: table names, settings, zeros."""
    with tempfile.TemporaryDirectory(prefix="mneme-") as place:
        database = FileDatabase(Path(place) / "memory.db")
        migrate(database)
        SemanticIndex(Path(place) / "chroma").close()
        database.close()
        return b"\n".join(file.read_bytes() for file in files_of(Path(place)))
