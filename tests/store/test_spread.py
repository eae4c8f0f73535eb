"""Counts over time and strength agree with the words they were counted from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, VirtualClock
from memory_store.records import NewTurn, PrunePolicy
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WORDS = ("Miso is a cat.", "Always answer in short sentences.", "I prefer tea.")


def test_every_turn_is_counted_in_its_quarter_of_an_hour(open_store: OpenStore) -> None:
    with open_store() as store:
        for minutes in (0, 14, 15, 15, 60, -1):
            store.remember("words", said_at=NOON + timedelta(minutes=minutes))
        store.forget(store.memories()[0].id)
        quarters = [((began - NOON) // timedelta(minutes=15), count) for began, count in store.said_when()]
        assert quarters == [(-1, 1), (0, 2), (1, 2), (4, 1)]


def test_nothing_is_spread_over_nothing(open_store: OpenStore) -> None:
    with open_store() as store:
        assert store.said_when() == []
        assert store.strengths().shape == (0,)


@settings(max_examples=15, deadline=None)
@given(
    turns=st.lists(
        st.tuples(
            st.sampled_from(WORDS),
            st.sampled_from(["user", "assistant", "User"]),
            st.booleans(),
            st.integers(0, 900),
        ),
        min_size=1,
        max_size=20,
    ),
    threshold=st.sampled_from([0.05, 0.2, 0.5, 0.9]),
)
def test_as_many_are_below_a_threshold_as_a_prune_would_take(
    turns: list[tuple[str, str, bool, int]], threshold: float
) -> None:
    with TemporaryDirectory() as folder, MemoryStore.open(folder, clock=VirtualClock(NOON), indexing="off") as store:
        now = store.clock()
        kept = store.remember_many(
            NewTurn(text, speaker, None if note else "talk", now - timedelta(days=days))
            for text, speaker, note, days in turns
        )
        store.pin(kept[0].id)
        store.forget(kept[-1].id)
        plan = store.plan_prune(PrunePolicy(weaker_than=threshold))
        assert int(np.count_nonzero(store.strengths() < threshold)) == len(plan.rows)
