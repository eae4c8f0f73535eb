"""mneme's memory: words in SQLite, meaning in Chroma. ``MemoryStore`` is the one door.

Nothing is imported before it is asked for, so that reading a record's type does not cost the database its start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memory_store.clock import VirtualClock, utc_now
    from memory_store.errors import MnemeError, StoreError
    from memory_store.records import Conversation, NewTurn, PrunePolicy, Recollection, Recollections, Turn
    from memory_store.store import MemoryStore

_HOMES = {
    "Conversation": "records",
    "MemoryStore": "store",
    "MnemeError": "errors",
    "NewTurn": "records",
    "PrunePolicy": "records",
    "Recollection": "records",
    "Recollections": "records",
    "StoreError": "errors",
    "Turn": "records",
    "VirtualClock": "clock",
    "utc_now": "clock",
}

__all__ = [
    "Conversation",
    "MemoryStore",
    "MnemeError",
    "NewTurn",
    "PrunePolicy",
    "Recollection",
    "Recollections",
    "StoreError",
    "Turn",
    "VirtualClock",
    "utc_now",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"memory_store.{_HOMES[name]}"), name)
