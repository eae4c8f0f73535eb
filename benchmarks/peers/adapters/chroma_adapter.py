"""Chroma as its documentation uses it: one collection, cosine, all else by default; vectors are given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serving import Embed, Product, serve


class PlainChroma:
    """``collection.add`` and ``collection.query``."""

    def __init__(self, folder: Path, embed: Embed) -> None:
        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        self._collection = client.create_collection(
            "turns", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._embed = embed

    def add(self, places: Sequence[int], texts: Sequence[str]) -> None:
        self._collection.add(ids=list(map(str, places)), documents=list(texts), embeddings=self._embed(texts))

    def search(self, query: str, limit: int) -> list[int]:
        found = self._collection.query(query_embeddings=self._embed([query]), n_results=limit)
        return [int(name) for name in found["ids"][0]]


def opened(folder: Path, embed: Embed) -> Product:
    return PlainChroma(folder, embed)


serve("chromadb", opened)
