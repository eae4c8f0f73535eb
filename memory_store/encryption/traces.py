"""After encrypting: does any file of the profile still hold words or vectors in the plain? As a purge is proved."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import text as sql

from memory_store.database.migrating import migrated
from memory_store.encryption.keys import Key
from memory_store.purging import erasing, proving
from memory_store.sqlite.database import FileDatabase

MOST = 2_000
"""Memories looked for, spread evenly over all: a file that holds the memory in the plain holds many of them."""
LEAST_BYTES = 12
"""Shorter words could stand in any file by chance."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    files: int = 0
    size: int = 0
    names: tuple[str, ...] = ()


def wanted(file: Path, key: Key | None) -> tuple[bytes, ...]:
    """Wordings, earlier ones too, and vectors of up to ``MOST`` memories, as bytes. Migrates the store if need be."""
    with closing(migrated(FileDatabase(file, key))) as database, database.read() as connection:
        top = int(connection.execute(sql("SELECT coalesce(max(seq), 0) FROM turns")).scalar_one())
        chosen = np.unique(np.linspace(1, max(1, top), MOST).astype(np.int64)).tolist()
        found = erasing.needles(connection, chosen).sequences
    return tuple(one for one in found if len(one) >= LEAST_BYTES and len(set(one)) > 1)


def search(folder: Path, sequences: tuple[bytes, ...]) -> Found:
    """Look through every file under ``folder``. The memory must not be open in this process."""
    size, count = 0, 0
    names: list[str] = []
    for file in proving.files_of(folder):
        if proving.held_in(file, sequences):
            names.append(str(file.relative_to(folder)))
        size, count = size + file.stat().st_size, count + 1
    return Found(count, size, tuple(names))
