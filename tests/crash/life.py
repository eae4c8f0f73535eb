"""The victim: a process that uses the program as the app does, and tells each act before and after, line by line."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from memory_store import MemoryStore, PrunePolicy
from memory_store.errors import MnemeError
from memory_store.semantic import indexer
from tests.crash import shim
from tests.crash.expected import FORGOTTEN, PINNED
from tests.crash.looking import record
from tests.crash.plan import Plan
from tests.crash.revising import Revising

Tell = Callable[[Mapping[str, Any]], None]
BATCH = 7
"""Memories of an import's transaction here, so that it has several."""


class Life(Revising):
    """One session on a profile."""

    def __init__(self, profile: Path, plan: Plan, tell: Tell, scratch: Path) -> None:
        indexer.SETTLE_S = 0.0  # indexing goes on under everything else from the start
        indexer.POLL_S = 0.05
        from memory_store.interchange import importing

        importing.BATCH = BATCH
        self.profile, self.plan, self.tell, self.scratch = profile, plan, tell, scratch
        self.chance = plan.chance
        self.count = 0

    def live(self) -> None:
        """Do what is planned, and end in order unless something comes in between."""
        from agent.dialogue import Dialogue
        from agent.models.memory_only import MemoryOnly
        from agent.settings import load_settings

        settings = load_settings(self.profile.parents[1], self.profile.name, privacy={"secrets": "redact"})
        if self.plan.failing[0]:
            shim.fail(self.plan.way, *self.plan.failing)
        try:
            with MemoryStore.open(self.profile, indexing="background", passphrase=self.plan.passphrase) as self.store:
                self.dialogue = Dialogue(self.store, MemoryOnly(), settings=settings, conversation=self.talk)
                for name in self.plan.acts:
                    getattr(self, name)()
        except MnemeError as error:
            if not self.plan.failing[0]:
                raise
            self.tell({"failed": str(error)})
            self._after_failing()
        self.tell({"end": True})

    def _after_failing(self) -> None:
        """There is room again: the same process, and then the next, go on."""
        shim.stop()
        with MemoryStore.open(self.profile, indexing="background", passphrase=self.plan.passphrase) as self.store:
            for _ in range(2):
                self.note()

    def act(self, name: str, work: Callable[[], Mapping[str, Any]], **known: Any) -> None:
        """Tell that it begins, do it, tell what it came to and how much of the log was on the disk then."""
        self.tell({"begin": {"act": name, **known}})
        done = work()
        self.tell({"done": dict(done), "log": log_of(self.profile)})

    def words(self) -> str:
        self.count += 1
        return f"Life {self.plan.number} says token{self.plan.number}x{self.count} about thing{self.count % 5}"

    def some(self, many: int) -> list[str]:
        every = sorted(turn.id for turn in self.store.memories(forgotten=None))
        return self.chance.sample(every, min(many, len(every)))

    def seen(self, *keys: str) -> Mapping[str, Any]:
        return {"records": {key: record(self.store, key) for key in keys}}

    # Acts

    def turn(self) -> None:
        from agent.events import Heard, Stored

        words = self.words()

        def work() -> Mapping[str, Any]:
            events = list(self.dialogue.reply(words))
            return self.seen(*(event.turn.id for event in events if isinstance(event, Heard | Stored)))

        self.act("turn", work, words=words, conversation=self.talk)

    def note(self) -> None:
        words = self.words()
        self.act("turn", lambda: self.seen(self.store.remember(words).id), words=words, conversation="")

    def edit(self) -> None:
        [key], words = self.some(1), self.words()
        self.act("edit", lambda: self.seen(self.store.edit(key, words).id), id=key, text=words)

    def flag(self) -> None:
        [key] = self.some(1)
        name = self.chance.choice(["pin", "unpin", "forget", "restore"])
        place, on = (PINNED if "pin" in name else FORGOTTEN), name in {"pin", "forget"}
        self.act("flag", lambda: self.seen(getattr(self.store, name)(key).id), id=key, place=place, on=on)

    def prune(self) -> None:
        plan = self.store.plan_prune(PrunePolicy(matching=f"thing{self.chance.randrange(5)}"))
        ids = [row.memory.id for row in plan.rows]
        self.act("prune", lambda: self.seen(*self.store.apply(plan).forgotten), ids=ids)

    def purge(self) -> None:
        ids = self.some(self.chance.randint(1, 3))

        def work() -> Mapping[str, Any]:
            receipt = self.store.purge(ids)
            assert not receipt.traces, receipt
            return {}

        self.act("purge", work, ids=ids)

    def index(self) -> None:
        self.act("index", lambda: {"queued": self.store.index_now().queued})

    def rebuild(self) -> None:
        self.act("rebuild", lambda: {"ok": self.store.rebuild().ok})

    def backup(self) -> None:
        self.act("backup", lambda: {"number": str(self.store.backup().backup.manifest.number)})

    def restore(self) -> None:
        from memory_store.backups import restoring, shelf

        backup = shelf.found(self.profile, "1")

        def work() -> Mapping[str, Any]:
            key = self.plan.passphrase
            kept = restoring.restore(self.profile, backup, now=self.store.clock(), passphrase=key).kept
            assert kept is not None
            return {"number": str(int(kept.name[:4]))}

        self.act("restore", work, number="1")

    def import_(self) -> None:
        from memory_store.interchange import import_file

        texts = [self.words() for _ in range(self.chance.randint(10, 30))]
        file = import_log(self.scratch, texts)

        def work() -> Mapping[str, Any]:
            import_file(self.store, file)
            known = {turn.text: turn.id for turn in self.store.memories(forgotten=None)}
            return self.seen(*(known[text] for text in texts))

        self.act("import", work, texts=texts, batch=BATCH)


setattr(Life, "import", Life.import_)


def import_log(scratch: Path, texts: list[str]) -> Path:
    """A message log with these words."""
    file = scratch / f"log-{len(texts)}.jsonl"
    rows = [json.dumps({"role": "user", "content": text, "timestamp": place}) for place, text in enumerate(texts)]
    file.write_text("\n".join(rows) + "\n")
    return file


def log_of(profile: Path) -> list[int]:
    """The salt of the write-ahead log and its size: what is before that may have been acknowledged."""
    try:
        with (profile / "memory.db-wal").open("rb") as stream:
            head = stream.read(32)
            return [struct.unpack(">Q", head[16:24])[0], stream.seek(0, 2)] if len(head) == 32 else [0, 0]
    except FileNotFoundError:
        return [0, 0]
