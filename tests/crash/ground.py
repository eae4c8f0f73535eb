"""What the lives begin with: profiles made once, copied for each."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from memory_store import MemoryStore, NewTurn
from memory_store.embedding import default_embedder
from memory_store.semantic.chroma import generations
from tests.crash.children import asked
from tests.crash.expected import Expected
from tests.crash.looking import records
from tests.crash.plan import PASSPHRASE, Plan

PAST = Path(__file__).parents[1] / "store" / "past"
TURNS = 36


class Ground:
    """Templates under ``place``, and the copies made of them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._known: dict[str, Any] = {}
        self._template("lived-in", lambda profile: _lived_in(profile, None))
        self._template("encrypted", lambda profile: _lived_in(profile, PASSPHRASE))
        for file in sorted(PAST.glob("*.db.gz"))[:-1]:
            self._template(file.name[:4], lambda profile, file=file: _of_the_past(profile, file))
        default_embedder().encode([record[0] for known in self._known.values() for record in known.values()])

    def _template(self, name: str, make: Any) -> None:
        profile = self.place / "templates" / name
        profile.mkdir(parents=True, mode=0o700)
        make(profile)
        copy = self.place / "templates" / f"{name}-read"
        shutil.copytree(profile, copy)
        self._known[name] = asked(lambda: _read(copy, PASSPHRASE if name == "encrypted" else None))
        shutil.rmtree(copy)

    def laid(self, plan: Plan) -> tuple[Path, Expected]:
        """A profile for a life, and what is known of it."""
        past = sorted(name for name in self._known if name.isdigit())
        name = "lived-in" if plan.passphrase is None else "encrypted"
        name = plan.chance.choice(past) if plan.focus == "migrate" else name
        home = self.place / f"life-{plan.number}"
        profile = home / "profiles" / "default"
        shutil.copytree(self.place / "templates" / name, profile)
        known = {key: list(record) for key, record in self._known[name].items()}
        if plan.focus == "damage":
            [header] = generations(profile / "chroma")[0].rglob("header.bin")
            header.write_bytes(b"garbled")
        return profile, Expected(known, {"1": (dict(known), {})})


def _read(profile: Path, passphrase: str | None) -> Any:
    with MemoryStore.open(profile, indexing="off", passphrase=passphrase) as store:
        return records(store)


def _lived_in(profile: Path, passphrase: str | None) -> None:
    def live() -> bool:
        with MemoryStore.open(profile, indexing="manual", passphrase=passphrase) as store:
            words = [f"Before all this token0x{n} was said about thing{n % 5}" for n in range(TURNS)]
            store.remember_many([NewTurn(text, conversation=f"c{n % 3}") for n, text in enumerate(words)])
            turns = store.memories(newest_first=False)
            store.edit(turns[4].id, "It was about thing4, token0x4, after all")
            store.pin(turns[5].id)
            store.forget(turns[6].id)
            store.index_now()
            store.backup()
        return True

    asked(live)


def _of_the_past(profile: Path, file: Path) -> None:
    (profile / "memory.db").write_bytes(gzip.decompress(file.read_bytes()))


def told_of(home: Path) -> str:
    """For a failure: every file of a life, by size."""
    return json.dumps({str(file.relative_to(home)): file.stat().st_size for file in home.rglob("*") if file.is_file()})
