"""Are the external memories right? Each paper's own small tasks, trained here and now, on the CPU.

    python benchmarks/neural/tasks.py --quick                 all of it, for two quiet cores and ten minutes
    python benchmarks/neural/tasks.py                         the full form: longer, larger
    python benchmarks/neural/tasks.py --task copy --seed 3 --json     the last line is one JSON object

Copy, repeat copy and associative recall (Graves et al. 2014) by a neural Turing machine and a differentiable neural
computer, trained on short sequences and tested on longer ones beside an LSTM of equal size; key-value retrieval with
more writes than slots (Graves et al. 2016), also with the free gates shut; questions about a knowledge base in
combinations never asked before (Miller et al. 2016) and about stories (Weston et al. 2015) by a key-value memory
network. Seeded: the same seed gives the same figures on the same machine and version of torch. docs/neural.md has them.

Exit code: 0 when all that ran passed, 1 when not, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])

from benchmarks.neural.answering import QUIZZES
from benchmarks.neural.sequence_tasks import LESSONS
from benchmarks.neural.trials import Trial, judged, trials_of, tried

TASKS = (*LESSONS, *QUIZZES)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    tasks = [task for task in TASKS if not asked.task or task in asked.task]
    began = perf_counter()
    try:
        rows = _all(tasks, asked)
    except KeyboardInterrupt:
        _say("stopped")
        return 130
    found = {task: judged(task, rows[task]) for task in tasks}
    _say(f"{perf_counter() - began:.0f} s, of which CPU: {_cpu(found):.0f} s")
    if asked.json:
        print(json.dumps(found))
    else:
        for task, row in found.items():
            _print(task, row)
    return int(not all(row["passed"] for row in found.values()))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter sequences, fewer steps (docs/neural.md)")
    parser.add_argument("--task", action="append", choices=TASKS, help="only this one; may be given several times")
    parser.add_argument("--seed", type=int, default=0, help="of weights and data (default: 0)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes, of one thread each")
    parser.add_argument("--json", action="store_true", help="the last line is: task -> score, passed, machines")
    asked = parser.parse_args(arguments)
    if asked.jobs < 1:
        parser.error("--jobs must be 1 or more")
    return asked


def _all(tasks: Sequence[str], asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Task -> machine -> its figures. The tasks are shared out among the processes machine by machine."""
    rows: dict[str, dict[str, Any]] = {task: dict.fromkeys(one.machine for one in trials_of(task)) for task in tasks}
    trials = [trial for task in tasks for trial in trials_of(task)]
    work = partial(_tried, quick=asked.quick, seed=asked.seed)
    with multiprocessing.get_context("spawn").Pool(min(asked.jobs, len(trials)), _alone) as pool:
        for trial, row in pool.imap_unordered(work, reversed(trials)):  # the short ones, of copy, fill up the end
            rows[trial.task][trial.machine] = row
            _say(f"{trial.task}, {trial.machine}: done in {row['cpu_seconds']:.0f} s of CPU, {_right(row):.2%} right")
    return rows


def _alone() -> None:
    """One thread a process. Numbers next to nothing are taken as nothing: a CPU is slow at them."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def _tried(trial: Trial, *, quick: bool, seed: int) -> tuple[Trial, dict[str, Any]]:
    def watch(line: str) -> None:
        _say(f"{trial.task}, {trial.machine}: {line}")

    return trial, tried(trial, quick=quick, seed=seed, watch=watch)


def _right(row: dict[str, Any]) -> float:
    """Of bits in the test that counts, or of answers."""
    return float(next(iter(row["tests"].values()))["right"] if "tests" in row else row["right"])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _cpu(found: dict[str, Any]) -> float:
    return sum(machine["cpu_seconds"] for row in found.values() for machine in row["machines"].values())


def _print(task: str, row: dict[str, Any]) -> None:
    print(f"{task}: {row['score']:.4f}, {'passed' if row['passed'] else 'NOT PASSED'}")
    for name, machine in row["machines"].items():
        print(f"  {name}: {machine['parameters']} parameters, {machine['steps']} steps, {machine['cpu_seconds']:.0f} s")
        for test, figures in (*machine.get("tests", {}).items(), *machine.get("never frees", {}).items()):
            print(
                f"    {test}: {figures['wrong_bits_per_sequence']} wrong bits a sequence, {figures['right']:.2%} right"
            )
        for kind, share in machine.get("kinds", {}).items():
            print(f"    {kind}: {share:.1%} right")
        if "without_memory" in machine:
            print(f"    without its memory: {machine['without_memory']:.1%} right")


if __name__ == "__main__":
    sys.exit(main())
