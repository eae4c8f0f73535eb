"""Key-value retrieval with fewer slots than writes: what was asked for has to be freed (after the allocation task of
Graves et al. 2016, Extended Data Figure 2)."""

from __future__ import annotations

import torch

from benchmarks.neural.sequences import BITS, Batch, different

INPUTS = 2 * BITS + 2
"""Key, value, a mark for "store this", a mark for "what belongs to this key?"."""
OUTPUTS = BITS


def stored(batch: int, writes: int, live: int, chance: torch.Generator) -> Batch:
    """A stream of ``writes`` pairs to store, at most ``live`` of them at a time: each is asked for once, at any later
    step, and never again. Steps: 2 * writes; the same steps are questions in every row of the batch."""
    steps = 2 * writes
    inputs, targets = torch.zeros(steps, batch, INPUTS), torch.zeros(steps, batch, OUTPUTS)
    asked = torch.zeros(steps, dtype=torch.bool)
    rows = torch.arange(batch)
    held = torch.zeros(batch, live, 2 * BITS)
    keys = different(batch, live, chance)
    free, full, written = list(range(live)), list[int](), 0
    for step in range(steps):
        storing = written < writes and bool(free) and (not full or bool(torch.rand(1, generator=chance) < 0.5))
        if storing:
            place = free.pop(0)
            full.append(place)
            written += 1
            held[:, place, :BITS] = keys[:, place]
            held[:, place, BITS:] = torch.randint(2, (batch, BITS), generator=chance).float()
            inputs[step, :, : 2 * BITS] = held[:, place]
            inputs[step, :, 2 * BITS] = 1
        else:
            place = full.pop(int(torch.randint(len(full), (1,), generator=chance)))
            free.append(place)
            inputs[step, :, :BITS] = held[rows, place, :BITS]
            inputs[step, :, 2 * BITS + 1] = 1
            targets[step] = held[rows, place, BITS:]
            asked[step] = True
    return Batch(inputs, targets, asked)
