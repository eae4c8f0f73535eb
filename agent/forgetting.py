"""The policy by which a profile forgets, as the settings have it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from memory_store.records import PrunePolicy, PruneReceipt

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore


MB = 1_000_000


def policy_of(settings: Settings) -> PrunePolicy | None:
    """The policy of [retention]; None where it has no criterion."""
    wanted = settings.retention
    days = None if wanted.older_than_days is None else timedelta(days=wanted.older_than_days)
    policy = PrunePolicy(
        older_than=days,
        weaker_than=wanted.weaker_than,
        keep_last=wanted.keep_last,
        at_most=wanted.at_most,
        at_most_bytes=None if wanted.at_most_mb is None else int(wanted.at_most_mb * MB),
        order=wanted.order,
    )
    return None if policy == PrunePolicy(order=wanted.order) else policy


def forget_by_policy(store: MemoryStore, settings: Settings) -> PruneReceipt | None:
    """Forget what the policy says, where that is switched on and was not done today. None: nothing was due.

    Raises StoreUnavailable.
    """
    policy = policy_of(settings) if settings.retention.automatic else None
    return None if policy is None else store.prune_if_due(policy)
