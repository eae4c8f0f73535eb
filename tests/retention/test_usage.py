"""Usage is the differentiable neural computer's, in closed form; what frees a memory lets it fade."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, PrunePolicy, VirtualClock
from memory_store.retention.strength import strength
from memory_store.retention.usage import FREE_GATE, Uses, retained, usage, write
from tests.conftest import ON_BOTH, OpenStore

times = st.integers(0, 60)
marks = st.integers(0, 12)


@given(times, marks)
def test_it_is_what_the_equations_come_to_step_by_step(uses: int, wrong: int) -> None:
    used = np.zeros(())
    for n in range(1, uses + 1):
        used = write(used, 1 / (n + 1))
    for _ in range(wrong):
        used = used * (1 - FREE_GATE)
    assert usage(uses, wrong) == pytest.approx(float(used), abs=1e-12)


@settings(deadline=None)
@given(times, marks)
def test_they_are_the_equations_that_are_trained(uses: int, wrong: int) -> None:
    """neural/usage.py in PyTorch: each use a write with weight 1 / (n + 1), then the reads that free."""
    torch = pytest.importorskip("torch")
    from memory_store.neural import usage as trained

    used = torch.zeros(1, 1, dtype=torch.float64)
    whole = torch.ones_like(used)
    for n in range(1, uses + 1):
        used = trained.usage(used, torch.full_like(used, 1 / (n + 1)), whole)
    gates = torch.full((1, wrong), FREE_GATE, dtype=torch.float64)
    left = trained.retention(gates, torch.ones(1, wrong, 1, dtype=torch.float64))
    used = trained.usage(used, torch.zeros_like(used), left)
    assert float(used) == pytest.approx(float(usage(uses, wrong)), abs=1e-12)
    assert float(left) == pytest.approx(float(retained(wrong)))


@given(st.floats(0.1, 5000), times, marks, st.booleans())
def test_what_was_called_wrong_fades_sooner_and_use_makes_up_for_it_never_less(
    age: float, uses: int, wrong: int, lasting: bool
) -> None:
    held = strength(age, uses, lasting=lasting, wrong=wrong)
    assert strength(age, uses, lasting=lasting, wrong=wrong + 1) < held
    assert strength(age, uses + 1, lasting=lasting, wrong=wrong) >= held
    assert strength(age + 1, uses, lasting=lasting, wrong=wrong) <= held
    assert 0 <= held <= 1


def test_ten_uses_are_what_the_page_says() -> None:
    months = np.arange(1, 100) * 30.4
    assert months[strength(months) < 0.1][0] / 30.4 == pytest.approx(20, abs=1)
    assert months[strength(months, 10) < 0.1][0] / 365 == pytest.approx(5.5, abs=0.2)


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    store = open_store()
    for n in range(6):
        store.remember(f"kingfisher number {n}", conversation="c")
    return store


def told(store: MemoryStore, *numbers: int, cited: int | None = None) -> str:
    turns = {turn.text: turn for turn in store.memories()}
    found = [hit for hit in store.recall("kingfisher", limit=6) if int(hit.memory.text[-1]) in numbers]
    names = [hit.memory.id for hit in found]
    named = [] if cited is None else [turns[f"kingfisher number {cited}"].id]
    reply = store.remember(
        "So it is.", speaker="assistant", conversation="r", recalled=found, in_prompt=names, cited=named
    )
    return reply.id


def strengths(store: MemoryStore) -> dict[str, float]:
    plan = store.plan_prune(PrunePolicy(matching="kingfisher"))
    return {row.memory.text[-1]: row.strength for row in plan.rows}


@ON_BOTH
def test_recalls_citations_and_marks_count_and_a_forgotten_reply_does_not(
    store: MemoryStore, virtual_clock: VirtualClock
) -> None:
    ids = {turn.text[-1]: turn.id for turn in store.memories()}
    first = told(store, 1, 2, 3, 4, cited=2)
    store.feedback(first, ids["3"], "helpful")
    store.feedback(first, ids["4"], "wrong")
    virtual_clock.advance(timedelta(days=100))
    held = strengths(store)
    expected = {"0": Uses(), "1": Uses(1), "2": Uses(1, 1), "3": Uses(1, helpful=1), "4": Uses(1, wrong=1), "5": Uses()}
    for name, uses in expected.items():
        assert held[name] == pytest.approx(float(strength(100, uses.times, wrong=uses.wrong))), name
    assert held["4"] < held["0"] < held["1"] < held["2"] < held["3"]
    store.forget(first)
    assert len({round(value, 12) for value in strengths(store).values()}) == 1
