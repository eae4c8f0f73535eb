"""What is encrypted stays so in its backups, and comes back under the passphrase of the memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from memory_store.backups import making, restoring, shelf
from memory_store.backups.archive import look
from memory_store.backups.rekeying import rekey
from memory_store.encryption import converting
from memory_store.errors import InvalidInput, StoreLocked, WrongPassphrase
from tests.conftest import OpenStore
from tests.encryption.making import MARK, NEW, OLD, fill, in_the_plain


def held(backup: Path) -> bytes:
    with zipfile.ZipFile(backup) as archive:
        return archive.read("memory.db")


def test_a_backup_is_as_encrypted_as_the_memory(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store(passphrase=OLD) as store:
        fill(store)
        before = store.memories(forgotten=None)
        made = store.backup()
    assert made.backup.manifest.encrypted
    assert MARK.encode() not in held(made.backup.file)
    assert b"CREATE TABLE" not in held(made.backup.file)
    assert in_the_plain(tmp_path) == []
    making.verify(tmp_path / "store", made.backup, passphrases=[NEW, OLD])
    with pytest.raises(StoreLocked, match="needs the passphrase"):
        making.verify(tmp_path / "store", made.backup)
    with pytest.raises(WrongPassphrase):
        making.verify(tmp_path / "store", made.backup, passphrases=[NEW])
    restoring.restore(tmp_path / "new", made.backup, now=store.clock(), passphrases=[OLD])
    with open_store("new", passphrase=OLD) as other:
        assert other.memories(forgotten=None) == before
        assert other.check().ok


@pytest.mark.parametrize("backup_is", ["under the same passphrase", "under another", "plain"])
def test_it_comes_back_under_the_memorys_own_passphrase(tmp_path: Path, open_store: OpenStore, backup_is: str) -> None:
    folder = tmp_path / "store"
    first = OLD if backup_is != "plain" else None
    with open_store(passphrase=first) as store:
        fill(store)
        before = store.memories(forgotten=None)
        backup = store.backup().backup
    now = NEW if backup_is == "under another" else OLD
    if backup_is == "plain":
        converting.encrypt(folder, OLD)
    elif backup_is == "under another":
        converting.change_passphrase(folder, OLD, NEW)
    with open_store(passphrase=now) as store:
        store.remember("what was said after the backup")
        done = restoring.restore(folder, backup, now=store.clock(), passphrase=now, passphrases=[OLD])
        assert store.memories(forgotten=None) == before  # also for those who have it open
        assert store.check().ok
    assert done.kept is not None
    assert look(done.kept).manifest.encrypted
    with open_store(passphrase=now) as store:
        assert store.memories(forgotten=None) == before


def test_a_memory_that_cannot_be_opened_is_set_aside(tmp_path: Path, open_store: OpenStore) -> None:
    """Its salt is damaged: no passphrase opens it, and nothing of it may be lost."""
    folder = tmp_path / "store"
    with open_store() as store:
        fill(store)
        plain = store.backup().backup
    converting.encrypt(folder, OLD)
    with open_store(passphrase=OLD) as store:
        before = store.memories(forgotten=None)
        backup = store.backup().backup
        now = store.clock()
    file = folder / "memory.db"
    file.write_bytes(b"\x07garbled\x99\x98\x97\x96" + file.read_bytes()[12:])
    damaged = file.read_bytes()
    with pytest.raises(WrongPassphrase, match="--set-aside"):
        restoring.restore(folder, backup, now=now, passphrase=OLD)
    with pytest.raises(InvalidInput, match="the backup is not"):
        restoring.restore(folder, plain, now=now, set_aside=True)
    assert file.read_bytes() == damaged
    done = restoring.restore(folder, backup, now=now, passphrases=[OLD], set_aside=True)
    assert done.kept is not None
    assert (done.kept / "memory.db").read_bytes() == damaged
    with open_store(passphrase=OLD) as store:
        assert store.memories(forgotten=None) == before
        assert store.check().ok


def test_an_encrypted_backup_is_not_put_in_the_plain(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store("secret", passphrase=OLD) as store:
        fill(store)
        backup = store.backup().backup
    with open_store("plain") as store:
        store.remember("stays")
    with pytest.raises(InvalidInput, match="mneme memory encrypt"):
        restoring.restore(tmp_path / "plain", backup, now=store.clock(), passphrases=[OLD])
    assert in_the_plain(tmp_path / "plain") == ["schema"]
    assert [turn.text for turn in open_store("plain").memories()] == ["stays"]


def test_backups_come_along(tmp_path: Path, open_store: OpenStore) -> None:
    folder = tmp_path / "store"
    with open_store() as store:
        fill(store)
        before = store.memories(forgotten=None)
        first, second = store.backup().backup, store.backup().backup
    converting.encrypt(folder, OLD)
    cut = shelf.shelf_of(folder) / "0009-cut.zip"
    cut.write_bytes(first.file.read_bytes()[:2_000])
    done, left = rekey(folder, OLD)
    assert (sorted(done), left) == ([first.file, second.file], [cut])
    for file in done:
        assert look(file).manifest.encrypted
        assert MARK.encode() not in held(file)
    converting.change_passphrase(folder, OLD, NEW)
    assert sorted(rekey(folder, NEW, [OLD])[0]) == [first.file, second.file]
    restoring.restore(tmp_path / "new", look(first.file), now=store.clock(), passphrases=[NEW])
    assert open_store("new", passphrase=NEW).memories(forgotten=None) == before
    assert [file.name for file in shelf.shelf_of(folder).glob(".*")] == [".lock"]
