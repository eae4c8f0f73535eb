"""The policy by which a profile forgets, applied while mneme is used, and what is said about it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from tui.text.wording import count

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore

LOOK_S = 3600.0
"""How often a long sitting looks whether a day is over."""


def forgotten_by_policy(store: MemoryStore, settings: Settings) -> str:
    """Forget what is due; what to say about it, empty when nothing was. Raises StoreError."""
    from agent.forgetting import forget_by_policy

    receipt = forget_by_policy(store, settings)
    if receipt is None or not receipt.forgotten:
        return ""
    return f"{count(len(receipt.forgotten), 'memory', 'memories')} forgotten by your policy ([retention])."


class Keeper:
    """Looks now, and then once an hour."""

    def __init__(self) -> None:
        self._next = 0.0

    def look(self, store: MemoryStore, settings: Settings) -> str:
        """What to say; empty when there is nothing. Raises StoreError."""
        if not settings.retention.automatic or monotonic() < self._next:
            return ""
        self._next = monotonic() + LOOK_S
        return forgotten_by_policy(store, settings)
