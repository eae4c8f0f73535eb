"""Text to vector: what an embedder is, and the one that comes with mneme."""

from __future__ import annotations

from memory_store.embedding.base import Embedder
from memory_store.embedding.minilm import MiniLM

__all__ = ["Embedder", "MiniLM", "default_embedder"]


def default_embedder() -> Embedder:
    """all-MiniLM-L6-v2, which is installed with mneme: no hub, no download."""
    return MiniLM()
