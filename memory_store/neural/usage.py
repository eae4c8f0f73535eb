"""Which slots are free, and in which order they were written: the dynamic memory of the differentiable neural computer.

Equations are those of Graves et al. 2016 (Nature 538), Methods. B: batch, R: read heads, N: slots.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from memory_store.neural.attention import EPSILON


def retention(free_gates: Tensor, reads: Tensor) -> Tensor:
    """psi(i) = prod_r (1 - f_r w_r(i)): what the read heads do not free. (B, R), (B, R, N) -> (B, N)."""
    return (1 - free_gates.unsqueeze(-1) * reads).prod(dim=1)


def usage(before: Tensor, write: Tensor, retained: Tensor) -> Tensor:
    """u_t = (u + w - u o w) o psi, where w is the last write weighting. All (B, N), in [0, 1]."""
    return (before + write - before * write) * retained


def allocation(used: Tensor) -> Tensor:
    """a(f_j) = (1 - u(f_j)) prod_(i<j) u(f_i), f sorting the slots by rising usage: the freest gets nearly all.

    (B, N) -> (B, N), not negative, sums to at most 1: with every slot in use there is nothing to allocate.
    """
    steady = EPSILON + (1 - EPSILON) * used  # so that the product's gradient lives where a slot is quite free
    rising, order = steady.sort(dim=-1)
    shifted = torch.cat([torch.ones_like(rising[..., :1]), rising[..., :-1]], dim=-1)
    shares = (1 - rising) * shifted.cumprod(dim=-1)
    return torch.zeros_like(shares).scatter(-1, order, shares)


def write_weighting(found: Tensor, allocated: Tensor, write_gate: Tensor, allocation_gate: Tensor) -> Tensor:
    """w_w = g_w (g_a a + (1 - g_a) c). found and allocated (B, N); gates (B, 1) -> (B, N), sums to at most 1."""
    return write_gate * (allocation_gate * allocated + (1 - allocation_gate) * found)


def precedence(before: Tensor, write: Tensor) -> Tensor:
    """p_t = (1 - sum_i w(i)) p_(t-1) + w: how much each slot was the last one written. (B, N), sums to at most 1."""
    return (1 - write.sum(-1, keepdim=True)) * before + write


def follow_links(links: Tensor, write: Tensor, before: Tensor) -> Tensor:
    """L(i, j) = (1 - w(i) - w(j)) L(i, j) + w(i) p(j), L(i, i) = 0: slot i was written right after slot j.

    links (B, N, N), write and before (the precedence before this write) (B, N) -> (B, N, N).
    """
    here, there = write.unsqueeze(-1), write.unsqueeze(-2)
    grown = (1 - here - there) * links + here * before.unsqueeze(-2)
    return grown * (1 - torch.eye(links.shape[-1], device=links.device, dtype=links.dtype))


@dataclass(frozen=True, slots=True)
class SparseLinks:
    """The link matrix with the K strongest predecessors of each slot: O(N K) instead of O(N^2) (Methods, "Sparse link
    matrix"). ``values`` and ``slots``: (B, N, K); value k of row i is L(i, slots(i, k))."""

    values: Tensor
    slots: Tensor

    @classmethod
    def none(cls, batch: int, slots: int, kept: int, like: Tensor) -> SparseLinks:
        """No links yet."""
        values = like.new_zeros(batch, slots, kept)
        return cls(values, torch.zeros(batch, slots, kept, dtype=torch.long, device=like.device))

    def followed(self, write: Tensor, before: Tensor) -> SparseLinks:
        """As :func:`follow_links`; of the precedence, its K strongest slots are looked at."""
        kept = self.values.shape[-1]
        there = _gather(write, self.slots)
        old = (1 - write.unsqueeze(-1) - there) * self.values
        strongest, which = before.topk(min(kept, before.shape[-1]), dim=-1)
        fresh = write.unsqueeze(-1) * strongest.unsqueeze(-2)
        slots = which.unsqueeze(-2).expand(-1, write.shape[-1], -1)
        own = torch.arange(write.shape[-1], device=write.device).view(1, -1, 1)
        fresh = fresh.masked_fill(slots == own, 0.0)
        # A predecessor that is known already gets its share added, and does not take a second place.
        same = self.slots.unsqueeze(-1) == slots.unsqueeze(-2)
        first = same & (self.values.unsqueeze(-1) != 0)
        old = old + (first * fresh.unsqueeze(-2)).sum(-1)
        fresh = fresh.masked_fill(first.any(dim=-2), 0.0)
        values, places = torch.cat([old, fresh], dim=-1), torch.cat([self.slots, slots], dim=-1)
        best, order = values.topk(kept, dim=-1)
        return SparseLinks(best, places.gather(-1, order))

    def forward(self, weights: Tensor) -> Tensor:
        """f = L w: from what was read to what was written right after it. (B, R, N) -> (B, R, N)."""
        rows = [(_gather(head, self.slots) * self.values).sum(-1) for head in weights.unbind(1)]
        return torch.stack(rows, dim=1)

    def backward(self, weights: Tensor) -> Tensor:
        """b = L^T w: to what was written right before it. (B, R, N) -> (B, R, N)."""
        flat = self.slots.flatten(1)
        rows = [
            torch.zeros_like(head).scatter_add(-1, flat, (self.values * head.unsqueeze(-1)).flatten(1))
            for head in weights.unbind(1)
        ]
        return torch.stack(rows, dim=1)


def _gather(weights: Tensor, slots: Tensor) -> Tensor:
    """(B, N), (B, N, K) -> (B, N, K): the weight of each slot that is named."""
    return weights.gather(-1, slots.flatten(1)).view_as(slots)
