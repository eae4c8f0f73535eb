"""A conversation or a model from what somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput, UnknownId
from memory_store.records import Conversation

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel
    from memory_store import MemoryStore


def conversation(store: MemoryStore, words: str) -> Conversation:
    """By its id, or the beginning of it; else the latest that holds these words. Raises InvalidInput, AmbiguousId."""
    try:
        return store.conversation(words)
    except UnknownId:
        found = store.conversations(matching=words, limit=1)
    if not found:
        raise InvalidInput(f'There is no conversation with "{words[:60]}". /resume shows all.')
    return found[0]


def model(models: list[InstalledModel], name: str) -> InstalledModel:
    """By its name, or a part of it that only one has. Raises InvalidInput."""
    exact = [one for one in models if one.name == name]
    close = exact or [one for one in models if name.casefold() in one.name.casefold()]
    if len(close) == 1:
        return close[0]
    if close:
        raise InvalidInput(f"{len(close)} models have '{name[:40]}' in their name. /model shows them.")
    raise InvalidInput(f"There is no model '{name[:60]}' on this machine. /model shows what there is.")
