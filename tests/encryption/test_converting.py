"""Encrypting what is there, decrypting it, another passphrase: all of it or nothing, whenever it is killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memory_store import MemoryStore
from memory_store.encryption import converting, remains
from memory_store.encryption.cipher import kind_of
from memory_store.errors import InvalidInput, StoreLocked, StoreUnavailable, WrongPassphrase
from tests.conftest import OpenStore
from tests.encryption.making import MARK, NEW, OLD, everything, fill, in_the_plain
from tests.fakes import HashedWords


def told(store: MemoryStore) -> list[object]:
    """All that is remembered."""
    memories = store.memories(forgotten=None, newest_first=False)
    return [memories, [store.revisions(turn.id) for turn in memories], store.conversations()]


@pytest.fixture
def plain(tmp_path: Path, open_store: OpenStore) -> Path:
    with open_store() as store:
        fill(store)
    return tmp_path / "store"


def test_there_and_back(plain: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        before = told(store)
    assert len(in_the_plain(plain)) == 4
    steps: list[str] = []
    done = converting.encrypt(plain, OLD, reached=steps.append)
    assert steps == ["copying", "comparing", "replacing", "overwriting", "searching", "done"]
    assert (done.encrypted, done.traces) == (True, ())
    assert done.rows > 120
    assert in_the_plain(plain) == []
    with open_store(passphrase=OLD) as store:
        assert told(store) == before
        assert store.check().ok
    done = converting.change_passphrase(plain, OLD, NEW)
    assert done.encrypted
    assert in_the_plain(plain) == []
    with pytest.raises(WrongPassphrase):
        open_store(passphrase=OLD)
    with open_store(passphrase=NEW) as store:
        assert told(store) == before
    assert not converting.decrypt(plain, NEW).encrypted
    with open_store() as store:
        assert told(store) == before
        store.index_now()
        assert store.check().ok
        assert store.recall(f"{MARK}7")[0].memory.text.startswith("turn 7 ")
    assert not [file for file in plain.iterdir() if "converting" in file.name or "old" in file.name]


def test_a_profile_in_which_nothing_was_said(tmp_path: Path, open_store: OpenStore) -> None:
    assert converting.encrypt(tmp_path / "store", OLD).encrypted
    with pytest.raises(StoreLocked):
        open_store()
    assert open_store(passphrase=OLD).memories() == []


def test_what_is_refused_changes_nothing(plain: Path, open_store: OpenStore) -> None:
    before = everything(plain)
    with pytest.raises(InvalidInput, match="at least 8"):
        converting.encrypt(plain, "short")
    with pytest.raises(InvalidInput, match="not encrypted"):
        converting.decrypt(plain, OLD)
    assert everything(plain) == before
    converting.encrypt(plain, OLD)
    before = everything(plain)
    with pytest.raises(InvalidInput, match="encrypted already"):
        converting.encrypt(plain, NEW)
    with pytest.raises(WrongPassphrase):
        converting.decrypt(plain, NEW)
    with pytest.raises(WrongPassphrase):
        converting.change_passphrase(plain, NEW, OLD)
    with pytest.raises(InvalidInput, match="at least 8"):
        converting.change_passphrase(plain, OLD, "short")
    assert everything(plain) == before


def test_a_memory_in_use_is_left_alone(plain: Path, open_store: OpenStore) -> None:
    with open_store(), pytest.raises(StoreUnavailable, match="open in this program"):
        converting.encrypt(plain, OLD)
    other = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sqlite3; c = sqlite3.connect({str(plain / 'memory.db')!r});"
            "c.execute('SELECT count(*) FROM turns').fetchone(); print('open', flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreUnavailable, match="Another mneme is using this memory"):
            converting.encrypt(plain, OLD)
    finally:
        other.communicate("\n", timeout=60)
    assert kind_of(plain / "memory.db") == "plain"
    assert not remains.draft_of(plain / "memory.db").exists()
    assert converting.encrypt(plain, OLD).encrypted


def test_who_comes_while_it_goes_on_is_told_to_wait(plain: Path, open_store: OpenStore) -> None:
    refused: list[str] = []

    def look(step: str) -> None:
        if step in {"comparing", "replacing", "overwriting"}:
            with pytest.raises(StoreUnavailable, match=r"by another mneme\. Wait") as raised:
                MemoryStore.open(plain, embedder=HashedWords(), indexing="off")
            refused.append(str(raised.value))

    converting.encrypt(plain, OLD, reached=look)
    assert len(refused) == 3


def test_files_that_still_hold_it_in_the_plain_are_named(plain: Path) -> None:
    copy = plain / "backups" / "monday.db"
    copy.parent.mkdir()
    shutil.copy(plain / "memory.db", copy)
    assert converting.encrypt(plain, OLD).traces == ("backups/monday.db",)


STEPS = ["copying", "comparing", "replacing", "overwriting", "searching"]
INNER = [
    "converting:_copy:after",
    "remains:sync_folder:before",  # the old file has its second name, the new one is not in place
    "remains:clear_index:before",
    "remains:overwrite:after",
]


RUNS = [("encrypt", step) for step in STEPS] + [("decrypt", "replacing"), ("change", "overwriting")]
MORE = [(task, step) for task in ("encrypt", "decrypt", "change") for step in [*STEPS, *INNER]]


@pytest.mark.parametrize(
    ("task", "step"),
    [*RUNS, *(pytest.param(*run, marks=pytest.mark.slow) for run in MORE if run not in RUNS)],
)
def test_killed_at_any_step(plain: Path, open_store: OpenStore, task: str, step: str) -> None:
    """Whole, as it was or as it was to be; and where that is encrypted, with nothing in the plain after one open."""
    with open_store() as store:
        before = told(store)
    if task != "encrypt":
        converting.encrypt(plain, OLD)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.encryption.converting_victim", str(plain), task, step], check=False
    )
    reached = killed.returncode == -signal.SIGKILL
    assert reached or (killed.returncode == 0 and step == "remains:clear_index:before" and task == "decrypt")
    opened = _opened(open_store)
    with opened as store:
        assert told(store) == before
        assert store.check().ok
        encrypted = store.encrypted
    if encrypted:
        assert in_the_plain(plain) == []
    assert not remains.draft_of(plain / "memory.db").exists()
    assert not remains.old_of(plain / "memory.db").exists()
    if task == "encrypt" and not encrypted:
        assert converting.encrypt(plain, OLD).traces == ()


def _opened(open_store: OpenStore) -> MemoryStore:
    for passphrase in (None, OLD, NEW):
        try:
            return open_store(passphrase=passphrase)
        except (StoreLocked, InvalidInput):
            continue
    raise AssertionError("no passphrase opens it")
