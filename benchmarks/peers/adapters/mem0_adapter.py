"""mem0's ``Memory``, without a language model: ``add(infer=False)`` and ``search``, with Chroma as its vector store.

Vectors come through its LangChain provider, which takes an object. The language model it insists on is never called.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serving import Embed, Product, serve

WHO = "somebody"


class Mem0:
    """One user's memories; a turn's place in the data travels in the memory's metadata."""

    def __init__(self, folder: Path, embed: Embed) -> None:
        from langchain_core.embeddings import Embeddings
        from mem0 import Memory

        class Given(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return embed(texts)

            def embed_query(self, text: str) -> list[float]:
                return embed([text])[0]

        self._memory = Memory.from_config(
            {
                "vector_store": {"provider": "chroma", "config": {"path": str(folder / "chroma")}},
                "embedder": {"provider": "langchain", "config": {"model": Given()}},
                "history_db_path": str(folder / "history.db"),
            }
        )

    def add(self, places: Sequence[int], texts: Sequence[str]) -> None:
        for place, text in zip(places, texts, strict=True):
            self._memory.add([{"role": "user", "content": text}], user_id=WHO, metadata={"place": place}, infer=False)

    def search(self, query: str, limit: int) -> list[int]:
        found = self._memory.search(query, top_k=limit, filters={"user_id": WHO})
        return [int(one["metadata"]["place"]) for one in found["results"]]


def opened(folder: Path, embed: Embed) -> Product:
    return Mem0(folder, embed)


serve("mem0ai", opened)
