"""The store that the settings mean: one place, so that every front end opens it alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from agent.settings import Settings
    from memory_store import MemoryStore


def open_memory(settings: Settings, *, folder: Path | None = None, **options: Any) -> MemoryStore:
    """The profile's store, or one in ``folder``, with the embedder in force; ``options`` as for MemoryStore.open.

    Raises StoreUnavailable, StoreTooNew, StoreDamaged, EmbedderError.
    """
    from memory_store import MemoryStore
    from memory_store.embedding import embedder_named

    if folder is None:
        settings.paths.create()
        folder = settings.paths.profile_dir
    return MemoryStore.open(folder, embedder=embedder_named(settings.recall.embedder), **options)
