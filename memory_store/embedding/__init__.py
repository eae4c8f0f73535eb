"""Text to vector: what an embedder is, the one that comes with mneme, and any other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from memory_store.embedding.base import Embedder
from memory_store.embedding.minilm import MiniLM

__all__ = ["Embedder", "MiniLM", "default_embedder", "embedder_named"]


@cache
def default_embedder() -> Embedder:
    """all-MiniLM-L6-v2, which is installed with mneme: no hub, no download. One a process, read at its first text."""
    return MiniLM()


def embedder_named(name: str) -> Embedder:
    """``default``, or the folder of a sentence-embedding model. Raises EmbedderError."""
    if name in {"default", MiniLM.name}:
        return default_embedder()
    from memory_store.embedding.sentence import SentenceEmbedder

    return SentenceEmbedder(Path(name).expanduser())
