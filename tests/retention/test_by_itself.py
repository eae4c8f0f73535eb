"""What a policy will come to is foretold; where it works by itself it does so once a day, and can be taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import SettingsError
from agent.forgetting import forget_by_policy, policy_of
from agent.settings import load_settings
from memory_store import MemoryStore, PrunePolicy, VirtualClock
from memory_store.errors import InvalidInput
from memory_store.retention.planning import plan
from memory_store.retention.usage import Uses
from tests.conftest import ON_BOTH, OpenStore
from tests.retention.test_strength import NOW, memory

YEAR = timedelta(days=365)


def aged(store: MemoryStore, clock: VirtualClock, *days: int) -> list[str]:
    """Ids of memories that were said so many days ago."""
    said = [store.remember(f"number {age}", conversation="c", said_at=clock() - timedelta(days=age)) for age in days]
    return [turn.id for turn in said]


def test_a_forecast_says_what_would_be_gone_and_changes_nothing(
    open_store: OpenStore, virtual_clock: VirtualClock
) -> None:
    with open_store() as store:
        ids = aged(store, virtual_clock, 400, 300, 100, 10)
        store.pin(aged(store, virtual_clock, 900)[0])
        found = store.forecast(PrunePolicy(older_than=YEAR), [timedelta(days=days) for days in (0, 30, 90, 365)])
        gone = [[row.memory.id for row in one.plan.rows] for one in found]
        assert gone == [ids[:1], ids[:1], ids[:2], ids[:4]]
        assert [one.plan.considered for one in found] == [5] * 4
        assert found[1].at == virtual_clock() + timedelta(days=30)
        assert len(store.memories()) == 5
        virtual_clock.advance(timedelta(days=90))
        assert [row.memory.id for row in store.plan_prune(PrunePolicy(older_than=YEAR)).rows] == gone[2]
        with pytest.raises(InvalidInput, match="ahead"):
            store.forecast(PrunePolicy(older_than=YEAR), [timedelta(days=-1)])
        with pytest.raises(InvalidInput, match="criterion"):
            store.forecast(PrunePolicy(), [YEAR])


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=8), st.floats(0.01, 1.0), st.integers(0, 2000))
def test_with_time_a_policy_only_takes_more(recalls: list[int], weaker_than: float, days: int) -> None:
    memories = [memory(f"m{number}") for number in range(len(recalls))]
    memories = [type(one)(f"id{n}", "c", n, "user", one.text, one.said_at) for n, one in enumerate(memories)]
    counts = {f"id{n}": Uses(recall) for n, recall in enumerate(recalls)}
    policy = PrunePolicy(weaker_than=weaker_than)
    soon, later = (plan(policy, memories, used=counts, now=NOW + timedelta(days=ahead)) for ahead in (0, days))
    assert {row.memory.id for row in soon.rows} <= {row.memory.id for row in later.rows}


@ON_BOTH
def test_it_works_once_a_day_and_is_one_act(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    policy = PrunePolicy(older_than=YEAR)
    with open_store(actor="app") as store:
        old = aged(store, virtual_clock, 400, 500)
        receipt = store.prune_if_due(policy)
        assert receipt is not None
        assert set(receipt.forgotten) == set(old)
        [act] = store.acts()
        assert (act.kind, act.actor, set(act.subjects)) == ("retention", "app", set(old))
        aged(store, virtual_clock, 450)
        assert store.prune_if_due(policy) is None
        virtual_clock.advance(timedelta(hours=23))
    with open_store() as store:
        assert store.prune_if_due(policy) is None
        virtual_clock.advance(timedelta(hours=1))
        assert len(store.prune_if_due(policy).forgotten) == 1  # type: ignore[union-attr]
        virtual_clock.advance(timedelta(days=1))
        assert store.prune_if_due(policy).forgotten == ()  # type: ignore[union-attr]


@ON_BOTH
def test_what_somebody_brought_back_is_not_forgotten_again(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    policy = PrunePolicy(older_than=YEAR)
    with open_store() as store:
        taken_back, restored, gone = aged(store, virtual_clock, 400, 500, 600)
        store.prune_if_due(policy)
        store.undo()
        assert len(store.memories()) == 3
        store.redo()
        store.restore(restored)
        store.restore(taken_back)
        virtual_clock.advance(timedelta(days=1))
        assert store.prune_if_due(policy).forgotten == ()  # type: ignore[union-attr]
        assert {turn.id for turn in store.memories()} == {taken_back, restored}
        assert store.get(gone).forgotten
        assert len(store.plan_prune(policy).rows) == 2  # by hand it is proposed all the same


def test_a_clock_that_was_set_back_does_not_stop_it_for_ever(
    open_store: OpenStore, virtual_clock: VirtualClock
) -> None:
    policy = PrunePolicy(older_than=YEAR)
    with open_store(clock=lambda: virtual_clock() + timedelta(days=3000)) as store:
        store.prune_if_due(policy)
    with open_store() as store:
        assert store.prune_if_due(policy) is not None


def test_the_settings_switch_it_on_and_off(open_store: OpenStore, virtual_clock: VirtualClock, tmp_path: Path) -> None:
    def settings(text: str) -> object:
        (tmp_path / "home").mkdir(exist_ok=True)
        (tmp_path / "home" / "config.toml").write_text(f"[retention]\n{text}\n")
        return load_settings(tmp_path / "home")

    with open_store() as store:
        aged(store, virtual_clock, 400)
        assert policy_of(settings("")) is None
        assert forget_by_policy(store, settings("older_than_days = 365")) is None
        assert policy_of(settings("older_than_days = 365\nweaker_than = 0.5")) == PrunePolicy(YEAR, 0.5)
        assert forget_by_policy(store, settings("automatic = true\nkeep_last = 1")).forgotten == ()
        virtual_clock.advance(timedelta(days=1))
        done = forget_by_policy(store, settings("automatic = true\nolder_than_days = 365"))
        assert len(done.forgotten) == 1
    for wrong in ("automatic = true", "weaker_than = 2", "older_than_days = 0"):
        with pytest.raises(SettingsError):
            settings(wrong)
