"""A backup is the whole memory at one instant; it comes back whole, or not at all and with a reason."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from memory_store import MemoryStore, NewTurn, faults
from memory_store.backups import making, restoring, shelf
from memory_store.backups.archive import look
from memory_store.errors import BackupDamaged, StoreDamaged, StoreTooNew, StoreUnavailable
from tests.conftest import OpenStore
from tests.fakes import HashedWords


def filled(store: MemoryStore, many: int = 40) -> None:
    store.remember_many([NewTurn(f"turn {number} of thing{number % 5}", conversation="c") for number in range(many)])
    turn = store.memories()[3]
    store.edit(turn.id, "said differently")
    store.pin(turn.id)
    store.index_now()


def everything(store: MemoryStore) -> list[object]:
    turns = store.memories(forgotten=None)
    return [*turns, *(store.revisions(turn.id) for turn in turns), *store.conversations(archived=None)]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in shelf.shelf_of(folder).iterdir())


def test_it_comes_back_whole(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        filled(store)
        before = everything(store)
        told: list[tuple[int, int]] = []
        made = store.backup(progress=lambda done, total: told.append((done, total)))
        assert told[-1][0] == told[-1][1]
        assert made.backup.manifest.memories == 40
    restoring.restore(tmp_path / "new", made.backup, now=store.clock())
    with open_store("new") as other:
        assert everything(other) == before
        assert other._indexer.embedder.calls == 0
        other.index_now()
        assert other._indexer.embedder.calls == 0  # the vectors came with it
        report = other.check()
        assert (report.ok, report.words, report.indexed) == (True, 40, 40), report
        other.remember("and on it goes", conversation="c")


def test_what_it_replaces_is_a_backup_again_and_open_stores_follow(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store, open_store() as other:
        filled(store)
        first = store.backup().backup
        late = store.remember("a heron on the ice")
        store.index_now()
        assert other.recall("heron")[0].memory == late
        done = restoring.restore(tmp_path / "store", first, now=store.clock())
        for open_one in (store, other):
            assert [item.memory for item in open_one.recall("heron") if item.matched] == []
            assert len(open_one.memories()) == 40
        after = store.remember("a kingfisher instead")
        store.index_now()
        assert store.check().ok
        assert other.recall("kingfisher")[0].memory == after
        assert done.kept is not None
        restoring.restore(tmp_path / "store", look(done.kept), now=store.clock())
        store.index_now()
        assert store.recall("heron")[0].memory == late
        report = store.check()
        assert (report.ok, report.words) == (True, 41), report


class Interrupted(HashedWords):
    """Does something in the middle of embedding, once."""

    meanwhile: Callable[[], object] | None = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if (act := self.meanwhile) is not None:
            self.meanwhile = None
            act()
        return super().encode(texts)


def test_a_backup_brought_back_while_others_are_embedded(tmp_path: Path, open_store: OpenStore) -> None:
    """Turns said since have numbers that the next ones get again: none may get the vector of another's words."""
    embedder = Interrupted()
    with open_store(embedder=embedder) as store, open_store() as other:
        filled(store)
        first = store.backup().backup
        other.remember_many([NewTurn(f"a heron, the {number}th") for number in range(3)])

        def back() -> None:
            restoring.restore(tmp_path / "store", first, now=store.clock())
            other.remember_many([NewTurn(f"a kingfisher, the {number}th") for number in range(3)])

        embedder.meanwhile = back
        store.index_now()
        store.index_now()
        report = store.check(thorough=True)
        assert (report.ok, report.words, report.vectors, report.indexed) == (True, 43, 43, 43), report


