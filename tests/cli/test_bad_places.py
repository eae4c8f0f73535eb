"""Folders, disks and databases that cannot be used: one clear line, exit code 2, and what was said is still there."""

from __future__ import annotations

import json
import random
import resource
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

ENOUGH_TO_OPEN = 200_000


@pytest.fixture
def database(mneme: Any, home: Path) -> Path:
    """A store with one memory in it, indexed."""
    mneme("memory", "note", "My cat is called Miso.").done()
    assert mneme("memory", "check", "--json").done().json["indexed"] == 1
    [file] = [file for file in (home / "profiles" / "default").iterdir() if is_database(file)]
    return file


def is_database(file: Path) -> bool:
    return file.is_file() and file.read_bytes()[:15] == b"SQLite format 3"


def folders(database: Path) -> list[Path]:
    return [folder for folder in database.parent.iterdir() if folder.is_dir()]


@pytest.mark.parametrize("place", ["file/below", "/proc/mneme"])
def test_a_home_that_cannot_be_written(mneme: Any, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    for command in (["memory", "note", "x"], ["ask", "x"], ["memory", "list"]):
        mneme("--home", str(tmp_path / place), *command).refused()


def test_a_full_disk_loses_nothing(mneme: Any, mneme_apart: Any, database: Path) -> None:
    def full() -> None:
        largest = max(file.stat().st_size for file in database.parent.rglob("*") if file.is_file())
        limit = largest + 50_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    mneme_apart("memory", "note", "-", input="y" * 3_000_000, preexec_fn=full).refused()
    assert mneme("memory", "check", "--json").done().json["ok"] is True
    [memory] = mneme("memory", "list", "--json").done().json
    assert memory["text"] == "My cat is called Miso."


def test_a_full_disk_leaves_no_half_of_a_backup_an_export_or_a_restore(
    mneme: Any, mneme_apart: Any, home: Path, database: Path, tmp_path: Path
) -> None:
    words = random.Random(1)
    rows = [{"role": "user", "content": words.randbytes(4_000).hex()} for _ in range(40)]
    (tmp_path / "log.json").write_text(json.dumps(rows))
    mneme("memory", "import", str(tmp_path / "log.json")).done()
    mneme("backup", "create").done()
    before = sorted(file.name for file in (home / "profiles" / "default").rglob("*"))

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    for command in (["backup", "create"], ["backup", "restore", "1", "--yes"]):
        refused = mneme_apart(*command, preexec_fn=full)
        assert refused.code == 2, refused
        assert refused.err.splitlines()[-1].startswith("mneme: "), refused.err
        assert "Traceback" not in refused.err
    mneme_apart("memory", "export", str(tmp_path / "out.jsonl"), preexec_fn=full).refused("Nothing was exported")
    assert not (tmp_path / "out.jsonl").exists()
    assert sorted(file.name for file in (home / "profiles" / "default").rglob("*")) == before
    assert mneme("memory", "check", "--json").done().json["words"] == 41


def test_a_database_of_a_newer_version(mneme: Any, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = database.read_bytes()
    mneme("memory", "list").refused("newer")
    mneme("ask", "Hello").refused("newer")
    assert database.read_bytes() == before


def test_a_file_that_is_no_database(mneme: Any, database: Path) -> None:
    for beside in database.parent.glob(f"{database.name}-*"):
        beside.unlink()
    database.write_bytes(b"not a database" * 1000)
    mneme("memory", "list").refused(str(database.name))
    assert database.read_bytes() == b"not a database" * 1000


def test_a_plain_database_with_a_garbled_beginning_is_not_taken_for_an_encrypted_one(
    mneme: Any, database: Path
) -> None:
    mneme("backup", "create").done()
    for beside in database.parent.glob(f"{database.name}-*"):
        beside.unlink()
    database.write_bytes(bytes(range(150, 166)) + database.read_bytes()[16:])
    refused = mneme("memory", "list").refused("is damaged")
    assert "backup restore latest" in refused.err
    assert "passphrase" not in refused.err
    mneme("backup", "restore", "latest", "--yes").done()
    assert "Miso" in mneme("memory", "list").done().out


def test_a_deleted_index_comes_back_by_itself(mneme: Any, database: Path) -> None:
    assert folders(database)
    for folder in folders(database):
        shutil.rmtree(folder)
    assert mneme("memory", "search", "cat", "--json").done().json[0]["text"] == "My cat is called Miso."
    report = mneme("memory", "check", "--json").done().json
    assert (report["ok"], report["indexed"]) == (True, 1)


def test_a_corrupt_index_does_not_stop_anything(mneme: Any, database: Path) -> None:
    for folder in folders(database):
        for file in folder.rglob("*"):
            if file.is_file():
                file.write_bytes(b"\x80garbage" * 100)
    assert mneme("memory", "search", "cat", "--json").done().json[0]["text"] == "My cat is called Miso."
    mneme("ask", "What is my cat called?").done()
    mneme("memory", "rebuild").done()
    assert mneme("memory", "check", "--json").done().json["ok"] is True


def test_settings_that_cannot_be_read(mneme: Any, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("[model]\nnme = 'x'\n")
    mneme("memory", "list").refused("config.toml", "nme")
    (home / "config.toml").write_text("[model\n")
    mneme("config", "show").refused("config.toml")
