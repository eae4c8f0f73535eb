"""How one life ends: drawn from a seed and the number of the kill, so that each can be had again alone."""

from __future__ import annotations

import random
from dataclasses import dataclass

from memory_store.faults import POINTS

FOCUS = {
    "commit": "turn",
    "index": "index",
    "rebuild": "rebuild",
    "words": "rebuild",
    "quarantine": "damage",
    "purge": "purge",
    "import": "import",
    "backup": "backup",
    "restore": "restore",
    "migrate": "migrate",
}
"""What a life must do to come to the points of each kind."""

OFTEN = {"commit": 25, "index": 6, "import": 5, "rebuild:batch": 1, "migrate:step": 2}
"""Up to how many times a point is passed before it is the last."""

AT_RECOVERY = ("", "", "index:marked", "rebuild:begun", "rebuild:batch", "rebuild:filled", "rebuild:adopted")
"""Where a second death may come, in the recovery from the first; empty: at a random instant."""

COMMANDS = ("note", "ask", "edit", "prune", "purge", "import", "rebuild", "backup", "restore", "check")
COMMANDS += ("undo", "branch", "redact")
WITH_CHROMA = {"migrate", "damage", "index", "rebuild"}
"""What an encrypted memory, which has no index on the disk, cannot come to."""
PASSPHRASE = "four words are good"
CHANGES = ("turn", "edit", "flag", "undo", "redo", "branch", "again", "otherwise", "discard", "redact", "put_away")
"""Acts of one commit or two."""
ACTS = ("turn", "turn", "prune", "purge", "import", "index", "rebuild", "backup", "restore", *CHANGES, "undo")


@dataclass(frozen=True, slots=True)
class Plan:
    """One life and its end."""

    number: int
    seed: int
    way: str
    """instant, point, torn, command, ENOSPC or EIO."""
    focus: str
    """The act that must be among what it does; for ``command`` the command."""
    acts: tuple[str, ...]
    fault: str = ""
    """The point it ends at, as MNEME_FAULT takes it."""
    after: int = 0
    """instant, torn: how many acts are acknowledged first."""
    wait_s: float = 0.0
    """... and how much later it comes."""
    failing: tuple[str, int, int] = ("", 0, 0)
    """ENOSPC, EIO: in files whose path has this in it, after so many calls, for so many calls."""
    passphrase: str | None = None
    """Of the memory, where it is an encrypted one."""
    twice: str | None = None
    """A second death, in the recovery: at this point, or (empty) at a random instant."""

    @property
    def chance(self) -> random.Random:
        """For everything else that is drawn in this life."""
        return random.Random(f"{self.seed} {self.number} life")


def planned(seed: int, number: int) -> Plan:
    """The life with this number. Every point comes once in the first lives of each round, then chance rules."""
    chance = random.Random(f"{seed} {number}")
    way = _way(chance, number)
    fault = ""
    if way == "point":
        point = POINTS[(number // 2) % len(POINTS)]
        kind = point.partition(":")[0]
        fault = f"{point}@{chance.randint(1, OFTEN.get(point, OFTEN.get(kind, 1)))}"
        focus = chance.choice(CHANGES) if kind == "commit" else FOCUS[kind]
    elif way == "command":
        focus = chance.choice(COMMANDS)
    else:
        focus = chance.choice([*FOCUS.values(), *CHANGES])
    acts = [chance.choice(ACTS) for _ in range(chance.randint(4, 12))]
    if focus not in {"damage", "migrate"}:
        acts.insert(chance.randint(0, 3), focus)
    return Plan(
        number,
        seed,
        way,
        focus,
        tuple(acts),
        fault,
        after=chance.randint(0, len(acts)),
        wait_s=chance.random() ** 3 * 0.25,
        failing=(chance.choice(["memory.db", "memory.db", "chroma", "backups", "index"]), chance.randint(0, 60), 1)
        if way in {"ENOSPC", "EIO"}
        else ("", 0, 0),
        passphrase=PASSPHRASE if focus not in WITH_CHROMA and chance.random() < 0.15 else None,
        twice=chance.choice(AT_RECOVERY) if chance.random() < 0.15 else None,
    )


def _way(chance: random.Random, number: int) -> str:
    """Half of the lives end at a named point; of the rest, one in ten is the installed command in its own process."""
    if number % 2 == 0:
        return "point"
    return chance.choices(["instant", "torn", "command", "ENOSPC", "EIO"], [9, 4, 2, 2, 2])[0]
