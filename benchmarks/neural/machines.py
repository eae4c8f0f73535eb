"""The machines that compete, of one size, and how each is begun so that a few hundred steps are enough.

The equations are those of :mod:`memory_store.neural`. What is set here is only where training starts: an NTM's heads
begin by writing slot after slot, a DNC's by allocating, and by reading what is like the key or what came next; an LSTM
that controls one begins with little memory of its own. The papers start from random numbers and train for hundreds of
thousands of sequences.
"""

from __future__ import annotations

from itertools import accumulate, count

import torch
from torch import Tensor, nn

from memory_store.neural.computer import DifferentiableNeuralComputer, Interface
from memory_store.neural.turing import Controller, Head, NeuralTuringMachine

WIDTH = 16
STRENGTH = 4.0
"""Raw strength of content addressing to begin with: one slot in many can be told from the others."""

QUIET = 0.1
"""Of the usual size: how much the controller has to say, to begin with, in how an NTM's heads move."""
KEEP = 4
"""Cells of a controller's LSTM that hold what they have to begin with; the others forget it in a step or two. One that
remembers learns short sequences by heart, and then has no use for the memory."""
STAYS, MOVES_ON = (-1.0, 2.0, 0.0), (-1.0, 0.0, 2.0)
"""Raw shifts: back, none, up by a slot."""


def turing(
    inputs: int,
    outputs: int,
    *,
    slots: int,
    hidden: int,
    controller: Controller = "feedforward",
    reader_gate: float = -1.0,
    reader_moves: bool = True,
) -> NeuralTuringMachine:
    """A neural Turing machine that, until it learns otherwise, writes slot after slot.

    ``reader_gate``: raw; how far content decides where it reads, to begin with (the writer's is -3, next to nothing);
    ``reader_moves``: else it reads on from where it is, slot after slot, or stays there.
    """
    machine = NeuralTuringMachine(inputs, outputs, slots=slots, width=WIDTH, hidden=hidden, controller=controller)
    reader, writer = [reader_gate, *(MOVES_ON if reader_moves else STAYS), 1.0], [-3.0, *MOVES_ON, 2.0]
    with torch.no_grad():
        for head, begun in enumerate([reader] * machine.read_heads + [writer] * machine.write_heads):
            begins = head * Head.size(WIDTH) + WIDTH
            ends = begins + 1 + len(begun)
            machine.interface.bias[begins:ends] = torch.tensor([STRENGTH, *begun])
            machine.interface.weight[begins:ends] *= QUIET
    if machine.lstm is not None:
        _forgetful(machine.lstm)
    return machine


def computer(
    inputs: int,
    outputs: int,
    *,
    slots: int,
    hidden: int,
    read_heads: int = 1,
    links: int | None = None,
    strength: float = STRENGTH,
    forgetful: bool = True,
) -> DifferentiableNeuralComputer:
    """A differentiable neural computer that, until it learns otherwise, writes every step to a free slot, frees next to
    nothing, and reads by content and forward in equal parts. ``strength``: raw, of content addressing.

    Not ``forgetful``: its LSTM begins as usual, and it writes less surely and reads rather forward."""
    machine = DifferentiableNeuralComputer(
        inputs, outputs, slots=slots, width=WIDTH, hidden=hidden, read_heads=read_heads, links=links
    )
    sizes = Interface.sizes(WIDTH, read_heads)
    _, strengths, _, _, _, _, free, allocate, write, modes, _ = accumulate(sizes, initial=0)
    weight, bias = machine.interface.weight, machine.interface.bias
    surely, freeing, reading = ((4.0, 3.0), -3, (-1.0, 1.0, 1.0)) if forgetful else ((2.0, 1.0), -2, (0.0, 0.0, 1.0))
    with torch.no_grad():
        bias.zero_()
        bias[strengths : strengths + read_heads] = strength
        bias[free : free + read_heads] = freeing
        bias[allocate], bias[write] = surely
        bias[modes:] = torch.tensor(reading).repeat(read_heads)
        if forgetful:
            weight[free:modes] *= QUIET
            _forgetful(machine.lstm)
    return machine


def _forgetful(lstm: nn.LSTMCell) -> None:
    """Begin with cells that take in what they hear and forget what they had, all but ``KEEP`` of them; what is said to
    the next step comes from those."""
    with torch.no_grad():
        lstm.bias_hh.zero_()
        taken, kept, _, said = lstm.bias_ih.zero_().view(4, lstm.hidden_size)
        taken[KEEP:], kept[:KEEP], kept[KEEP:], said[:] = 2, 3, -3, 1
        lstm.weight_hh[:, KEEP:] *= QUIET


def never_freeing(machine: DifferentiableNeuralComputer) -> DifferentiableNeuralComputer:
    """``machine`` with its free gates held shut."""
    sizes = Interface.sizes(machine.width, machine.read_heads)
    gates = slice(sum(sizes[:6]), sum(sizes[:7]))
    with torch.no_grad():
        machine.interface.weight[gates] = 0
        machine.interface.bias[gates] = -30
    return machine


class PlainLSTM(nn.Module):
    """What has no memory but its own state. Inputs and outputs are (T, B, size)."""

    def __init__(self, inputs: int, outputs: int, *, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, inputs: Tensor) -> tuple[Tensor, object]:
        said, state = self.lstm(inputs)
        return self.out(said), state


def parameters(machine: nn.Module) -> int:
    """Numbers that are trained."""
    return sum(value.numel() for value in machine.parameters() if value.requires_grad)


def lstm_as_large_as(machine: nn.Module, inputs: int, outputs: int) -> PlainLSTM:
    """The smallest that has no fewer parameters than ``machine``."""
    wanted = parameters(machine)
    size = next(n for n in count(1) if 4 * n * (inputs + n + 2) + (n + 1) * outputs >= wanted)
    return PlainLSTM(inputs, outputs, hidden=size)
