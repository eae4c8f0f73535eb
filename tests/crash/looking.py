"""What a memory holds, as the harness compares it."""

from __future__ import annotations

from memory_store import MemoryStore
from tests.crash.expected import Branches, Record, Records


def record(store: MemoryStore, key: str) -> Record:
    """One memory as :mod:`tests.crash.expected` keeps it."""
    turn = store.get(key)
    earlier = [one.text for one in store.revisions(key)]
    return [turn.text, turn.speaker, turn.conversation_id, turn.forgotten, turn.pinned, turn.revision, earlier]


def records(store: MemoryStore) -> Records:
    """All of them."""
    return {turn.id: record(store, turn.id) for turn in store.memories(forgotten=None)}


def branches(store: MemoryStore) -> Branches:
    """Every branch, and the turns it begins with, those that are forgotten too."""
    threads = store.conversations(archived=None, deleted=None)
    return {
        one.id: [turn.id for turn in store.history(one.id, forgotten=True)]
        for one in threads
        if one.branched_from is not None
    }
