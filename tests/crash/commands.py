"""One of the installed commands, in a process of its own, killed at a random instant or at a point."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from memory_store import faults
from tests.crash import shim
from tests.crash.children import asked
from tests.crash.expected import FORGOTTEN
from tests.crash.life import import_log
from tests.crash.looking import branches, record
from tests.crash.plan import Plan
from tests.crash.revising import card, foreseen

COMMAND = Path(sys.executable).with_name("mneme")
LONGEST_S = 3.0
POINTS = {
    "prune": ["commit:before", "commit:after"],
    "purge": ["purge:erased", "purge:scrubbed", "rebuild:batch", "purge:proving"],
    "rebuild": ["words:anew", "rebuild:batch", "rebuild:adopted"],
    "backup": ["backup:packing", "backup:packed"],
    "restore": ["restore:unpacked", "restore:aside", "restore:replaced"],
}


def run(home: Path, profile: Path, plan: Plan) -> tuple[list[Any], int]:
    """What a life tells, of one command: it is acknowledged when the command exits with 0."""
    from memory_store import MemoryStore

    chance, passphrase = plan.chance, plan.passphrase

    def several() -> Any:
        with MemoryStore.open(profile, indexing="off", passphrase=passphrase) as store:
            every = sorted(turn.id for turn in store.memories())
            return every, [turn.id for turn in store.memories(matching="thing2")]

    every, matching = asked(several)
    act, arguments = _command(plan.focus, home, chance, every, matching)
    if plan.focus in {"undo", "branch"}:
        act, arguments = asked(lambda: _looking_back(profile, plan))
    fault = chance.choice(POINTS.get(plan.focus, ["commit:after"])) if chance.random() < 0.5 else ""
    environment = {name: value for name, value in os.environ.items() if name != shim.VARIABLE}
    environment |= {"MNEME_HOME": str(home), faults.VARIABLE: fault, "MNEME_PASSPHRASE": passphrase or ""}
    environment |= {"MNEME_PRIVACY__SECRETS": "redact"}
    process = subprocess.Popen(
        [COMMAND, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if not fault:
        time.sleep(chance.random() * LONGEST_S)
        process.kill()
    _, complaint = process.communicate()
    told: list[Any] = [{"begin": act}] if act else []
    if process.returncode == 0 and act:
        told.append({"done": asked(lambda: _seen(profile, act, passphrase))})
    if process.returncode > 0:
        told.append({"crash": f"{arguments}: {complaint}"})
    return told, process.returncode


def _command(
    name: str, home: Path, chance: random.Random, every: list[str], matching: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """The act as a life would tell it, and the command line."""
    words = f"On the command line tokencx{chance.randrange(10**9)} was said about thing2"
    [one] = chance.sample(every, 1)
    match name:
        case "note":
            return {"act": "turn", "words": words, "conversation": ""}, ["memory", "note", words]
        case "ask":
            return {"act": "turn", "words": words, "conversation": "?"}, ["ask", words]
        case "edit":
            return {"act": "edit", "id": one, "text": words}, ["memory", "edit", one, words]
        case "prune":
            return {"act": "prune", "ids": matching}, ["memory", "prune", "--matching", "thing2", "--yes"]
        case "purge":
            return {"act": "purge", "ids": [one]}, ["memory", "purge", one, "--yes"]
        case "import":
            texts = [f"{words} {place}" for place in range(20)]
            return {"act": "import", "texts": texts, "batch": 500}, ["memory", "import", str(import_log(home, texts))]
        case "restore":
            return {"act": "restore", "number": "1"}, ["backup", "restore", "1", "--yes"]
        case "redact":
            number = card(chance)
            kept = f"{words} [Card Number, left out]"
            told = {"act": "turn", "words": kept, "conversation": "", "secret": number}
            return told, ["memory", "note", f"{words} {number}"]
        case "backup":
            return {}, ["backup", "create"]
        case _:
            return {}, ["memory", name]


def _looking_back(profile: Path, plan: Plan) -> tuple[dict[str, Any], list[str]]:
    """An undo or a branch, on something that was done just before: the act as a life would tell it, and the line."""
    from memory_store import MemoryStore

    with MemoryStore.open(profile, indexing="off", passphrase=plan.passphrase) as store:
        if plan.focus == "undo":
            return {"act": "change", "after": foreseen(store, "undo")}, ["undo"]
        turns = store.history("c1", forgotten=True)
        at = plan.chance.randrange(len(turns))
        told = {"act": "branch", "shared": [turn.id for turn in turns[: at + 1]]}
        return told, ["conversations", "branch", turns[at].id]


def _seen(profile: Path, act: dict[str, Any], passphrase: str | None) -> Any:
    """What an acknowledged command left, for what must be there from now on."""
    from memory_store import MemoryStore

    with MemoryStore.open(profile, indexing="off", passphrase=passphrase) as store:
        if act["act"] == "restore":
            return {"number": "2"}
        if act["act"] == "branch":
            return {"branches": branches(store)}
        ids = act.get("ids", [act["id"]] if "id" in act else [*act.get("after", ())])
        if act["act"] == "purge":
            return {}
        if act["act"] in {"turn", "import"}:
            wanted = act.get("texts", [act.get("words")])
            known = {turn.text: turn for turn in store.memories(forgotten=None)}
            ids = [known[text].id for text in wanted]
            if act["conversation" if "conversation" in act else "act"] == "?":
                ids = [turn.id for turn in store.history(known[wanted[0]].conversation_id or "")]
        seen = {key: record(store, key) for key in ids}
        assert act["act"] != "prune" or all(one[FORGOTTEN] for one in seen.values())
        return {"records": seen}
