"""The equations, one by one: against loops written from the papers, against NumPy's form, and as distributions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck

from memory_store import addressing
from memory_store.neural import attention, usage
from memory_store.neural.usage import SparseLinks

SEEDS = st.integers(0, 2**31 - 1)


def some(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def weighting(*shape: int, seed: int = 0) -> Tensor:
    return torch.softmax(3 * some(*shape, seed=seed), dim=-1)


def is_weighting(weights: Tensor, *, whole: bool = True) -> bool:
    sums = weights.sum(-1)
    inside = bool((weights >= 0).all() and (sums <= 1 + 1e-5).all())
    return inside and (not whole or torch.allclose(sums, torch.ones_like(sums), atol=1e-5))


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(1, 3), st.integers(1, 9), st.integers(1, 5))
def test_every_step_of_turing_addressing_is_a_distribution(seed: int, heads: int, slots: int, width: int) -> None:
    memory, keys = some(2, slots, width, seed=seed), some(2, heads, width, seed=seed + 1)
    strength = 20 * some(2, heads, seed=seed + 2).abs()
    found = attention.content(keys, memory, strength)
    mixed = attention.interpolate(
        found, weighting(2, heads, slots, seed=seed), torch.sigmoid(some(2, heads, seed=seed))
    )
    moved = attention.rotate(mixed, weighting(2, heads, 3, seed=seed))
    sharp = attention.sharpen(moved, 1 + some(2, heads, seed=seed).abs())
    assert all(is_weighting(weights) for weights in (found, mixed, moved, sharp))
    assert attention.cosine(keys, memory).abs().max() <= 1 + 1e-9


def test_a_shift_moves_to_higher_slots() -> None:
    at = torch.eye(5, dtype=torch.float64)[[3, 4]].unsqueeze(1)
    up = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64).expand(2, 1, 3)
    assert attention.rotate(at, up).argmax(-1).flatten().tolist() == [4, 0]


def test_sharpening_sharpens() -> None:
    weights = weighting(1, 1, 6)
    sharp = attention.sharpen(weights, torch.full((1, 1), 5.0, dtype=torch.float64))
    assert sharp.max() > weights.max()
    assert sharp.argmax() == weights.argmax()


def test_writing_erases_and_adds() -> None:
    memory, weights = some(1, 4, 3), weighting(1, 2, 4)
    erase, add = torch.sigmoid(some(1, 2, 3)), some(1, 2, 3, seed=1)
    expected = memory.clone()
    for slot in range(4):
        for head in range(2):
            expected[0, slot] = expected[0, slot] * (1 - weights[0, head, slot] * erase[0, head])
        for head in range(2):
            expected[0, slot] = expected[0, slot] + weights[0, head, slot] * add[0, head]
    assert torch.allclose(attention.write(memory, weights, erase, add), expected)


def test_a_whole_write_replaces_a_slot_and_is_read_back() -> None:
    memory, add = some(1, 4, 3), some(1, 1, 3, seed=5)
    at = torch.eye(4, dtype=torch.float64)[2].view(1, 1, 4)
    written = attention.write(memory, at, torch.ones(1, 1, 3, dtype=torch.float64), add)
    assert torch.allclose(attention.read(at, written), add)


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(1, 8))
def test_allocation_follows_the_free_list(seed: int, slots: int) -> None:
    used = torch.sigmoid(4 * some(1, slots, seed=seed))
    shares = usage.allocation(used)
    order = used[0].argsort()
    expected = torch.zeros(slots, dtype=torch.float64)
    before = 1.0
    for slot in order.tolist():
        expected[slot] = (1 - used[0, slot]) * before
        before *= float(used[0, slot])
    assert torch.allclose(shares[0], expected, atol=1e-4)
    assert is_weighting(shares, whole=False)


def test_usage_rises_with_writes_and_falls_when_freed() -> None:
    used = torch.tensor([[0.5, 0.0, 1.0]], dtype=torch.float64)
    write = torch.tensor([[0.0, 1.0, 0.0]], dtype=torch.float64)
    reads = torch.tensor([[[0.0, 0.0, 1.0]]], dtype=torch.float64)
    kept = usage.retention(torch.zeros(1, 1, dtype=torch.float64), reads)
    freed = usage.retention(torch.ones(1, 1, dtype=torch.float64), reads)
    assert usage.usage(used, write, kept).tolist() == [[0.5, 1.0, 1.0]]
    assert usage.usage(used, write, freed).tolist() == [[0.5, 1.0, 0.0]]


def linked(steps: int, slots: int, seed: int) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
    links = torch.zeros(1, slots, slots, dtype=torch.float64)
    before = torch.zeros(1, slots, dtype=torch.float64)
    writes = []
    for step in range(steps):
        write = 0.9 * weighting(1, slots, seed=seed + step)
        writes.append((write, before))
        links = usage.follow_links(links, write, before)
        before = usage.precedence(before, write)
    return links, writes


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 6))
def test_links_remember_the_order_of_writes(seed: int, slots: int) -> None:
    links, writes = linked(4, slots, seed)
    expected = torch.zeros(slots, slots, dtype=torch.float64)
    for write, before in writes:
        for i in range(slots):
            for j in range(slots):
                if i != j:
                    decay = 1 - write[0, i] - write[0, j]
                    expected[i, j] = decay * expected[i, j] + write[0, i] * before[0, j]
    assert torch.allclose(links[0], expected)
    assert is_weighting(links, whole=False)
    assert is_weighting(links.transpose(-1, -2), whole=False)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 6))
def test_sparse_links_that_keep_all_are_the_whole_matrix(seed: int, slots: int) -> None:
    links, writes = linked(5, slots, seed)
    sparse = SparseLinks.none(1, slots, slots, links)
    for write, before in writes:
        sparse = sparse.followed(write, before)
    reads = weighting(1, 2, slots, seed=seed + 9)
    assert torch.allclose(sparse.forward(reads), reads @ links.transpose(-1, -2))
    assert torch.allclose(sparse.backward(reads), reads @ links)


def test_sparse_links_that_keep_few_follow_a_clear_order() -> None:
    sparse = SparseLinks.none(1, 50, 2, some(1))
    before = torch.zeros(1, 50, dtype=torch.float64)
    for slot in (7, 3, 41):
        write = torch.zeros(1, 50, dtype=torch.float64)
        write[0, slot] = 1
        sparse = sparse.followed(write, before)
        before = usage.precedence(before, write)
    at_three = torch.zeros(1, 1, 50, dtype=torch.float64)
    at_three[0, 0, 3] = 1
    assert sparse.forward(at_three)[0, 0].argmax() == 41
    assert sparse.backward(at_three)[0, 0].argmax() == 7


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(1, 12))
def test_recall_and_its_differentiable_form_compute_the_same(seed: int, n: int) -> None:
    chance = np.random.default_rng(seed)
    content, follows, asks = chance.random(n), chance.random(n) < 0.6, chance.random(n) < 0.5
    theirs = addressing.shift(content, follows, asks, 0.3, 0.2)
    ours = attention.lent(
        torch.tensor(content), torch.tensor(follows), torch.tensor(asks), torch.tensor(0.3), torch.tensor(0.2)
    )
    assert np.allclose(ours.numpy(), theirs)
    cosines, mean = chance.uniform(-1, 1, n), float(chance.uniform(-1, 1))
    for best, gate in ((mean + 0.5, 0.7), (mean, 0.7), (mean - 1, 1.0), (mean + 0.5, 0.0)):
        values = [torch.tensor(value, dtype=torch.float64) for value in (mean, best, gate)]
        scaled = attention.scaled_content(torch.tensor(cosines), *values)
        assert np.allclose(scaled.numpy(), addressing.dense_content(cosines, mean, best, gate))


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda k, m, b: attention.content(k, m, b.abs()), [(1, 2, 3), (1, 4, 3), (1, 2)]),
        (lambda w, s: attention.rotate(w.softmax(-1), s.softmax(-1)), [(1, 2, 4), (1, 2, 3)]),
        (lambda w, g: attention.sharpen(w.softmax(-1), 1 + g.abs()), [(1, 2, 4), (1, 2)]),
        (
            lambda m, w, e, a: attention.write(m, w.softmax(-1), e.sigmoid(), a),
            [(1, 4, 3), (1, 2, 4), (1, 2, 3), (1, 2, 3)],
        ),
        (lambda u: usage.allocation(u.sigmoid()), [(1, 5)]),
        (lambda links, w, p: usage.follow_links(links, w.softmax(-1), p.softmax(-1)), [(1, 4, 4), (1, 4), (1, 4)]),
    ],
    ids=["content", "rotate", "sharpen", "write", "allocation", "links"],
)
def test_gradients_are_those_of_the_equations(function, shapes: list[tuple[int, ...]]) -> None:
    inputs = [some(*shape, seed=place).requires_grad_() for place, shape in enumerate(shapes)]
    assert gradcheck(function, inputs)
