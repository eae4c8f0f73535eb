"""Many processes on one profile, and the one that holds the index killed and replaced again and again.

python -m tests.crash.crowd --processes 8 --seconds 60 --seed 1

Each writes turns and recalls; now and then it edits, forgets or purges one of its own. At the end every acknowledged
turn must be there and be found by its own words and by its own vector, nothing deleted or stale may ever have been
returned, and nobody may have met a locked database. Prints figures; exits with 1 when something was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memory_store import MemoryStore
from memory_store.embedding import default_embedder
from memory_store.semantic import indexer
from tests.crash.children import Child, Tell, asked
from tests.crash.running import prepared
from tests.crash.survey import traces

BOARD = "board"
"""Beside the profile: what everybody must know by now, a line each. Read before a question, written after an act."""


class Worker:
    """One process of the crowd."""

    def __init__(self, place: Path, name: str, seed: int, until: float, tell: Tell) -> None:
        indexer.SETTLE_S, indexer.POLL_S = 0.2, 0.2
        self.place, self.name, self.until, self.tell = place, name, until, tell
        self.chance = random.Random(f"{seed} {name}")
        self.mine: dict[str, str] = {}
        self.count = 0

    def work(self) -> None:
        with MemoryStore.open(self.place / "profile", indexing="background") as self.store:
            while time.monotonic() < self.until:
                self.say()
                self.ask()
                if self.chance.random() < 0.15:
                    self.change()

    def words(self) -> str:
        self.count += 1
        return f"{self.name} says token{self.name}x{self.count} about thing{self.count % 5}"

    def say(self) -> None:
        words = self.words()
        key = self.store.remember(words, conversation=self.name).id
        self.mine[key] = words
        self.tell({"said": key, "words": words, "holds": self.store.index_state().holds_lock})

    def ask(self) -> None:
        """Its own words of just now, and a common word; what comes must be what everybody knows to be so."""
        known = board(self.place)
        key, words = self.chance.choice([*self.mine.items()])
        token = words.split()[2]
        for query in (token, f"thing{self.chance.randrange(5)}"):
            hits = self.store.recall(query, limit=20)
            for hit in hits:
                wording = known.get(hit.memory.id, hit.memory.text)
                if wording != hit.memory.text and board(self.place).get(hit.memory.id) == wording:
                    raise AssertionError(f"stale: {hit.memory} is {wording!r} for everybody")
            if query == token and key not in {hit.memory.id for hit in hits}:
                raise AssertionError(f"{key} is not found by {query}")
        self.tell({"asked": 2})

    def change(self) -> None:
        """Edit, forget or purge one of its own."""
        key = self.chance.choice([*self.mine])
        what = self.chance.choices(["edit", "forget", "purge"], [5, 5, 1])[0]
        self.tell({"doing": what, "id": key, "words": self.mine[key]})
        if what == "edit":
            self.mine[key] = self.words()
            self.store.edit(key, self.mine[key])
        elif what == "forget":
            self.store.forget(key)
            del self.mine[key]
        else:
            self.store.purge([key])
            del self.mine[key]
        note = self.mine.get(key)
        with (self.place / BOARD).open("a") as stream:
            stream.write(json.dumps([key, note]) + "\n")
        self.tell({"did": what, "id": key, "words": note})


def board(place: Path) -> dict[str, str | None]:
    """What everybody must know: the present wording of what was edited; None for what is gone."""
    try:
        lines = (place / BOARD).read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(json.loads(line) for line in lines if line.endswith("]"))


class Crowd:
    """The parent: starts them, kills the holder, starts another in its place."""

    def __init__(self, place: Path, processes: int, seconds: float, seed: int) -> None:
        self.place, self.seed = place, seed
        self.until = time.monotonic() + seconds
        self.figures: Counter[str] = Counter()
        self.problems: list[str] = []
        self.present: dict[str, str] = {}
        self.gone: set[str] = set()
        self.unsure: set[str] = set()
        self.running: dict[str, Child] = {}
        self.doing: dict[str, Mapping[str, Any]] = {}
        self.names: Iterator[str] = (f"w{number}" for number in range(10**6))
        for _ in range(processes):
            self.start()

    def start(self) -> None:
        name = next(self.names)
        self.running[name] = Child(lambda tell: Worker(self.place, name, self.seed, self.until, tell).work())

    def run(self, every: float) -> None:
        """Until the time is over; the holder is killed each ``every`` seconds."""
        next_kill = time.monotonic() + every
        holder = ""
        while self.running:
            for name, child in list(self.running.items()):
                for told in child.lines(time.monotonic() + 0.01):
                    self.hear(name, told)
                    holder = name if told.get("holds") else holder
                if child.ended:
                    self.buried(name)
            if holder in self.running and next_kill < time.monotonic() < self.until - every / 2:
                self.running[holder].kill()
                self.figures["holders killed"] += 1
                next_kill = time.monotonic() + every
                for told in self.running[holder].lines():
                    self.hear(holder, told)
                self.buried(holder)
                self.start()

    def buried(self, name: str) -> None:
        code = self.running.pop(name).wait()
        if code not in {0, -9}:
            self.problems.append(f"{name} ended with {code}")
        if name in self.doing:
            self.unsure.add(self.doing.pop(name)["id"])

    def hear(self, name: str, told: Mapping[str, Any]) -> None:
        if "said" in told:
            self.present[told["said"]] = told["words"]
            self.figures["turns"] += 1
        elif "asked" in told:
            self.figures["recalls"] += told["asked"]
        elif "doing" in told:
            self.doing[name] = told
        elif "did" in told:
            self.figures[told["did"]] += 1
            before = self.present.pop(told["id"])
            if told["words"] is not None:
                self.present[told["id"]] = told["words"]
            elif told["did"] == "purge":
                self.gone.add(before)
            del self.doing[name]
        else:
            self.problems.append(str(told.get("crash", told)))

    def verify(self) -> None:
        """Everything acknowledged is there, and is found both ways."""
        sure = {key: words for key, words in self.present.items() if key not in self.unsure}
        self.problems += asked(lambda: examined(self.place / "profile", sure, sorted(self.gone)))


def examined(profile: Path, sure: Mapping[str, str], gone: list[str]) -> list[str]:
    """What is wrong with the profile the crowd has left."""
    with MemoryStore.open(profile, indexing="manual") as store:
        store.index_now()
        report = store.check()
        problems = [] if report.ok else [f"out of step: {report}"]
        texts = {turn.id: turn.text for turn in store.memories()}
        problems += [f"lost or stale: {key} {words}" for key, words in sure.items() if texts.get(key) != words]
        index = store._indexer.index.open()
        made = default_embedder().encode([*sure.values()])
        for (key, words), vector in zip(sure.items(), made, strict=True):
            if key not in {hit.memory.id for hit in store.recall(words.split()[2], limit=3)}:
                problems.append(f"{key} is not found by its own word")
            near = index.vectors(index.nearest(vector, 1).seqs.tolist())
            if not near or min(float(row @ vector) for row in near.values()) < 0.999:
                problems.append(f"{key} is not found by its own vector")
    return problems + traces(profile, gone)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kill-every", type=float, default=6, help="seconds between two deaths of the holder")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    prepared()
    place = Path(tempfile.mkdtemp(prefix="mneme-crowd-"))
    crowd = Crowd(place, given.processes, given.seconds, given.seed)
    crowd.run(given.kill_every)
    crowd.verify()
    figures = ", ".join(f"{count:,} {name}" for name, count in sorted(crowd.figures.items()))
    print(f"{given.processes} processes, {given.seconds:.0f} s: {figures}. {len(crowd.problems)} problems.")
    print(*crowd.problems, sep="\n")
    if crowd.problems:
        print(f"What is left is in {place}.")
    else:
        shutil.rmtree(place)
    sys.exit(bool(crowd.problems))


if __name__ == "__main__":
    main()
