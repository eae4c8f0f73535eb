"""Changes of the memory as the app makes them: what is done, what is said about it, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memory_store.records import Conversation, Turn

if TYPE_CHECKING:
    from memory_store import MemoryStore

Change = Callable[["MemoryStore"], "Turn | Conversation"]


@dataclass(frozen=True, slots=True)
class Act:
    """One change. ``back`` None: there is nothing to take back."""

    said: str
    do: Change
    back: Change | None = None


def pin(memory: Turn) -> Act:
    """Pin, or unpin what is pinned."""
    key = memory.id
    if memory.pinned:
        return Act("No longer pinned.", lambda store: store.unpin(key), lambda store: store.pin(key))
    said = "Pinned: always in the prompt from now on."
    return Act(said, lambda store: store.pin(key), lambda store: store.unpin(key))


def forget(memory: Turn) -> Act:
    key = memory.id
    said = "Forgotten: hidden, and never recalled. u takes it back."
    return Act(said, lambda store: store.forget(key), lambda store: store.restore(key))


def restore(memory: Turn) -> Act:
    key = memory.id
    return Act("Restored.", lambda store: store.restore(key), lambda store: store.forget(key))


def edit(memory: Turn, text: str) -> Act:
    key, before = memory.id, memory.text
    said = "Changed. The earlier wording is kept in its history."
    return Act(said, lambda store: store.edit(key, text), lambda store: store.edit(key, before))


def rename(conversation: Conversation, title: str) -> Act:
    key, before = conversation.id, conversation.title
    return Act(
        "Renamed.",
        lambda store: store.rename_conversation(key, title),
        lambda store: store.rename_conversation(key, before),
    )


def delete(conversation: Conversation) -> Act:
    key = conversation.id
    return Act(
        "Deleted, its turns forgotten. u takes it back.",
        lambda store: store.delete_conversation(key),
        lambda store: store.restore_conversation(key),
    )


def taken_back(act: Act) -> Act:
    """The act that undoes ``act``."""
    if act.back is None:
        raise ValueError("this act cannot be taken back")
    return Act("Taken back.", act.back)
