"""What the screen of conversations asks of the store. Plain functions: they run in threads and know no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from memory_store.records import Conversation, Turn

if TYPE_CHECKING:
    from memory_store import MemoryStore

Scope = Literal["all", "archived", "deleted"]
SCOPES: tuple[Scope, ...] = ("all", "archived", "deleted")
TURNS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """The turns of a conversation: its last ones, or in a search those from the first that matches on."""

    conversation: Conversation
    turns: tuple[Turn, ...]
    matching: int | None = None
    """The place of the first turn with words that were searched for."""


def listed(store: MemoryStore, matching: str, scope: Scope) -> list[Conversation]:
    """Newest first. Raises StoreError."""
    return store.conversations(
        matching=matching.strip() or None,
        archived=None if scope == "deleted" else scope == "archived",
        deleted=scope == "deleted",
    )


def preview(store: MemoryStore, id: str, matching: str) -> Preview:
    """Raises UnknownId."""
    conversation = store.conversation(id)
    turns = store.history(id, forgotten=conversation.deleted)
    words = [word.casefold() for word in matching.split()]
    first = next((n for n, turn in enumerate(turns) if any(word in turn.text.casefold() for word in words)), None)
    if first is None:
        return Preview(conversation, tuple(turns[-TURNS_SHOWN:]))
    start = max(0, min(first - 2, len(turns) - TURNS_SHOWN))
    return Preview(conversation, tuple(turns[start : start + TURNS_SHOWN]), first - start)