def test_a_backup_brought_back_while_others_are_indexed(
    tmp_path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store() as store, open_store() as other:
        filled(store)
        first = store.backup().backup
        store.remember("a heron on the ice")
        reached = faults.reached

        def back(point: str) -> None:
            if point == "index:settle":
                monkeypatch.setattr(faults, "reached", reached)
                restoring.restore(tmp_path / "store", first, now=store.clock())
                other.remember("a kingfisher")
            reached(point)

        monkeypatch.setattr(faults, "reached", back)
        store.index_now()
        store.index_now()
        report = store.check(thorough=True)
        assert (report.ok, report.words, report.vectors, report.indexed) == (True, 41, 41, 41), report


def test_turns_said_meanwhile_are_in_it_whole_or_not_and_never_lost(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        filled(store, 400)
        stop = threading.Event()

        def talk() -> None:
            with MemoryStore.open(tmp_path / "store", embedder=HashedWords(), indexing="off") as other:
                while not stop.is_set():
                    other.remember("chatter", conversation="talk")

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            backups = [store.backup().backup for _ in range(3)]
        finally:
            stop.set()
            talking.join()
        counts = [backup.manifest.memories for backup in backups]
        assert 400 <= counts[0] <= counts[1] <= counts[2] <= len(store.memories())
        assert counts[2] > 400
        for backup in backups:
            making.verify(tmp_path / "store", backup)


def test_a_restore_waits_for_no_turn_and_loses_none(
    tmp_path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn said between the safety backup and the replacement is in the safety backup."""
    with open_store() as store:
        filled(store)
        first = store.backup().backup
        real, said = restoring._outdate, []

        def late(*given: object) -> None:
            real(*given)  # type: ignore[arg-type]
            if not said:
                said.append(store.remember("just in time"))

        monkeypatch.setattr(restoring, "_outdate", late)
        done = restoring.restore(tmp_path / "store", first, now=store.clock())
        assert said[0].id not in {turn.id for turn in store.memories()}
        assert done.kept is not None
        assert look(done.kept).manifest.memories == 41
        assert len(names(tmp_path / "store")) == 3  # the lock, the backup, the one safety backup


def test_retained_by_count_whatever_the_clock_says(tmp_path: Path, open_store: OpenStore) -> None:
    today = datetime(2026, 11, 22, tzinfo=UTC)
    days = count()
    with open_store(clock=lambda: today - timedelta(days=next(days))) as store:
        store.remember("something")
        for _ in range(4):
            made = store.backup(keep=2)
        assert [one.manifest.number for one in shelf.listed(tmp_path / "store")[0]] == [4, 3]
        assert [file.name[:4] for file in made.deleted] == ["0002"]
        assert shelf.found(tmp_path / "store", "latest").manifest.number == 4
        away = store.backup(to=tmp_path, keep=1).backup
        assert away.file.parent == tmp_path
        assert len(shelf.listed(tmp_path / "store")[0]) == 2
        with pytest.raises(StoreUnavailable, match="never replaces"):
            store.backup(to=away.file)
        with pytest.raises(StoreUnavailable, match="no folder"):
            store.backup(to=tmp_path / "nowhere" / "x.zip")


def test_a_damaged_memory_is_moved_aside(tmp_path: Path, open_store: OpenStore) -> None:
    folder = tmp_path / "store"
    with open_store() as store:
        filled(store)
        backup = store.backup().backup
        before = everything(store)
    file = folder / "memory.db"
    broken = file.read_bytes()[:4096] + b"\xff" * 60_000
    file.write_bytes(broken)
    with pytest.raises(StoreDamaged), open_store() as store:
        store.backup()
    done = restoring.restore(folder, backup, now=store.clock())
    assert done.kept is not None
    assert (done.kept / "memory.db").read_bytes() == broken
    with open_store() as store:
        assert everything(store) == before
        store.index_now()
        assert store.check().ok


def test_a_newer_backup_is_refused(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        store.remember("from the future")
        with store._database.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        backup = store.backup().backup
    with pytest.raises(StoreTooNew, match="Update mneme"):
        restoring.restore(tmp_path / "new", backup, now=store.clock())
    assert not (tmp_path / "new").exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with MemoryStore.open(folder, embedder=HashedWords(), indexing="manual") as store:
        filled(store, 12)
        return store.backup().backup.file


@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_cut_short_or_changed_it_is_refused_and_nothing_is_changed(
    data: st.DataObject, sound: Path, tmp_path: Path
) -> None:
    content = bytearray(sound.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    copy = tmp_path / "copy.zip"
    copy.write_bytes(content)
    target = tmp_path / "target"
    shutil.rmtree(target, ignore_errors=True)
    with suppress(BackupDamaged, StoreTooNew):
        restoring.restore(target, look(copy), now=look(sound).manifest.made_at)
        # a byte that means nothing, such as a time in the archive's directory
        with MemoryStore.open(target, embedder=HashedWords(), indexing="off") as store:
            assert len(store.memories()) == 12
        return
    assert not (target / "memory.db").exists() or not (target / "memory.db").stat().st_size


def test_any_unzip_opens_it(sound: Path) -> None:
    with zipfile.ZipFile(sound) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "ids", "memory.db"]


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "photos.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("cat.jpg", b"miaow")
    with pytest.raises(BackupDamaged, match="no backup"):
        look(other)
