"""Which sequences each machine is trained on, and on which longer ones it is tested.

``quick`` trains on shorter sequences and for fewer steps; what is tested is longer than what was trained in both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from benchmarks.neural import machines, sequences, streams
from benchmarks.neural.training import Course, Draw

ROWS, TEST_ROWS = 32, 50


@dataclass(frozen=True, slots=True)
class Lesson:
    """``levels``: batches to train on, ever longer; ``tests``: name -> a batch; the first says whether it is passed."""

    inputs: int
    outputs: int
    levels: Sequence[Draw]
    tests: dict[str, Draw]
    make: dict[str, Callable[[], nn.Module]]
    courses: dict[str, Course]
    slots_in_tests: int | None = None
    """A memory may be enlarged after training: slots are no parameters."""


def _upto(most: int, least: int, chance: torch.Generator) -> int:
    """``most`` half of the time, else anything from ``least``."""
    if bool(torch.rand(1, generator=chance) < 0.5):
        return most
    return int(torch.randint(least, most + 1, (1,), generator=chance))


def copy(quick: bool) -> Lesson:
    """Trained to length 20, tested at 50. Trained with 32 slots, tested with the paper's 128: the longest takes 102
    steps, and where there are fewer, a DNC that was never so short of slots writes over what it has yet to say."""

    def level(most: int) -> Draw:
        return lambda chance: sequences.copied(ROWS, _upto(most, 1, chance), chance)

    size = {"inputs": sequences.INPUTS, "outputs": sequences.OUTPUTS}
    return Lesson(
        **size,
        levels=[level(most) for most in (5, 7, 10, 14, 20)],
        tests={f"length {n}": partial(sequences.copied, TEST_ROWS, n) for n in (50, 20, 35)},
        make={
            "ntm": partial(machines.turing, **size, slots=32, hidden=64, reader_moves=False, reader_gate=-3.0),
            "dnc": partial(machines.computer, **size, slots=32, hidden=64, forgetful=False),
        },
        courses={
            "ntm": Course(2500 if quick else 5000, polish=300),
            "dnc": Course(2500 if quick else 8000, polish=300),
        },
        slots_in_tests=128,
    )


def repeat_copy(quick: bool) -> Lesson:
    """Trained to length 8 and 3 times (full form: 5), tested at twice the length and at more repeats.

    First a copy, with nothing asked of the end; then going back for a second one; then the end, and longer ones."""
    longest, times = 8, 3 if quick else 5

    def level(most: int, repeats: int, ending: float) -> Draw:
        return lambda chance: sequences.repeated(
            ROWS, _upto(most, 1, chance), _upto(repeats, 1, chance), chance, ending=ending
        )

    size = {"inputs": sequences.REPEAT_INPUTS, "outputs": sequences.OUTPUTS}
    return Lesson(
        **size,
        levels=[level(5, 1, 0), level(5, 2, 0), level(5, times, 1), level(longest, times, 1)],
        tests={
            f"length {length}, {repeats} times": partial(sequences.repeated, TEST_ROWS, length, repeats)
            for length, repeats in ((2 * longest, times), (longest, times), (longest, times + 1), (longest, times + 2))
        },
        make={
            "ntm": partial(
                machines.turing, **size, slots=16, hidden=64, controller="lstm", reader_moves=False, reader_gate=-2.0
            ),
            "dnc": partial(machines.computer, **size, slots=16, hidden=64),
        },
        courses={"ntm": Course(2600 if quick else 8000), "dnc": Course(2600 if quick else 8000)},
        slots_in_tests=64,
    )


def associative_recall(quick: bool) -> Lesson:
    """Trained with 2 to 6 items of 3 vectors (quick: 1), three queries each; tested with 12 items, and one query."""
    item, slots = (1, 16) if quick else (3, 48)

    def level(most: int) -> Draw:
        return lambda chance: sequences.recalled(ROWS, _upto(most, 2, chance), item, chance, queries=3)

    size = {"inputs": sequences.INPUTS, "outputs": sequences.OUTPUTS}
    return Lesson(
        **size,
        levels=[level(most) for most in (2, 3, 6)],
        tests={f"{n} items": partial(sequences.recalled, TEST_ROWS, n, item) for n in (12, 6, 9)},
        make={
            "ntm": partial(machines.turing, **size, slots=slots, hidden=64, reader_gate=0.0, reader_moves=False),
            "dnc": partial(machines.computer, **size, slots=slots, hidden=64),
        },
        courses={
            "ntm": Course(3000 if quick else 10000, polish=300),
            "dnc": Course(4000 if quick else 10000, polish=300),
        },
        slots_in_tests=2 * slots,
    )


def reuse(quick: bool) -> Lesson:
    """Eight slots. Trained on streams of up to 20 writes, tested on 40; at most six pairs are live at a time."""

    def level(writes: int, live: int) -> Draw:
        return lambda chance: streams.stored(ROWS, writes, live, chance)

    return Lesson(
        inputs=streams.INPUTS,
        outputs=streams.OUTPUTS,
        levels=[level(4, 3), level(8, 4), level(12, 6), level(20, 6)],
        tests={
            "40 writes": partial(streams.stored, TEST_ROWS, 40, 6),
            "40 writes, of the same six keys": partial(streams.stored, TEST_ROWS, 40, 6, again=True),
            "20 writes": partial(streams.stored, TEST_ROWS, 20, 6),
        },
        make={
            "dnc": partial(
                machines.computer, inputs=streams.INPUTS, outputs=streams.OUTPUTS, slots=8, hidden=64, strength=8.0
            )
        },
        courses={"dnc": Course(2500 if quick else 8000)},
    )


LESSONS = {"copy": copy, "repeat-copy": repeat_copy, "associative-recall": associative_recall, "key-value": reuse}
