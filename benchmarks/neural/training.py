"""Training by a curriculum: what is asked grows as soon as it is answered, and ends when the last of it is known."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.neural.sequences import Batch

Draw = Callable[[torch.Generator], Batch]
Watch = Callable[[str], None]
"""Told now and then, in one line, how far it is."""
EVERY = 100
"""Steps between two such lines."""


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast to learn. A level is passed when in the last ``look`` batches fewer than ``enough`` of the
    bits were wrong, and given up when its share of the steps is over (the first has half
    of them). In the last one the rate falls from two fifths to nothing (half a cosine); it ends when ``settle`` steps
    in a row had no wrong bit."""

    steps: int
    rate: float = 3e-3
    look: int = 15
    enough: float = 0.01
    settle: int = 50
    polish: int = 0
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class Trained:
    """``steps`` of ``course.steps`` were needed; ``known``: the last level was learned without a wrong bit."""

    steps: int
    cpu_seconds: float
    known: bool
    wrong: float
    """Share of the bits that were wrong in the last batches it was trained on."""
    losses: tuple[float, float]
    """Of the first step and of the last, in nats per bit."""


def train(machine: nn.Module, levels: Sequence[Draw], course: Course, chance: torch.Generator, watch: Watch) -> Trained:
    """Train on each of ``levels`` in turn. Adam, with gradients cut to the norm ``course.clip``."""
    began = process_time()
    optimiser = torch.optim.Adam(machine.parameters(), lr=course.rate)
    level, begun, right_since, first, loss = 0, 0, 0, 0.0, 0.0
    wrong: deque[float] = deque(maxlen=course.look)
    for step in range(1, course.steps + 1):
        loss, wrongly = _step(machine, levels[level](chance), optimiser, course.clip)
        first = first or loss
        wrong.append(wrongly)
        right_since = right_since + 1 if wrongly == 0 else 0
        if step % EVERY == 0:
            watch(f"step {step} of {course.steps}, level {level + 1} of {len(levels)}, loss {loss:.4f}")
        last = level == len(levels) - 1
        if last:
            done = (step - begun) / max(1, course.steps - begun)
            optimiser.param_groups[0]["lr"] = course.rate * 0.2 * (1 + math.cos(math.pi * done))
        if last and right_since >= course.settle:
            loss = _polished(machine, levels[level], optimiser, course, chance) or loss
            return Trained(step + course.polish, process_time() - began, True, 0.0, (first, loss))
        passed = len(wrong) == course.look and sum(wrong) < course.enough * course.look
        share = course.steps / (2 if level == 0 else 2 * (len(levels) - 1))
        if not last and (passed or step - begun >= share):
            level, begun, right_since = level + 1, step, 0
            wrong.clear()
    return Trained(course.steps, process_time() - began, False, sum(wrong) / max(1, len(wrong)), (first, loss))


def _polished(
    machine: nn.Module, draw: Draw, optimiser: torch.optim.Optimizer, course: Course, chance: torch.Generator
) -> float | None:
    """The loss of the last of the steps that follow when everything is known; None without such steps."""
    rate, loss = optimiser.param_groups[0]["lr"], None
    for done in range(course.polish):
        optimiser.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * done / course.polish)) / 2
        loss, _ = _step(machine, draw(chance), optimiser, course.clip)
    return loss


def _step(machine: nn.Module, batch: Batch, optimiser: torch.optim.Optimizer, clip: float) -> tuple[float, float]:
    """The loss per bit that weighs anything, and the share of those that were wrong, before the step."""
    outputs, _ = machine(batch.inputs)
    said, wanted = outputs[batch.asked], batch.targets[batch.asked]
    weights = torch.ones_like(wanted) if batch.weights is None else batch.weights[batch.asked].expand_as(wanted)
    loss = functional.binary_cross_entropy_with_logits(said, wanted, weights)
    optimiser.zero_grad()
    loss.backward()
    if math.isfinite(float(nn.utils.clip_grad_norm_(machine.parameters(), clip))):
        optimiser.step()
    return (loss / weights.mean()).item(), _wrong(said, wanted)[weights > 0].mean().item()


@torch.no_grad()
def errors(machine: nn.Module, draw: Draw, chance: torch.Generator) -> tuple[float, float]:
    """Wrong bits per sequence, and the share of bits that are right."""
    batch = draw(chance)
    outputs, _ = machine(batch.inputs)
    wrong = _wrong(outputs[batch.asked], batch.targets[batch.asked])
    return wrong.sum().item() / batch.inputs.shape[1], 1 - wrong.mean().item()


def _wrong(said: Tensor, wanted: Tensor) -> Tensor:
    return ((said.detach() > 0) != (wanted > 0.5)).float()
