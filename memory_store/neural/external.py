"""y = f(x, d; theta): a network that reads an external table it was not trained on the rows of."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class ExternalMemory(nn.Module):
    """Learned query, key and value projections over a table of slots, read by attention, trained end to end.

    q = W_q x, k_i = W_k d_i, v_i = W_v d_i; a = softmax(q k^T / sqrt(width)); y = g(x, sum_i a_i v_i). The table d is
    an argument, not a parameter: it can be exchanged, grown or cut without training again (Vaswani et al. 2017, eq. 1,
    over a memory as in Weston et al. 2015).
    """

    def __init__(self, inputs: int, slots: int, outputs: int, *, width: int = 64, hidden: int = 128) -> None:
        """``inputs``: size of x; ``slots``: size of a row of d; ``outputs``: size of y."""
        super().__init__()
        self.query = nn.Linear(inputs, width, bias=False)
        self.key = nn.Linear(slots, width, bias=False)
        self.value = nn.Linear(slots, width, bias=False)
        self.out = nn.Sequential(nn.Linear(inputs + width, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def address(self, x: Tensor, table: Tensor, mask: Tensor | None = None) -> Tensor:
        """Attention over the rows: x (B, inputs), table (B, N, slots), mask (B, N) true where there is a row -> (B, N).

        A row of the batch without any slot gets no attention at all.
        """
        scores = torch.einsum("bw,bnw->bn", self.query(x), self.key(table)) / math.sqrt(self.query.out_features)
        if mask is not None:
            scores = scores.masked_fill(~mask, -math.inf)
            scores = torch.where(mask.any(-1, keepdim=True), scores, torch.zeros_like(scores))
        weights = functional.softmax(scores, dim=-1)
        return weights if mask is None else weights * mask

    def forward(self, x: Tensor, table: Tensor, mask: Tensor | None = None) -> Tensor:
        """-> (B, outputs)."""
        read = torch.einsum("bn,bnw->bw", self.address(x, table, mask), self.value(table))
        return self.out(torch.cat([x, read], dim=-1))
