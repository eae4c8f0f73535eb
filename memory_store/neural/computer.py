"""Differentiable neural computers (Graves et al. 2016, "Hybrid computing using a neural network with dynamic external
memory", Nature 538)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from memory_store.neural import attention, usage
from memory_store.neural.usage import SparseLinks


@dataclass(frozen=True, slots=True)
class ComputerState:
    """Everything that one step hands to the next."""

    memory: Tensor
    used: Tensor
    """(B, N), 0 for a free slot."""
    precedence: Tensor
    links: Tensor | SparseLinks
    reads: Tensor
    """Weightings of the read heads, (B, R, N)."""
    write: Tensor
    read: Tensor
    controller: tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Interface:
    """The interface vector of the Methods, in its ranges."""

    read_keys: Tensor
    read_strengths: Tensor
    write_key: Tensor
    write_strength: Tensor
    erase: Tensor
    add: Tensor
    free_gates: Tensor
    allocation_gate: Tensor
    write_gate: Tensor
    modes: Tensor
    """(B, R, 3): backward, content, forward; a distribution."""

    @staticmethod
    def sizes(width: int, heads: int) -> list[int]:
        """Numbers of each part, in order."""
        return [heads * width, heads, width, 1, width, width, heads, 1, 1, 3 * heads]

    @classmethod
    def of(cls, raw: Tensor, width: int, heads: int) -> Interface:
        """(B, sum of sizes) -> the parts."""
        parts = raw.split(cls.sizes(width, heads), dim=-1)
        batch = raw.shape[0]
        return cls(
            parts[0].view(batch, heads, width),
            1 + functional.softplus(parts[1]),
            parts[2].view(batch, 1, width),
            1 + functional.softplus(parts[3]),
            torch.sigmoid(parts[4]).unsqueeze(1),
            parts[5].unsqueeze(1),
            torch.sigmoid(parts[6]),
            torch.sigmoid(parts[7]),
            torch.sigmoid(parts[8]),
            functional.softmax(parts[9].view(batch, heads, 3), dim=-1),
        )


class DifferentiableNeuralComputer(nn.Module):
    """An LSTM controller over N slots of width W that allocates, frees, and follows the order of its own writes.

    Inputs and outputs are (T, B, size). ``links``: None for the whole link matrix, O(N^2) a step; K for the K strongest
    predecessors of each slot, O(N K).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        slots: int = 64,
        width: int = 16,
        read_heads: int = 1,
        hidden: int = 100,
        links: int | None = None,
    ) -> None:
        super().__init__()
        self.slots, self.width, self.read_heads, self.hidden, self.links = slots, width, read_heads, hidden, links
        self.lstm = nn.LSTMCell(inputs + read_heads * width, hidden)
        self.interface = nn.Linear(hidden, sum(Interface.sizes(width, read_heads)))
        self.out = nn.Linear(hidden + read_heads * width, outputs)

    def begin(self, batch: int) -> ComputerState:
        """The state before the first step: everything zero, every slot free."""
        like = self.out.weight
        none = like.new_zeros(batch, self.slots)
        links: Tensor | SparseLinks = (
            like.new_zeros(batch, self.slots, self.slots)
            if self.links is None
            else SparseLinks.none(batch, self.slots, self.links, like)
        )
        return ComputerState(
            like.new_zeros(batch, self.slots, self.width),
            none,
            none,
            links,
            like.new_zeros(batch, self.read_heads, self.slots),
            none,
            like.new_zeros(batch, self.read_heads, self.width),
            (like.new_zeros(batch, self.hidden), like.new_zeros(batch, self.hidden)),
        )

    def step(self, x: Tensor, state: ComputerState) -> tuple[Tensor, ComputerState]:
        """x (B, inputs) -> outputs (B, outputs), and the next state. Writes come before reads."""
        hidden, cell = self.lstm(torch.cat([x, state.read.flatten(1)], dim=-1), state.controller)
        said = Interface.of(self.interface(hidden), self.width, self.read_heads)
        used = usage.usage(state.used, state.write, usage.retention(said.free_gates, state.reads))
        found = attention.content(said.write_key, state.memory, said.write_strength).squeeze(1)
        write = usage.write_weighting(found, usage.allocation(used), said.write_gate, said.allocation_gate)
        memory = attention.write(state.memory, write.unsqueeze(1), said.erase, said.add)
        links = _followed(state.links, write, state.precedence)
        reads = _reads(said, memory, links, state.reads)
        read = attention.read(reads, memory)
        output = self.out(torch.cat([hidden, read.flatten(1)], dim=-1))
        before = usage.precedence(state.precedence, write)
        return output, ComputerState(memory, used, before, links, reads, write, read, (hidden, cell))

    def forward(self, inputs: Tensor, state: ComputerState | None = None) -> tuple[Tensor, ComputerState]:
        """inputs (T, B, inputs) -> outputs (T, B, outputs), and the state after the last step."""
        state = state or self.begin(inputs.shape[1])
        outputs = []
        for x in inputs:
            output, state = self.step(x, state)
            outputs.append(output)
        return torch.stack(outputs), state


def _followed(links: Tensor | SparseLinks, write: Tensor, before: Tensor) -> Tensor | SparseLinks:
    if isinstance(links, SparseLinks):
        return links.followed(write, before)
    return usage.follow_links(links, write, before)


def _reads(said: Interface, memory: Tensor, links: Tensor | SparseLinks, before: Tensor) -> Tensor:
    """w_r = pi_1 b + pi_2 c + pi_3 f: backward along the links, by content, forward. (B, R, N), sums to at most 1."""
    if isinstance(links, SparseLinks):
        forward, backward = links.forward(before), links.backward(before)
    else:
        forward, backward = before @ links.transpose(-1, -2), before @ links
    found = attention.content(said.read_keys, memory, said.read_strengths)
    modes = said.modes.unsqueeze(-1)
    return modes[:, :, 0] * backward + modes[:, :, 1] * found + modes[:, :, 2] * forward
