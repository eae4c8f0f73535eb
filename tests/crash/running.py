"""Kills the program, and looks what is left: ``make crash KILLS=1000``.

python -m tests.crash.running --kills 50 --seed 1          the first fifty
python -m tests.crash.running --seed 1 --only 17           one of them again, keeping its folder

Prints a table of where death came, and exits with 1 when anything was lost, left half-done, out of step or not erased.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.crash import shim
from tests.crash.children import Child, Stuck, asked, probed_by_fork
from tests.crash.plan import Plan, planned


@dataclass
class Figures:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    ended: int = 0
    """Lives that came to their end in order: what was to end them did not come."""
    acknowledged: int = 0
    twice: int = 0
    errors: int = 0
    """Disks that failed and were told of in a line."""
    failures: dict[int, list[str]] = field(default_factory=dict)
    skipped: str = ""


def one_life(ground: Any, plan: Plan, figures: Figures) -> list[str]:
    """Live, die, recover, look. What is wrong."""
    from tests.crash import commands, survey
    from tests.crash.life import Life

    profile, expected = ground.laid(plan)
    home = profile.parents[1]
    if plan.way == "command":
        told, code = commands.run(home, profile, plan)
    else:
        child = Child(lambda tell: _armed(plan, Life(profile, plan, tell, home).live))
        told, code = _watched(child, plan)
    log = [0, 0]
    for line in told:
        expected.hear(line)
        log = line.get("log", log)
        if "crash" in line:
            return [line["crash"]]
        figures.errors += "failed" in line
    problems = [] if code in {0, -signal.SIGKILL} else [f"ended with {code}"]
    figures.deaths += code == -signal.SIGKILL
    figures.ended += code == 0
    figures.acknowledged += expected.acknowledged
    if plan.way == "torn":
        from tests.crash.tearing import tear

        tear(profile, log, plan.chance)
    if plan.twice is not None:
        figures.twice += _die_again(profile, plan)
    found = asked(lambda: survey.survey(profile, sorted(expected.erased), sorted(expected.secrets), plan.passphrase))
    problems += expected.complaints(found["records"], found["branches"]) + found["problems"]
    return problems


def _armed(plan: Plan, live: Any) -> None:
    from memory_store import faults

    if plan.way == "point":
        faults.arm(plan.fault)
    live()


def _watched(child: Child, plan: Plan) -> tuple[list[Any], int]:
    """What a victim told up to its death, which comes from here unless it is at a point."""
    told: list[Any] = []
    try:
        if plan.way in {"instant", "torn"}:
            done = 0
            while done < plan.after:
                before = len(told)
                for line in child.lines():
                    told.append(line)
                    done += "done" in line
                    if done == plan.after:
                        break
                if len(told) == before:
                    break
            told += child.lines(time.monotonic() + plan.wait_s)
            child.kill()
        told += child.lines()
    except Stuck as error:
        told.append({"crash": f"stuck: {error}"})
    return told, child.wait()


def _die_again(profile: Path, plan: Plan) -> bool:
    """Kill the recovery too."""
    from memory_store import faults
    from tests.crash import survey

    def work() -> None:
        faults.arm(plan.twice or "")
        survey.recover(profile, plan.passphrase)

    child = Child(lambda _tell: work())
    if not plan.twice:
        list(child.lines(time.monotonic() + plan.chance.random() * 0.4))
        child.kill()
    list(child.lines())
    return child.wait() == -signal.SIGKILL


NEEDED = """agent.dialogue agent.models.memory_only agent.settings agent.settings_files alembic.command alembic.config
    chromadb.api.rust chromadb.telemetry.product.posthog difflib filelock sqlcipher3.dbapi2 memory_store.backups.making
    memory_store.backups.purging memory_store.interchange.importing memory_store.interchange.detecting
    memory_store.knowledge.english memory_store.sqlite.checking memory_store.sqlite.dialect memory_store.sqlite.fulltext
    tests.crash.survey""".split()
"""What children import sooner or later."""


def prepared() -> None:
    """Import and load what every child needs, once; start no thread."""
    from agent.bench.embedding import CachingEmbedder
    from memory_store.embedding import MiniLM, default_embedder, minilm
    from memory_store.purging import proving
    from memory_store.semantic import probing

    for module in NEEDED:
        import_module(module)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    minilm.BULK = 10**9  # never torch: each child is forked from this process, and pays for every page it has
    keeping = CachingEmbedder(MiniLM())  # what was embedded here, before a fork, no child has to embed again
    default_embedder().encode = keeping.encode  # type: ignore[method-assign]
    default_embedder().encode(["ready", "The survey was here."])
    empty = Path(tempfile.mkdtemp(prefix="mneme-crash-")) / "empty"
    asked(lambda: empty.write_bytes(proving._empty_store()))  # it opens a Chroma, whose threads must not be forked
    content = empty.read_bytes()
    shutil.rmtree(empty.parent)
    proving._empty_store = lambda: content  # type: ignore[assignment]
    probing.sound = probed_by_fork


def run(kills: range, seed: int, place: Path, *, keep: bool) -> Figures:
    """The lives with these numbers."""
    from tests.crash.ground import Ground

    prepared()
    ground = Ground(place)
    figures = Figures()
    if not shim.loaded():
        figures.skipped = "No C compiler: failing disks were left out."
    try:
        for number in kills:
            _lived(ground, planned(seed, number), figures, keep)
    except KeyboardInterrupt:
        figures.skipped += " Interrupted."
    return figures


def _lived(ground: Any, plan: Plan, figures: Figures, keep: bool) -> None:
    if plan.way in {"ENOSPC", "EIO"} and not shim.loaded():
        return
    try:
        problems = one_life(ground, plan, figures)
    except RuntimeError as error:
        problems = [f"the next open failed: {error}"]
    figures.kills[plan.fault.partition("@")[0] or plan.way] += 1
    if problems:
        figures.failures[plan.number] = problems
        print(f"{plan.number}: {plan}", *problems, sep="\n    ", flush=True)
    if not keep and not problems:
        shutil.rmtree(ground.place / f"life-{plan.number}", ignore_errors=True)


def told(figures: Figures, seed: int, seconds: float) -> None:
    width = max(map(len, figures.kills), default=0)
    for name, count in sorted(figures.kills.items()):
        print(f"{name:{width}}  {count}")
    lives = sum(figures.kills.values())
    print(
        f"{lives} lives (seed {seed}): {figures.deaths} killed, {figures.twice} of them again while recovering;"
        f" {figures.ended} came to their end, {figures.errors} told of a failing disk."
    )
    print(f"{figures.acknowledged} acknowledged acts. {len(figures.failures)} failures. {seconds:.0f} s.")
    if figures.skipped:
        print(figures.skipped)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="the number of the first life")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this life alone; its folder is kept")
    parser.add_argument("--place", type=Path, help="where the profiles are made; without: a temporary folder")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    given = parser.parse_args()
    place = given.place or Path(tempfile.mkdtemp(prefix="mneme-crash-"))
    place.mkdir(parents=True, exist_ok=True)
    if not shim.loaded() and shim.VARIABLE not in os.environ and (library := shim.built(place)):
        os.environ[shim.VARIABLE] = str(library)
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "tests.crash.running", *sys.argv[1:], "--place", str(place)])
    began = time.monotonic()
    kills = range(given.first, given.first + given.kills) if given.only is None else range(given.only, given.only + 1)
    figures = run(kills, given.seed, place, keep=given.only is not None)
    told(figures, given.seed, time.monotonic() - began)
    if given.json:
        print(json.dumps({"failures": figures.failures, "kills": figures.kills, "deaths": figures.deaths}))
    if not figures.failures and given.only is None:
        shutil.rmtree(place, ignore_errors=True)
    else:
        print(f"What is left is in {place}.")
    sys.exit(bool(figures.failures))


if __name__ == "__main__":
    main()
