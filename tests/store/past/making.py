"""Writes the fixture of a schema: a short life, lived with the program that wrote that schema.

python tests/store/past/making.py NUMBER FOLDER     with that program's memory_store on the path

To be run before a migration is added, with the present program (here 0003 is the newest so far):
``python -m tests.store.past.making 0003 tests/store/past``. Only what every version's door has is used.
"""

from __future__ import annotations

import gzip
import sqlite3
import sys
import tempfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from memory_store import MemoryStore, NewTurn, PrunePolicy, VirtualClock
from memory_store.ids import seeded_ids

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WORDS = [
    ("user", "My cat is called Miso."),
    ("assistant", "A fine name for a cat."),
    ("user", "I keep the spare key under the blue pot."),
    ("assistant", "Noted."),
    ("user", "我家的猫叫味噌。"),
]


class Letters:
    """An embedder that no later version can change: a text's vector is drawn from its checksum."""

    name = fingerprint = "letters-16"
    dimensions = 16
    reads_cjk = True  # what versions before 0004 asked for
    scripts = frozenset({"cjk"})
    baseline = 0.0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(16) for text in texts]
        table = np.array(rows, np.float32).reshape(-1, 16)
        return table / np.linalg.norm(table, axis=1, keepdims=True)


def live(folder: Path) -> None:
    """Turns, a reply with its ledger, an edit, a pin, a prune, a purge."""
    clock = VirtualClock(START)
    options = {"clock": clock, "embedder": Letters(), "indexing": "manual", "ids": seeded_ids(5)}
    with MemoryStore.open(folder, **options) as store:
        turns = []
        for speaker, text in WORDS:
            clock.advance(timedelta(minutes=1))
            recalled = store.recall(text) if speaker == "assistant" else ()
            ids = [one.memory.id for one in recalled]
            turns.append(store.remember(text, speaker=speaker, conversation="then", recalled=recalled, in_prompt=ids))
        old = store.remember("The old town hall clock stands still.", said_at=START - timedelta(days=900))
        gone = store.remember("This was purged and must not come back.")
        store.remember_many([NewTurn("Lisbon in May", speaker="Ana", conversation="trip", source_id="D1:1")])
        store.edit(turns[2].id, "I keep the spare key with Ana.")
        store.pin(turns[0].id)
        store.index_now()
        store.apply(store.plan_prune(PrunePolicy(older_than=timedelta(days=365))))
        assert store.get(old.id).forgotten
        store.purge([gone.id])
        store.remember("One turn was still queued.", conversation="then")


def main() -> None:
    number, target = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as place:
        live(Path(place))
        file = Path(place) / "memory.db"
        raw = sqlite3.connect(file)
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (number,)
        raw.execute("PRAGMA journal_mode=DELETE")
        raw.execute("VACUUM")
        raw.close()
        (target / f"{number}.db.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
