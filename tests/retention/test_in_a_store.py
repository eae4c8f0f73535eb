"""Prune plans over a real store, its vectors and its ledger."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from memory_store.clock import VirtualClock
from memory_store.language.scripts import ALL
from memory_store.records import PrunePolicy
from memory_store.store import MemoryStore
from tests.conftest import ON_BOTH, OpenStore

NOW = datetime(2026, 11, 22, tzinfo=UTC)


pytestmark = ON_BOTH


class ByWords:
    """Equal texts, equal vectors; others at random."""

    name = fingerprint = "by words"
    dimensions = 64
    scripts = ALL
    baseline = 0.0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(64) for text in texts]
        table = np.array(rows, np.float32)
        return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True), np.float32)


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    opened = open_store(clock=VirtualClock(NOW), embedder=ByWords())
    for days, text in ((400, "I like tea"), (300, "The cat is Miso"), (200, "I like tea"), (1, "I like tea")):
        opened.remember(text, conversation="c", said_at=NOW - timedelta(days=days))
    opened.index_now()
    return opened


def test_duplicates_leave_the_newest(store: MemoryStore) -> None:
    plan = store.plan_prune(PrunePolicy(similar=0.95))
    newest = store.memories(limit=1)[0]
    assert [row.reason for row in plan.rows] == [
        f"said {days} days ago; near-duplicate of {newest.id[:4]}… (cosine 1.00)" for days in (400, 200)
    ]
    assert plan.considered == 4


def test_what_was_put_into_prompts_stays_longer(store: MemoryStore) -> None:
    faint = PrunePolicy(weaker_than=0.35)
    assert [row.memory.text for row in store.plan_prune(faint).rows] == ["I like tea", "The cat is Miso"]
    recalled = store.recall("cat Miso")
    cat = recalled[0].memory
    store.remember("Miso.", speaker="assistant", conversation="c", recalled=recalled, in_prompt=[cat.id])
    assert [row.memory.text for row in store.plan_prune(faint).rows] == ["I like tea"]


def test_a_plan_changes_nothing_until_it_is_applied(store: MemoryStore) -> None:
    plan = store.plan_prune(PrunePolicy(older_than=timedelta(days=250)))
    assert len(store.memories()) == 4
    store.pin(plan.rows[0].memory.id)
    receipt = store.apply(plan)
    assert receipt.forgotten == (plan.rows[1].memory.id,)
    assert receipt.skipped == (plan.rows[0].memory.id,)
    store.restore(plan.rows[1].memory.id)
    assert len(store.memories()) == 4
