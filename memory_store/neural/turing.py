"""Neural Turing machines (Graves, Wayne and Danihelka 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from memory_store.neural import attention

Controller = Literal["lstm", "feedforward"]
REACH = 1
"""A head moves by one slot at most in a step."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a controller says to one kind of head; shapes (B, H, ...)."""

    key: Tensor
    strength: Tensor
    gate: Tensor
    shift: Tensor
    exponent: Tensor

    @classmethod
    def size(cls, width: int) -> int:
        """Numbers that describe one head."""
        return width + 1 + 1 + (2 * REACH + 1) + 1

    @classmethod
    def of(cls, raw: Tensor, width: int) -> Head:
        """Numbers of any size, (B, H, size), brought into the ranges of the paper."""
        key, strength, gate, shift, exponent = raw.split([width, 1, 1, 2 * REACH + 1, 1], dim=-1)
        return cls(
            torch.tanh(key),
            functional.softplus(strength.squeeze(-1)),
            torch.sigmoid(gate.squeeze(-1)),
            functional.softmax(shift, dim=-1),
            1 + functional.softplus(exponent.squeeze(-1)),
        )

    def weighting(self, memory: Tensor, before: Tensor) -> Tensor:
        """Content, interpolation, shift, sharpening, in this order (the paper's Figure 2). -> (B, H, N)."""
        found = attention.content(self.key, memory, self.strength)
        mixed = attention.interpolate(found, before, self.gate)
        return attention.sharpen(attention.rotate(mixed, self.shift), self.exponent)


@dataclass(frozen=True, slots=True)
class TuringState:
    """Everything that one step hands to the next."""

    memory: Tensor
    reads: Tensor
    """Weightings of the read heads, (B, R, N)."""
    writes: Tensor
    read: Tensor
    """What they read, (B, R, W)."""
    controller: tuple[Tensor, Tensor]


class NeuralTuringMachine(nn.Module):
    """A controller with read and write heads over N slots of width W. Inputs and outputs are (T, B, size)."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        slots: int = 128,
        width: int = 20,
        read_heads: int = 1,
        write_heads: int = 1,
        hidden: int = 100,
        controller: Controller = "lstm",
    ) -> None:
        super().__init__()
        self.slots, self.width, self.hidden = slots, width, hidden
        self.read_heads, self.write_heads = read_heads, write_heads
        heard = inputs + read_heads * width
        self.lstm = nn.LSTMCell(heard, hidden) if controller == "lstm" else None
        self.feed = None if controller == "lstm" else nn.Linear(heard, hidden)
        self._sizes = [read_heads * Head.size(width), write_heads * Head.size(width), 2 * write_heads * width]
        self.interface = nn.Linear(hidden, sum(self._sizes))
        self.out = nn.Linear(hidden + read_heads * width, outputs)
        self.first_read = nn.Parameter(torch.zeros(read_heads, width))
        begun = torch.zeros(2, hidden)
        self.first_hidden = nn.Parameter(begun, requires_grad=controller == "lstm")  # nothing else looks at it
        nn.init.xavier_uniform_(self.interface.weight, gain=1.4)
        nn.init.zeros_(self.interface.bias)

    def begin(self, batch: int) -> TuringState:
        """The state before the first step: a memory that holds nearly nothing, heads at the first slot."""
        like = self.first_read
        at_first = like.new_zeros(batch, self.slots)
        at_first[:, 0] = 1
        return TuringState(
            like.new_full((batch, self.slots, self.width), attention.EPSILON),
            at_first.unsqueeze(1).expand(-1, self.read_heads, -1),
            at_first.unsqueeze(1).expand(-1, self.write_heads, -1),
            torch.tanh(self.first_read).expand(batch, -1, -1),
            (self.first_hidden[0].expand(batch, -1), self.first_hidden[1].expand(batch, -1)),
        )

    def step(self, x: Tensor, state: TuringState) -> tuple[Tensor, TuringState]:
        """x (B, inputs) -> outputs (B, outputs), and the next state. Writes come before reads."""
        hidden, cell = self._control(torch.cat([x, state.read.flatten(1)], dim=-1), state.controller)
        reading, writing, vectors = self.interface(hidden).split(self._sizes, dim=-1)
        batch = x.shape[0]
        erase, add = vectors.view(batch, self.write_heads, 2, self.width).unbind(2)
        writers = Head.of(writing.view(batch, self.write_heads, -1), self.width)
        writes = writers.weighting(state.memory, state.writes)
        memory = attention.write(state.memory, writes, torch.sigmoid(erase), torch.tanh(add))
        readers = Head.of(reading.view(batch, self.read_heads, -1), self.width)
        reads = readers.weighting(memory, state.reads)
        read = attention.read(reads, memory)
        output = self.out(torch.cat([hidden, read.flatten(1)], dim=-1))
        return output, TuringState(memory, reads, writes, read, (hidden, cell))

    def forward(self, inputs: Tensor, state: TuringState | None = None) -> tuple[Tensor, TuringState]:
        """inputs (T, B, inputs) -> outputs (T, B, outputs), and the state after the last step."""
        state = state or self.begin(inputs.shape[1])
        outputs = []
        for x in inputs:
            output, state = self.step(x, state)
            outputs.append(output)
        return torch.stack(outputs), state

    def _control(self, heard: Tensor, before: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        if self.lstm is not None:
            hidden, cell = self.lstm(heard, before)
            return hidden, cell
        assert self.feed is not None
        return torch.relu(self.feed(heard)), before[1]
