"""The database's own shape: as declared, created once, refused when newer, reported when damaged."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

import memory_store
from memory_store import MemoryStore
from memory_store.database.migrating import HEAD, migrate
from memory_store.errors import StoreDamaged, StoreTooNew
from memory_store.schema import metadata
from memory_store.sqlite.database import FileDatabase
from tests.conftest import OpenStore


def test_the_declared_tables_are_those_the_migrations_make(tmp_path: Path) -> None:
    database = FileDatabase(tmp_path / "memory.db")
    migrate(database)

    def ours(thing: object, name: str | None, kind: str, reflected: bool, against: object) -> bool:
        return not (kind == "table" and (name or "").startswith(("turns_fts", "turns_terms")))

    with database.read() as connection:
        options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    database.close()
    assert found == []


def test_a_store_of_the_first_schema_is_brought_up_and_loses_nothing(tmp_path: Path, open_store: OpenStore) -> None:
    file = tmp_path / "store" / "memory.db"
    file.parent.mkdir()
    database = FileDatabase(file)
    config = Config()
    config.set_main_option("script_location", str(Path(memory_store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO speakers (seq, name) VALUES (1, 'user'), (2, 'assistant')")
        connection.exec_driver_sql("INSERT INTO conversations VALUES (1, 'then', NULL, 0, 0, 2, NULL)")
        for seq, words in ((1, "My cat is called Miso."), (2, "A fine name.")):
            connection.exec_driver_sql(
                "INSERT INTO turns (seq, id, conversation_seq, position, session, speaker_seq, text, said_at,"
                " recorded_at, status, standing) VALUES (?, ?, 1, ?, 0, ?, ?, 0, 0, 'complete', 0)",
                (seq, f"turn{seq}", seq - 1, seq, words),
            )
        connection.exec_driver_sql("INSERT INTO ledger VALUES (2, 1, 1, 'turn1', 1.5, '{\"words\": 1.5}', 1)")
    database.close()
    with open_store() as store:
        assert [turn.text for turn in store.history("then")] == ["My cat is called Miso.", "A fine name."]
        [entry] = store.recalled_for("turn2")
        assert (entry.memory, entry.score, entry.in_prompt) == (store.get("turn1"), 1.5, True)
        assert (entry.number, entry.cited, store.citations("then")) == (None, False, {})
        assert store.stats().schema == HEAD


def test_head_is_the_newest_migration() -> None:
    versions = Path(memory_store.__file__).parent / "migrations" / "versions"
    assert max(file.name.split("_")[0] for file in versions.glob("[0-9]*.py")) == HEAD


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path, open_store: OpenStore) -> None:
    open_store().close()
    file = tmp_path / "store" / "memory.db"
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = file.read_bytes()
    with pytest.raises(StoreTooNew, match="schema 9999"):
        open_store()
    assert file.read_bytes() == before


def test_opening_again_changes_nothing(tmp_path: Path, open_store: OpenStore) -> None:
    open_store().close()
    file = tmp_path / "store" / "memory.db"
    before = file.read_bytes()
    open_store().close()
    assert file.read_bytes() == before


@pytest.mark.parametrize("damage", ["garbage", "cut", "pages"])
def test_a_damaged_file_is_called_so(tmp_path: Path, open_store: OpenStore, damage: str) -> None:
    with open_store() as store:
        store.remember_many([memory_store.NewTurn(f"turn {number} about nothing much") for number in range(300)])
    file = tmp_path / "store" / "memory.db"
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(
        {"garbage": b"no database at all\n" * 500, "cut": whole[:half], "pages": whole[:4096] + b"\xff" * half}[damage]
    )
    with pytest.raises(StoreDamaged, match=r"memory\.db is damaged .*backup") as raised, open_store() as store:
        store.memories()
    assert "\n" not in str(raised.value)


def test_many_open_a_new_store_at_once(tmp_path: Path) -> None:
    """The same new folder from several threads, and different new folders, all in the same instant."""
    together = Barrier(8)

    def begin(number: int) -> str:
        together.wait()
        with MemoryStore.open(tmp_path / f"store-{number % 4}", indexing="off") as store:
            return store.remember(f"hello from {number}").text

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(begin, range(8))) == sorted(f"hello from {number}" for number in range(8))
    for number in range(4):
        with MemoryStore.open(tmp_path / f"store-{number}", indexing="off") as store:
            assert len(store.memories()) == 2
            assert store.stats().schema == HEAD
