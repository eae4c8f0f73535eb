"""Memories to be encrypted, and looking for them on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from memory_store import MemoryStore
from tests.fakes import HashedWords

OLD = "correct horse battery"
NEW = "staple of another kind"
MARK = "zyxmark"


def words(number: int) -> str:
    return f"turn {number} tells of the {MARK}{number} that nobody else may read"


def fill(store: MemoryStore, count: int = 40) -> None:
    for number in range(count):
        store.remember(words(number), conversation=f"c{number % 3}")
    first = store.memories(newest_first=False)[0]
    store.edit(first.id, f"{words(0)}, as was said later")
    store.forget(store.memories()[0].id)
    store.index_now()


def everything(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def in_the_plain(folder: Path) -> list[str]:
    """Which of the memory's words, terms and vectors stand in any file below ``folder``."""
    left = everything(folder)
    vector = HashedWords().encode([words(5)])[0]
    sought = {
        "words": MARK.encode(),
        "vector": vector.astype(np.float16).tobytes(),
        "Chroma's vector": vector.astype(np.float16).astype(np.float32).tobytes(),
        "schema": b"CREATE TABLE turns",
    }
    return [name for name, sequence in sought.items() if sequence in left]
