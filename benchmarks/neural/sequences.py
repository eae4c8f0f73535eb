"""The sequence tasks of the papers, as tensors: copy, repeat copy, associative recall (Graves et al. 2014, section 4),
and a store that is written more often than it has room (after Graves et al. 2016, Extended Data Figure 2).

A vector is ``BITS`` random bits (8 in the papers); beside them stand channels for marks. Everything is (T, B, size).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

BITS = 6
INPUTS = BITS + 2
"""Channels that a machine hears: the bits and two marks."""
OUTPUTS = BITS + 1
"""Channels that it says: the bits and an end mark."""
REPEAT_INPUTS = INPUTS + 1
"""In repeat copy the number of repeats has a channel of its own, as in the paper."""


@dataclass(frozen=True, slots=True)
class Batch:
    """``inputs`` (T, B, INPUTS); ``targets`` (T, B, OUTPUTS), of which the steps in ``asked`` (T,) count."""

    inputs: Tensor
    targets: Tensor
    asked: Tensor
    weights: Tensor | None = None
    """(T, 1, OUTPUTS): how much each target weighs in the loss; None: all the same. Errors count the same anyway."""


def _bits(length: int, batch: int, chance: torch.Generator) -> Tensor:
    return torch.randint(2, (length, batch, BITS), generator=chance).float()


def _blank(steps: int, batch: int) -> tuple[Tensor, Tensor, Tensor]:
    return torch.zeros(steps, batch, INPUTS), torch.zeros(steps, batch, OUTPUTS), torch.zeros(steps, dtype=torch.bool)


def copied(batch: int, length: int, chance: torch.Generator) -> Batch:
    """A begin mark, ``length`` vectors, an end mark; then the same vectors are wanted, with nothing more to hear."""
    inputs, targets, asked = _blank(2 * length + 2, batch)
    vectors = _bits(length, batch, chance)
    inputs[0, :, BITS] = 1
    inputs[1 : length + 1, :, :BITS] = vectors
    inputs[length + 1, :, BITS + 1] = 1
    targets[length + 2 :, :, :BITS] = vectors
    asked[length + 2 :] = True
    return Batch(inputs, targets, asked)


def repeated(batch: int, length: int, repeats: int, chance: torch.Generator, *, ending: float = 1.0) -> Batch:
    """``length`` vectors, with marks beside the first and the last, then the number of repeats; the vectors are wanted
    so many times, and after the last time an end mark. (In the paper the marks are steps of their own.)

    Whether it is over has to be known ``repeats`` times, at the end of each copy; what is said there in the channel of
    the end mark weighs in the loss as much as ``length`` bits, for it is a few of many hundred."""
    told, copies = length + 1, repeats * length
    inputs = torch.zeros(told + copies + 1, batch, REPEAT_INPUTS)
    targets = torch.zeros(told + copies + 1, batch, OUTPUTS)
    weights = torch.ones(told + copies + 1, 1, OUTPUTS)
    vectors = _bits(length, batch, chance)
    inputs[:length, :, :BITS] = vectors
    inputs[0, :, BITS] = inputs[length - 1, :, BITS + 1] = 1
    inputs[length, :, BITS + 2] = repeats
    targets[told:-1, :, :BITS] = vectors.repeat(repeats, 1, 1)
    targets[-1, :, BITS] = 1
    weights[:, :, BITS] = ending
    asked = torch.arange(len(inputs)) >= told
    asked[-1] = ending > 0
    return Batch(inputs, targets, asked, weights)


def recalled(batch: int, items: int, size: int, chance: torch.Generator, *, queries: int = 1) -> Batch:
    """``items`` (two or more) of ``size`` vectors, a mark beside the first of each; then one of them, not the last,
    with a query mark beside it: the item after it is wanted. No two items begin with the same vector. (In the paper the
    marks are steps of their own.) With more ``queries`` than one, as many are put, one after the other."""
    told, asking = items * size, 2 * size
    inputs, targets, asked = _blank(told + queries * asking, batch)
    vectors = _bits(told, batch, chance)
    vectors[::size] = different(batch, items, chance).transpose(0, 1)
    inputs[:told, :, :BITS] = vectors
    inputs[:told:size, :, BITS] = 1
    by_item = vectors.view(items, size, batch, BITS)
    rows = torch.arange(batch)
    for begins in range(told, told + queries * asking, asking):
        chosen, answers = torch.randint(items - 1, (batch,), generator=chance), begins + size
        inputs[begins:answers, :, :BITS] = by_item[chosen, :, rows].transpose(0, 1)
        inputs[begins:answers, :, BITS + 1] = 1
        targets[answers : answers + size, :, :BITS] = by_item[chosen + 1, :, rows].transpose(0, 1)
        asked[answers : answers + size] = True
    return Batch(inputs, targets, asked)


def different(batch: int, count: int, chance: torch.Generator) -> Tensor:
    """(batch, count, BITS): random vectors, no two the same in a row of the batch."""
    numbers = torch.rand(batch, 2**BITS, generator=chance).argsort(-1)[:, :count]
    return (numbers.unsqueeze(-1) >> torch.arange(BITS) & 1).float()
