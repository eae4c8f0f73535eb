"""A memory of every past schema opens, loses nothing, and is backed up before it is changed."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import pytest

import memory_store
from memory_store.backups import restoring, shelf
from memory_store.database.migrating import HEAD
from memory_store.errors import StoreUnavailable
from tests.conftest import OpenStore
from tests.store.past.making import WORDS, Letters

PAST = Path(__file__).parent / "past"
VERSIONS = sorted(file.name.partition(".")[0] for file in PAST.glob("*.db.gz"))


def laid(folder: Path, version: str) -> Path:
    """The fixture of ``version`` as the memory in ``folder``."""
    folder.mkdir(mode=0o700)
    file = folder / "memory.db"
    file.write_bytes(gzip.decompress((PAST / f"{version}.db.gz").read_bytes()))
    return file


def schema_of(file: Path) -> str:
    raw = sqlite3.connect(file)
    try:
        return str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    finally:
        raw.close()


def test_every_past_schema_has_its_fixture() -> None:
    """Missing one? CONTRIBUTING.md says how it is made, before the migration that makes it the past."""
    versions = Path(memory_store.__file__).parent / "migrations" / "versions"
    every = {file.name.split("_")[0] for file in versions.glob("[0-9]*.py")}
    assert {version for version in every if version < HEAD} <= set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_it_opens_and_loses_nothing(tmp_path: Path, open_store: OpenStore, version: str) -> None:
    file = laid(tmp_path / "store", version)
    assert schema_of(file) == version
    with open_store(embedder=Letters()) as store:
        assert store.stats().schema == HEAD
        said = [turn.text for turn in store.history("then")]
        spoken = [text for _, text in WORDS]
        assert said == [*spoken[:2], "I keep the spare key with Ana.", *spoken[3:], "One turn was still queued."]
        cat, reply, key = store.history("then")[:3]
        assert (cat.pinned, key.revision, store.revisions(key.id)[0].text) == (True, 1, WORDS[2][1])
        [entry] = store.recalled_for(reply.id)
        assert (entry.memory_id, entry.in_prompt, entry.cited) == (cat.id, True, False)
        [old] = store.memories(forgotten=True)
        assert old.text == "The old town hall clock stands still."
        assert not store.memories(forgotten=None, matching="purged")
        [trip] = store.memories(conversation="trip")
        assert (trip.speaker, trip.source_id) == ("Ana", "D1:1")
        store.index_now()
        report = store.check()
        assert report.ok, report.problems
        assert (report.words, report.vectors, report.indexed) == (8, 8, 8)
        assert store.recall("spare key")[0].memory == key
        assert store.recall("味噌")[0].memory.text == "我家的猫叫味噌。"


@pytest.mark.parametrize("version", [version for version in VERSIONS if version < HEAD])
def test_it_is_backed_up_before_it_is_changed(tmp_path: Path, open_store: OpenStore, version: str) -> None:
    folder = tmp_path / "store"
    before = laid(folder, version).read_bytes()
    open_store().close()
    open_store().close()
    [backup], damaged = shelf.listed(folder)
    assert not damaged
    said = backup.manifest
    assert (said.reason, said.schema, said.memories) == (shelf.BEFORE_MIGRATION, version, 8)
    assert backup.file.stat().st_mode & 0o777 == 0o600
    with open_store() as store:
        for turn in store.memories():
            store.forget(turn.id)
        restoring.restore(folder, backup, now=store.clock())
        assert len(store.memories()) == 7  # brought up again, under an open store
        assert store.stats().schema == HEAD
    assert schema_of(folder / "memory.db") == HEAD
    assert len(before) > 0


def test_what_cannot_be_backed_up_is_not_changed(tmp_path: Path, open_store: OpenStore) -> None:
    folder = tmp_path / "store"
    file = laid(folder, VERSIONS[0])
    (folder / "backups").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match="backups cannot be written"):
        open_store()
    assert schema_of(file) == VERSIONS[0]
