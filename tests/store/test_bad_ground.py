"""Two versions on one profile, a filesystem without locks, a clock set back: told of, never a silent difference."""

from __future__ import annotations

import errno
import fcntl
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from memory_store import MemoryStore, PrunePolicy
from memory_store.errors import StoreTooNew, StoreUnavailable
from memory_store.sqlite.database import translated
from tests.conftest import OpenStore
from tests.fakes import HashedWords


def migrated_by_a_newer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "memory.db")) as other:
        other.execute("ALTER TABLE turns ADD COLUMN mood TEXT")
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.remember("written by the old one"),
        lambda store: store.recall("anything"),
        lambda store: store.memories(),
    ],
)
def test_the_older_program_stops_when_a_newer_one_comes(
    tmp_path: Path, open_store: OpenStore, use: Callable[[MemoryStore], object]
) -> None:
    with open_store() as store:
        store.remember("before")
        migrated_by_a_newer(tmp_path / "store")
        for _ in range(2):
            with pytest.raises(StoreTooNew, match="newer mneme has brought this memory to schema 9999"):
                use(store)
    with closing(sqlite3.connect(tmp_path / "store" / "memory.db")) as raw:
        assert raw.execute("SELECT count(*) FROM turns").fetchone() == (1,)


def test_a_change_of_shape_that_is_no_newer_schema_is_no_matter(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        store.remember("before")
        with closing(sqlite3.connect(tmp_path / "store" / "memory.db")) as other:
            other.execute("CREATE INDEX ix_somebodys_own ON turns (recorded_at)")
            other.commit()
        store.remember("after")
        assert len(store.memories()) == 2


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_filesystem_without_locks_is_refused(
    tmp_path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fails(*_: object) -> None:
        raise OSError(number, "as such filesystems answer")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "lockf", fails)
        with pytest.raises(StoreUnavailable, match=r"without file locks .* local disk") as refused:
            open_store()
    assert "\n" not in str(refused.value)
    open_store().remember("on a local disk")


@pytest.mark.parametrize(("free", "said"), [(0, "is full. Free some space"), (10**9, "cannot be read or written")])
def test_an_io_error_says_what_it_may_be(
    tmp_path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    """On a disk without a byte left SQLite cannot make its shared memory, and calls that an I/O error."""
    store = open_store()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - free, free))
    with pytest.raises(StoreUnavailable, match=said), translated(tmp_path / "store" / "memory.db"):
        raise sqlite3.OperationalError("disk I/O error")
    assert store.memories() == []


def test_the_clock_is_set_back(tmp_path: Path) -> None:
    """Turns keep the order in which they were said, whatever the clock said; nothing that reckons with ages breaks."""
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    years = count()
    with MemoryStore.open(
        tmp_path, clock=lambda: now - timedelta(days=365 * next(years)), embedder=HashedWords(), indexing="manual"
    ) as store:
        said = [store.remember(f"number {number} of the kingfisher", conversation="c") for number in range(4)]
        assert [turn.id for turn in store.history("c")] == [turn.id for turn in said]
        assert [turn.position for turn in store.history("c")] == [0, 1, 2, 3]
        store.edit(said[0].id, "number 0 of the heron")
        store.pin(said[1].id)
        assert {hit.memory.id for hit in store.recall("kingfisher", limit=4) if hit.matched} == {t.id for t in said[1:]}
        assert all(0 <= row.strength <= 1 for row in store.plan_prune(PrunePolicy(weaker_than=1.0)).rows)
        numbers = [store.backup().backup.manifest.number for _ in range(3)]
        assert numbers == [1, 2, 3]
        store.index_now()
        assert store.check().ok
