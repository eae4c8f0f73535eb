"""Text to vector: what an embedder is, the one that comes with mneme, and any other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from memory_store.embedding.base import Embedder
from memory_store.embedding.minilm import MiniLM
from memory_store.errors import EmbedderError

__all__ = ["Embedder", "MiniLM", "default_embedder", "embedder_folder", "embedder_named"]


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


def embedder_folder(embedder: Embedder) -> Path:
    """Where an embedder's files are, as transformers reads them. Raises EmbedderError."""
    folder = getattr(embedder, "folder", None)
    if isinstance(folder, Path):
        return folder
    raise EmbedderError(f"{embedder.name} is no model in a folder, so nothing can be tuned from it.")
