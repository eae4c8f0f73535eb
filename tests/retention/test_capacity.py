"""Only so many memories are kept: what is over it goes, the least worth by a named order first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store import PrunePolicy
from memory_store.errors import InvalidInput
from memory_store.records import FreeingOrder, Turn
from memory_store.retention.freeing import ORDERS
from memory_store.retention.planning import plan
from memory_store.retention.usage import Uses
from tests.conftest import ON_BOTH, OpenStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def memory(name: str, days: float, text: str = "words", *, pinned: bool = False, forgotten: bool = False) -> Turn:
    return Turn(name, "c", 0, "user", text, NOW - timedelta(days=days), pinned=pinned, forgotten=forgotten)


def test_every_order_has_a_name_and_says_what_goes_first() -> None:
    assert set(ORDERS) == set(get_args(FreeingOrder))
    assert all(order.frees for order in ORDERS.values())


MEMORIES = [
    memory("ancient", 900, "the heron stands in the reeds of the northern lake"),
    memory("used", 800, "yes"),
    memory("again", 300, "tea"),
    memory("tea", 200, "tea"),
    memory("new", 1, "quicksilver barometers foretell thunderstorms"),
]
USED = {"used": Uses(30)}
VECTORS = np.eye(5, 6, dtype=np.float32)
VECTORS[2] = VECTORS[3]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("strength", ["ancient", "again"]),
        ("usage", ["ancient", "again"]),
        ("oldest", ["ancient", "used"]),
        ("duplicates", ["again"]),
        ("information", ["again", "used"]),
        ("balanced", ["again", "tea"]),
    ],
)
def test_what_goes_first(order: FreeingOrder, first: list[str]) -> None:
    policy = PrunePolicy(at_most=5 - len(first), order=order)
    found = plan(policy, MEMORIES, used=USED, now=NOW, vectors=VECTORS)
    assert sorted(row.memory.id for row in found.rows) == sorted(first)
    assert all(f"by {order}" in row.reason for row in found.rows)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.booleans(), st.booleans()), max_size=12),
    st.integers(0, 12),
    st.sampled_from(["strength", "usage", "oldest", "information", "balanced"]),
)
def test_what_is_over_it_goes_and_no_more(rows: list[tuple[int, bool, bool]], most: int, order: FreeingOrder) -> None:
    memories = [memory(f"m{n}", days, pinned=pin, forgotten=gone) for n, (days, pin, gone) in enumerate(rows)]
    gone = [row.memory for row in plan(PrunePolicy(at_most=most, order=order), memories, used={}, now=NOW).rows]
    present = [one for one in memories if not one.forgotten]
    free = [one for one in present if not one.pinned]
    assert len(gone) == min(len(free), max(0, len(present) - most))
    assert not any(one.pinned or one.forgotten for one in gone)


def test_bytes_are_words_and_vectors() -> None:
    memories = [memory(f"m{n}", n, "x" * 90) for n in range(10)]
    found = plan(PrunePolicy(at_most_bytes=500), memories, used={}, now=NOW, vector_bytes=10)
    assert [row.memory.id for row in found.rows] == ["m9", "m8", "m7", "m6", "m5"]
    assert plan(PrunePolicy(at_most_bytes=1000), memories, used={}, now=NOW, vector_bytes=10).rows == ()


def test_only_what_meets_the_other_criteria_gives_way() -> None:
    policy = PrunePolicy(older_than=timedelta(days=250), at_most=1, order="oldest")
    found = plan(policy, MEMORIES, used=USED, now=NOW)
    assert [row.memory.id for row in found.rows] == ["ancient", "used", "again"]


@pytest.mark.parametrize("policy", [PrunePolicy(at_most=-1), PrunePolicy(at_most_bytes=-1), PrunePolicy(order="usage")])
def test_what_cannot_be_meant_is_refused(policy: PrunePolicy) -> None:
    with pytest.raises(InvalidInput):
        plan(policy, MEMORIES, used={}, now=NOW)


@ON_BOTH
def test_in_a_store_by_meaning_too(open_store: OpenStore) -> None:
    store = open_store()
    for text in ("I like tea a lot", "The cat sleeps", "I like tea a lot", "Rain in Lisbon"):
        store.remember(text, conversation="c")
    store.index_now()
    found = store.plan_prune(PrunePolicy(at_most=3, order="duplicates"))
    assert [row.memory.text for row in found.rows] == ["I like tea a lot"]
    store.apply(found)
    assert store.plan_prune(PrunePolicy(at_most=3, order="duplicates")).rows == ()
    store.undo()
    assert len(store.memories()) == 4
