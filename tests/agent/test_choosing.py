"""The next token: every setting does what it says, and a seed repeats it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from agent.models.base import Sampling
from agent.models.choosing import chooser

LOGITS = torch.tensor([2.0, 1.5, 1.0, 0.5, 0.0, -1.0])
BEST, DRAWS = 0, 300


def drawn(sampling: Sampling, logits: Any = LOGITS, said: tuple[int, ...] = ()) -> set[int]:
    choose = chooser(sampling)
    return {choose(logits, said) for _ in range(DRAWS)}


def test_everything_can_be_drawn_when_nothing_is_cut() -> None:
    assert drawn(Sampling(1.0, 1.0, seed=1)) == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("sampling", "left"),
    [
        (Sampling(0.0), {0}),
        (Sampling(1.0, 1.0, seed=1, top_k=1), {0}),
        (Sampling(1.0, 1.0, seed=1, top_k=3), {0, 1, 2}),
        (Sampling(1.0, 1.0, seed=1, min_p=1.0), {0}),
        (Sampling(1.0, 1.0, seed=1, min_p=0.5), {0, 1}),
        (Sampling(1.0, 0.01, seed=1), {0}),
        (Sampling(1.0, 0.5, seed=1), {0, 1}),
        (Sampling(1.0, 1.0, seed=1, repetition_penalty=100.0), {0, 1, 2, 3, 4, 5}),
    ],
)
def test_what_can_be_drawn(sampling: Sampling, left: set[int]) -> None:
    assert drawn(sampling) == left


def test_what_was_said_becomes_less_likely() -> None:
    assert chooser(Sampling(0, repetition_penalty=1.5))(LOGITS, [0]) == 1
    assert chooser(Sampling(0, repetition_penalty=1.5))(LOGITS, [0, 0, 1, 2]) == 0
    assert chooser(Sampling(0, repetition_penalty=1.6))(-LOGITS - 3, [5]) == 4, "also where logits are negative"
    assert torch.equal(LOGITS, torch.tensor([2.0, 1.5, 1.0, 0.5, 0.0, -1.0])), "the model's logits stay as they are"


def test_a_seed_repeats_the_draws_and_is_nobody_elses() -> None:
    one, other = chooser(Sampling(1.0, 1.0, seed=5)), chooser(Sampling(1.0, 1.0, seed=5))
    first = [one(LOGITS, ()) for _ in range(50)]
    torch.manual_seed(0)
    assert [other(LOGITS, ()) for _ in range(50)] == first
    third = chooser(Sampling(1.0, 1.0, seed=6))
    assert [third(LOGITS, ()) for _ in range(50)] != first
