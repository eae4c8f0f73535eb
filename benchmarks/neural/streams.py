"""Key-value retrieval with fewer slots than writes: what was asked for has to be freed (after the allocation task of
Graves et al. 2016, Extended Data Figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.neural.sequences import BITS, Batch, different

INPUTS = 2 * BITS + 2
"""Key, value, a mark for "store this", a mark for "what belongs to this key?"."""
OUTPUTS = BITS


def stored(batch: int, writes: int, live: int, chance: torch.Generator, *, again: bool = False) -> Batch:
    """A stream of ``writes`` pairs to store, at most ``live`` of them at a time: each is asked for once, at any later
    step, and never again. Steps: 2 * writes; the same steps are questions in every row of the batch.

    No two pairs have the same key. With ``again`` there are only ``live`` keys, which come again with other values once
    they were asked for: that is more than freeing, for a freed slot still holds its key and the value of before."""
    steps = 2 * writes
    inputs, targets = torch.zeros(steps, batch, INPUTS), torch.zeros(steps, batch, OUTPUTS)
    asked = torch.zeros(steps, dtype=torch.bool)
    keys = different(batch, live if again else writes, chance)
    values = torch.randint(2, (batch, writes, BITS), generator=chance).float()
    free, full, written = list(range(live)), list[tuple[int, Tensor, Tensor]](), 0
    for step in range(steps):
        storing = written < writes and bool(free) and (not full or bool(torch.rand(1, generator=chance) < 0.5))
        if storing:
            place = free.pop(0)
            key, value = keys[:, place if again else written], values[:, written]
            full.append((place, key, value))
            written += 1
            inputs[step, :, : 2 * BITS] = torch.cat([key, value], dim=-1)
            inputs[step, :, 2 * BITS] = 1
        else:
            place, key, value = full.pop(int(torch.randint(len(full), (1,), generator=chance)))
            free.append(place)
            inputs[step, :, :BITS] = key
            inputs[step, :, 2 * BITS + 1] = 1
            targets[step] = value
            asked[step] = True
    return Batch(inputs, targets, asked)
