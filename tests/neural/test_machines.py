"""The machines as wholes: shapes, weightings, gradients through time, and that they can use what they are given."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from memory_store.neural.computer import DifferentiableNeuralComputer
from memory_store.neural.external import ExternalMemory
from memory_store.neural.key_value import KeyValueMemory, hash_keys
from memory_store.neural.turing import NeuralTuringMachine


def turing(**options) -> NeuralTuringMachine:
    torch.manual_seed(0)
    return NeuralTuringMachine(3, 2, slots=6, width=4, hidden=8, **options)


def computer(**options) -> DifferentiableNeuralComputer:
    torch.manual_seed(0)
    return DifferentiableNeuralComputer(3, 2, slots=6, width=4, hidden=8, **options)


MACHINES = {
    "turing": turing,
    "turing, feedforward": lambda: turing(controller="feedforward"),
    "turing, many heads": lambda: turing(read_heads=3, write_heads=2),
    "computer": computer,
    "computer, many heads": lambda: computer(read_heads=3),
    "computer, sparse links": lambda: computer(read_heads=2, links=3),
}


@pytest.mark.parametrize("make", MACHINES.values(), ids=MACHINES)
def test_a_machine_runs_in_one_go_and_in_parts(make) -> None:
    machine = make()
    torch.manual_seed(1)
    inputs = torch.randn(7, 5, 3)
    outputs, state = machine(inputs)
    assert outputs.shape == (7, 5, 2)
    first, between = machine(inputs[:3])
    second, _ = machine(inputs[3:], between)
    assert torch.allclose(torch.cat([first, second]), outputs, atol=1e-6)
    assert (state.reads >= 0).all()
    assert (state.reads.sum(-1) <= 1 + 1e-5).all()
    assert (state.memory.isfinite()).all()


@pytest.mark.parametrize("make", MACHINES.values(), ids=MACHINES)
def test_every_parameter_learns(make) -> None:
    machine = make()
    torch.manual_seed(1)
    outputs, _ = machine(torch.randn(6, 4, 3))
    outputs.pow(2).sum().backward()
    trained = [(name, value) for name, value in machine.named_parameters() if value.requires_grad]
    silent = [name for name, value in trained if value.grad is None or not value.grad.any()]
    assert silent == []


@pytest.mark.parametrize("make", [turing, computer])
def test_gradients_through_time(make) -> None:
    machine = make().double()
    torch.manual_seed(1)
    inputs = torch.randn(3, 1, 3, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda x: machine(x)[0], inputs, atol=1e-4)


def fit(module: nn.Module, loss, steps: int, rate: float = 0.01) -> None:
    optimiser = torch.optim.Adam(module.parameters(), lr=rate)
    for step in range(steps):
        optimiser.zero_grad()
        loss(step).backward()
        optimiser.step()


def test_an_external_table_is_read_that_was_never_seen() -> None:
    """Trained to say what stands beside a key in a table that is new each time; tested on tables never met."""
    torch.manual_seed(0)
    memory = ExternalMemory(16, 24, 8, width=32, hidden=64)

    def drawn(batch: int) -> tuple[torch.Tensor, ...]:
        keys = nn.functional.normalize(torch.randn(batch, 10, 16), dim=-1)
        values = nn.functional.one_hot(torch.randint(8, (batch, 10)), 8).float()
        chosen = torch.randint(10, (batch,))
        rows = torch.arange(batch)
        return keys[rows, chosen], torch.cat([keys, values], -1), values[rows, chosen].argmax(-1)

    def loss(_: int) -> torch.Tensor:
        asked, table, answer = drawn(128)
        return nn.functional.cross_entropy(memory(asked, table), answer)

    fit(memory, loss, 400)
    asked, table, answer = drawn(1000)
    assert (memory(asked, table).argmax(-1) == answer).float().mean() > 0.95
    assert (memory(asked, torch.zeros_like(table)).argmax(-1) == answer).float().mean() < 0.3
    mask = torch.zeros(1000, 10, dtype=torch.bool)
    assert not memory.address(asked, table, mask).any()


def test_key_value_memory_answers_from_combinations_it_was_not_trained_on() -> None:
    """(subject, relation) -> object, the knowledge base new for each question."""
    torch.manual_seed(0)
    people, relations, things = 20, 5, 15
    network = KeyValueMemory(1 + people + relations + things, things, width=48, hops=1)

    def drawn(batch: int, *, held_out: bool) -> tuple[torch.Tensor, ...]:
        who = torch.stack([torch.randperm(people)[:8] for _ in range(batch)])
        what = torch.randint(relations, (batch, 8))
        objects = torch.randint(things, (batch, 8))
        held = (who + what) % 4 == 0
        wanted = held if held_out else ~held
        chosen = torch.multinomial(wanted.float() + 1e-9, 1).squeeze(1)
        keys = torch.stack([1 + who, 1 + people + what], -1)
        rows = torch.arange(batch)
        return keys[rows, chosen], keys, (1 + people + relations + objects).unsqueeze(-1), objects[rows, chosen]

    def loss(_: int) -> torch.Tensor:
        question, keys, values, answer = drawn(64, held_out=False)
        return nn.functional.cross_entropy(network(question, keys, values), answer)

    fit(network, loss, 400)
    question, keys, values, answer = drawn(500, held_out=True)
    assert (network(question, keys, values).argmax(-1) == answer).float().mean() >= 0.95
    _, attended = network.hops(question, keys, values)
    assert torch.allclose(attended[0].sum(-1), torch.ones(500), atol=1e-5)


def test_key_hashing_prefers_the_rarest_shared_words() -> None:
    holding = {1: [10, 11, 12], 2: [11], 3: list(range(2000))}
    assert hash_keys([1, 2, 3, 9], holding, most=2) == [11, 10]
    assert hash_keys([9], holding, most=2) == []
