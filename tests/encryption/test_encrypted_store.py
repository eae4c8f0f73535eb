"""A store under a passphrase does all that another does, and nothing of it can be read from its files."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from memory_store import MemoryStore, NewTurn
from memory_store.encryption.cipher import connect, kind_of
from memory_store.encryption.keys import Key, derive, is_salt, new_salt
from memory_store.errors import InvalidInput, StoreDamaged, StoreLocked, WrongPassphrase
from tests.conftest import OpenStore
from tests.encryption.making import MARK, OLD, fill, in_the_plain, words
from tests.fakes import HashedWords


def test_a_new_store_is_encrypted_from_its_first_byte(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store(passphrase=OLD) as store:
        assert store.encrypted
        fill(store)
        assert in_the_plain(tmp_path) == []  # with the write-ahead log still there
    assert in_the_plain(tmp_path) == []
    assert kind_of(tmp_path / "store" / "memory.db") == "encrypted"
    assert not (tmp_path / "store" / "chroma").exists()


def test_it_does_what_a_plain_one_does(open_store: OpenStore) -> None:
    plain, hidden = open_store("plain"), open_store("hidden", passphrase=OLD)
    for store in (plain, hidden):
        fill(store)
    for query in (f"what about {MARK}7?", "who may read it", "turn 12", "as was said later"):
        found = [[(hit.memory.text, round(hit.score, 4)) for hit in store.recall(query)] for store in (plain, hidden)]
        assert found[0] == found[1]
        assert found[0]
    report = hidden.check()
    assert report.ok
    assert (report.words, report.vectors, report.indexed, report.queued) == (40, 40, 40, 0)
    assert hidden.stats().encrypted
    assert not plain.stats().encrypted
    assert hidden.rebuild().ok


def test_a_purge_in_it_leaves_nothing(tmp_path: Path, open_store: OpenStore) -> None:
    store = open_store(passphrase=OLD)
    fill(store)
    gone = store.memories(matching=f"{MARK}9")[0]
    receipt = store.purge([gone.id])
    assert (receipt.purged, receipt.traces, receipt.pending) == ((gone.id,), (), ())
    assert not store.recall(f"{MARK}9").found or store.recall(f"{MARK}9")[0].memory.id != gone.id
    assert store.check().ok


def test_the_indexer_works_in_the_background(open_store: OpenStore) -> None:
    with open_store(passphrase=OLD, indexing="background") as store:
        store.remember(words(1))
        done = threading.Event()
        for _ in range(400):
            if not store.index_state().queued:
                done.set()
                break
            done.wait(0.02)
        assert done.is_set()
        assert store.stats().vectors == 1
    assert open_store(passphrase=OLD).recall(f"{MARK}1")[0].memory.text == words(1)


@pytest.mark.parametrize("given", [None, "not the passphrase", OLD.upper(), f"{OLD} ", ""])
def test_a_wrong_passphrase_opens_and_changes_nothing(
    tmp_path: Path, open_store: OpenStore, given: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    open_store(passphrase=OLD).close()
    file = tmp_path / "store" / "memory.db"
    before = file.read_bytes()
    with pytest.raises(StoreLocked) as raised:
        open_store(passphrase=given)
    assert isinstance(raised.value, WrongPassphrase) == (given is not None)
    assert file.read_bytes() == before
    assert capfd.readouterr() == ("", "")  # SQLCipher would have a say of its own


def test_the_same_passphrase_however_it_was_typed(open_store: OpenStore) -> None:
    open_store(passphrase="café au lait").close()
    assert open_store(passphrase="cafe\u0301 au lait").encrypted


def test_a_passphrase_for_a_plain_store_is_no_silent_difference(open_store: OpenStore) -> None:
    open_store().close()
    with pytest.raises(InvalidInput, match="is not encrypted"):
        open_store(passphrase=OLD)


@pytest.mark.parametrize("short", ["", "seven77", "        "])
def test_a_short_passphrase_begins_nothing(open_store: OpenStore, short: str) -> None:
    with pytest.raises(InvalidInput, match="at least 8 characters"):
        open_store(passphrase=short)
    assert not open_store().encrypted


def test_any_sqlcipher_reads_it_with_the_passphrase(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store(passphrase=OLD) as store:
        fill(store, 5)
    connection = connect(tmp_path / "store" / "memory.db", None)
    connection.execute(f"PRAGMA key = '{OLD}'")
    assert connection.execute("SELECT count(*) FROM turns").fetchone() == (5,)
    assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
    connection.close()


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damage_is_called_damage(tmp_path: Path, open_store: OpenStore, damage: str) -> None:
    with open_store(passphrase=OLD) as store:
        store.remember_many([NewTurn(words(number)) for number in range(300)])
    file = tmp_path / "store" / "memory.db"
    whole = bytearray(file.read_bytes())
    if damage == "cut":
        del whole[len(whole) // 2 :]
    else:
        whole[5_000:] = bytes(octet ^ 1 for octet in whole[5_000:])
    file.write_bytes(bytes(whole))
    with pytest.raises(StoreDamaged, match="damaged"), open_store(passphrase=OLD) as store:
        store.memories()


def test_two_begin_a_new_one_in_the_same_instant(tmp_path: Path) -> None:
    together = Barrier(4)

    def begin(number: int) -> str:
        together.wait()
        with MemoryStore.open(tmp_path / "store", embedder=HashedWords(), indexing="off", passphrase=OLD) as store:
            return store.remember(f"hello from {number}").text

    with ThreadPoolExecutor(4) as pool:
        said = set(pool.map(begin, range(4)))
    with MemoryStore.open(tmp_path / "store", embedder=HashedWords(), indexing="off", passphrase=OLD) as store:
        assert {turn.text for turn in store.memories()} == said


def test_a_key_prints_as_nothing() -> None:
    key = derive(OLD, new_salt())
    for shown in (repr(key), str(key), f"{key}", repr([key])):
        assert key.raw.hex() not in shown
        assert repr(key.raw) not in shown
    assert key == Key(key.raw, key.salt)


def test_salts_are_told_from_other_beginnings() -> None:
    assert all(is_salt(new_salt()) for _ in range(200))
    for other in (b"SQLite format 3\0", b"no database at a", bytes(16), b"\xff" * 16, b""):
        assert not is_salt(other)


def test_a_statement_that_fails_does_not_tell_its_words(open_store: OpenStore) -> None:
    """Error messages are logged, and SQLAlchemy's name the parameters unless told not to."""
    store = open_store()
    with pytest.raises(Exception) as raised, store._database.write() as connection:  # noqa: PT011
        connection.exec_driver_sql("INSERT INTO turns (id, text) VALUES (?, ?)", ("x", f"{MARK} said"))
    assert MARK not in str(raised.value)


HOLDER = """
import sys, time
from memory_store import MemoryStore
from tests.fakes import HashedWords
with MemoryStore.open(sys.argv[1], embedder=HashedWords(), indexing="manual") as store:
    kept = store.remember("this one is purged")
    store.index_now()
    store.purge([kept.id])
    print("purged", flush=True)
    sys.stdin.readline()
"""


def test_the_search_after_a_purge_keeps_this_process_its_locks(tmp_path: Path) -> None:
    """It reads the database's own files; closing them again must not let others think that nobody is there."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "purged\n"
        other = sqlite3.connect(tmp_path / "memory.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):  # SQLite allows it only to who is alone
            other.execute("PRAGMA journal_mode = DELETE")
        other.close()
    finally:
        holder.communicate("\n", timeout=60)
