"""One machine on one task: trained, tested, and whether what came of it is what the paper says."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import nn

from benchmarks.neural.answering import QUIZZES, sit
from benchmarks.neural.machines import lstm_as_large_as, never_freeing, parameters
from benchmarks.neural.sequence_tasks import LESSONS, Lesson
from benchmarks.neural.training import Course, Trained, Watch, errors, train

Row = dict[str, Any]
NO_MEMORY = "lstm"
KV = "kv-memnn"
NEVER_FREES = "never frees"
RIGHT = 0.99
"""Share of bits that a machine must get right in sequences longer than it was trained on."""
FAR_BEHIND = 10
"""The LSTM makes so many times the mistakes, at least."""
BEGINNINGS = 3
LEARNED = 0.005
"""Where more of the bits of the last batches of training were wrong, it begins again from other weights, so often in
all; the one that learned most is tested. Some first weights lead nowhere, for an NTM in particular (Graves et al. 2016
report the best of twenty runs). Only training decides, and the LSTM has as many beginnings."""
BEGINNING_SEED = 7_919
TESTS_SEED = 1_000_003
"""Added to the seed, so that the same tests are drawn however long the training was."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one process does: one machine on one task."""

    task: str
    machine: str


def trials_of(task: str) -> Sequence[Trial]:
    """Every machine that competes in ``task``."""
    if task in QUIZZES:
        return [Trial(task, KV)]
    return [Trial(task, machine) for machine in (*LESSONS[task](True).make, NO_MEMORY)]


def tried(trial: Trial, *, quick: bool, seed: int, watch: Watch, steps: int | None = None) -> Row:
    """The figures of one trial, the same for the same seed. ``steps``: other than planned, for a quick look; it begins
    once."""
    if trial.task in QUIZZES:
        quiz = QUIZZES[trial.task](quick)
        return asdict(sit(replace(quiz, steps=steps or quiz.steps), seed, watch))
    lesson = LESSONS[trial.task](quick)
    course = lesson.courses.get(trial.machine) or max(lesson.courses.values(), key=lambda one: one.steps)
    course = replace(course, steps=steps or course.steps)
    begun = []
    for beginning in range(1 if steps else BEGINNINGS):
        begun.append(_trained(lesson, trial.machine, course, seed + BEGINNING_SEED * beginning, watch))
        if begun[-1][1].wrong <= LEARNED:
            break
    machine, trained = min(begun, key=lambda one: one[1].wrong)
    row = {**asdict(trained), "beginnings": len(begun), "parameters": parameters(machine)}
    row["cpu_seconds"] = sum(one.cpu_seconds for _, one in begun)
    row["tests"] = _tested(machine, lesson, seed)
    if trial.task == "key-value" and trial.machine == "dnc":
        row[NEVER_FREES] = _tested(never_freeing(copy.deepcopy(machine)), lesson, seed)
    return row


def _trained(lesson: Lesson, name: str, course: Course, seed: int, watch: Watch) -> tuple[nn.Module, Trained]:
    torch.manual_seed(seed)
    machine = _machine(lesson, name)
    return machine, train(machine, lesson.levels, course, torch.Generator().manual_seed(seed), watch)


def _machine(lesson: Lesson, name: str) -> nn.Module:
    if name != NO_MEMORY:
        return lesson.make[name]()
    largest = max((make() for make in lesson.make.values()), key=parameters)
    return lstm_as_large_as(largest, lesson.inputs, lesson.outputs)


def _tested(machine: nn.Module, lesson: Lesson, seed: int) -> Row:
    """Name of the test -> wrong bits per sequence, and the share that is right."""
    if lesson.slots_in_tests is not None and hasattr(machine, "slots"):
        machine.slots = lesson.slots_in_tests
    found = {}
    for name, draw in lesson.tests.items():
        wrong, right = errors(machine, draw, torch.Generator().manual_seed(seed + TESTS_SEED))
        found[name] = {"wrong_bits_per_sequence": round(wrong, 3), "right": round(right, 5)}
    return found


def judged(task: str, rows: Mapping[str, Row]) -> Row:
    """``score`` (0 to 1: that of the worst machine with a memory), ``passed``, and what they rest on."""
    score, passed = _of_quiz(task, rows[KV]) if task in QUIZZES else _of_lesson(rows)
    return {"score": round(score, 5), "passed": passed, "machines": dict(rows)}


def _of_quiz(task: str, row: Row) -> tuple[float, bool]:
    enough = QUIZZES[task](True).enough
    return row["right"], row["right"] >= enough and row["without_memory"] < enough / 2


def _of_lesson(rows: Mapping[str, Row]) -> tuple[float, bool]:
    worst = max(_wrong(row["tests"]) for name, row in rows.items() if name != NO_MEMORY)
    rivals = [_wrong(rows[NO_MEMORY]["tests"])]
    rivals += [_wrong(row[NEVER_FREES]) for row in rows.values() if NEVER_FREES in row]
    return 1 - worst, worst <= 1 - RIGHT and min(rivals) >= FAR_BEHIND * max(worst, 1 - RIGHT)


def _wrong(tests: Row) -> float:
    """Share of wrong bits in the test that counts, the first."""
    return 1 - float(next(iter(tests.values()))["right"])
