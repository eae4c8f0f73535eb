"""The same work with nothing around it: one SQLite commit, one FTS5 query, one Chroma add, one Chroma query."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from made_up import DIMENSIONS
from numpy.typing import NDArray

from memory_store.language.words import STOP_WORDS
from memory_store.semantic import chroma

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000")
CHROMA_BATCH = 5_000


class BareSqlite:
    """Two tables in one file: words, and their full-text index (porter)."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE IF NOT EXISTS turns (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        self._connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS found USING fts5 (text, tokenize='porter')")

    def fill(self, texts: Sequence[str]) -> None:
        """Full-text rows, in one transaction."""
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO found (text) VALUES (?)", [(text,) for text in texts])
        self._connection.execute("COMMIT")

    def commit(self, text: str) -> None:
        """One row, durable on return."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO turns (text) VALUES (?)", (text,))
        self._connection.execute("COMMIT")

    def query(self, question: str, limit: int) -> list[Any]:
        """The best by BM25 of all that share a word, stop words left out."""
        words = [word for word in question.rstrip("?").split() if word not in STOP_WORDS]
        match = " OR ".join(f'"{word}"' for word in words) or '"nothing"'
        sql = "SELECT rowid, text, bm25(found) FROM found WHERE found MATCH ? ORDER BY rank LIMIT ?"
        return self._connection.execute(sql, (match, limit)).fetchall()

    def close(self) -> None:
        self._connection.close()


class PlainChroma:
    """A collection as its documentation makes one: documents and vectors, cosine, all else by default."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        self._collection = self._client.get_or_create_collection(
            "turns", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._count = self._collection.count()

    def add(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Rows with fresh ids."""
        for start in range(0, len(texts), CHROMA_BATCH):
            part = list(texts[start : start + CHROMA_BATCH])
            ids = [str(self._count + number) for number in range(len(part))]
            self._collection.add(ids=ids, documents=part, embeddings=vectors[start : start + CHROMA_BATCH])
            self._count += len(part)

    def query(self, vector: NDArray[np.float32], limit: int) -> Any:
        """The nearest to ``vector``, shape (384,), with their documents."""
        assert vector.shape == (DIMENSIONS,)
        return self._collection.query(query_embeddings=vector[None, :], n_results=limit)

    def close(self) -> None:
        self._client.close()


class SameGraph:
    """Chroma's own client on a copy of mneme's index: the same graph, searched as wide as Chroma does by default."""

    EF_SEARCH = 100

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        self._collection = self._client.get_or_create_collection(
            chroma.COLLECTION, embedding_function=chroma.given_vectors()
        )

    @classmethod
    def copied(cls, index: Path, folder: Path) -> None:
        """Make the copy; ``index``: a generation of mneme's, that nobody has open."""
        shutil.copytree(index, folder)
        with closing(cls(folder)) as copy:
            copy._collection.modify(configuration={"hnsw": {"ef_search": cls.EF_SEARCH}})

    def query(self, vector: NDArray[np.float32], limit: int) -> Any:
        """The ids of the nearest to ``vector``, shape (384,), and how far they are."""
        return self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=["distances"])

    def close(self) -> None:
        self._client.close()
