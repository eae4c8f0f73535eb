"""The index was open when its process ended: it is tried out in a child process, and set aside when it is damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory_store import MemoryStore, NewTurn
from memory_store.semantic import chroma
from memory_store.semantic.chroma import generations, seal
from memory_store.semantic.index_folder import SEAL
from memory_store.semantic.index_safety import kept_aside
from memory_store.semantic.probing import sound
from memory_store.semantic.vectors import write_meta
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.store.test_kill import ENVIRONMENT, ROOT

TURNS = 260
DIMENSIONS = 32
NEIGHBOURS = 2 * int(chroma.HNSW["max_neighbors"])
ELEMENT = 4 + 4 * NEIGHBOURS + 4 * DIMENSIONS + 8
"""Bytes of one row of hnswlib's file: how many neighbours, which, the vector, its label."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store whose index has written its graph."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(chroma.HNSW, "sync_threshold", 100)
        patch.setitem(chroma.HNSW, "batch_size", 50)
        with MemoryStore.open(folder, embedder=HashedWords(), indexing="manual") as store:
            store.remember_many([NewTurn(f"unique{number} about thing{number % 9}") for number in range(TURNS)])
            store.index_now()
        yield folder


@pytest.fixture
def store_folder(tmp_path: Path, whole: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "store")


def left_open(folder: Path, ends: int = 0) -> None:
    (folder / "index.open").write_text(json.dumps({"ends": ends, "process": 1}))


def poison(folder: Path, open_store: OpenStore) -> None:
    """Neighbours that do not exist, in a file that is as it was left: reading it ends the process."""
    (file,) = (folder / "chroma").rglob("data_level0.bin")
    content = bytearray(file.read_bytes())
    assert len(content) == TURNS * ELEMENT
    for start in range(0, len(content), ELEMENT):
        content[start : start + 4 + 4 * NEIGHBOURS] = (
            NEIGHBOURS.to_bytes(4, "little") + b"\xf0\xff\xff\x7f" * NEIGHBOURS
        )
    file.write_bytes(content)
    with open_store(folder, indexing="off") as store, store._database.write() as connection:
        write_meta(connection, SEAL, seal(generations(folder / "chroma")[0]))


def heals(folder: Path, open_store: OpenStore) -> None:
    with open_store(folder) as store:
        assert store.recall("unique37")[0].memory.text == "unique37 about thing1"
        store.index_now()
        report = store.check()
        assert (report.ok, report.words, report.indexed) == (True, TURNS, TURNS), report


def test_what_would_end_the_process_ends_a_child(store_folder: Path, open_store: OpenStore) -> None:
    poison(store_folder, open_store)
    [damaged] = generations(store_folder / "chroma")
    assert "signal 11" in sound(damaged)
    left_open(store_folder)
    heals(store_folder, open_store)
    aside = kept_aside(store_folder)
    assert aside is not None
    assert "signal 11" in aside.why
    assert aside.size > TURNS * ELEMENT
    assert (aside.folder / damaged.name).is_dir()
    assert not (store_folder / "index.open").exists()
    with open_store(store_folder, indexing="off") as store:
        found = store.stats()
        assert (found.index, found.damaged_index, found.damaged_index_bytes) == ("in order", aside.why, aside.size)


def test_only_the_last_is_kept_and_a_purge_deletes_it(store_folder: Path, open_store: OpenStore) -> None:
    for number in (1, 2):
        (file,) = (store_folder / "chroma").rglob("header.bin")
        file.write_bytes(b"damage" * number)
        heals(store_folder, open_store)
    aside = kept_aside(store_folder)
    assert aside is not None
    (file,) = aside.folder.rglob("header.bin")
    assert file.read_bytes() == b"damage" * 2
    with open_store(store_folder) as store:
        gone = store.memories(matching="unique41")[0]
        receipt = store.purge([gone.id])
        assert (receipt.traces, receipt.pending) == ((), ())
    assert kept_aside(store_folder) is None


def test_a_whole_index_is_not_built_again_after_an_unclean_end(store_folder: Path, open_store: OpenStore) -> None:
    before = [folder.name for folder in generations(store_folder / "chroma")]
    left_open(store_folder)
    with open_store(store_folder, indexing="off") as store:
        assert "tried out at the next start" in store.stats().index
    heals(store_folder, open_store)
    assert [folder.name for folder in generations(store_folder / "chroma")] == before
    assert kept_aside(store_folder) is None


@pytest.mark.parametrize("mark", ['{"ends": 2, "process": 1}', '{"ends": 5}'])
def test_the_third_unclean_end_in_a_row_is_one_too_many(store_folder: Path, open_store: OpenStore, mark: str) -> None:
    (store_folder / "index.open").write_text(mark)
    heals(store_folder, open_store)
    aside = kept_aside(store_folder)
    assert aside is not None
    assert "not closed in order" in aside.why


@pytest.mark.parametrize("mark", ["", '{"ends"', "[]", '{"ends": "x"}', "\xff"])
def test_a_mark_cut_short_is_a_mark(store_folder: Path, open_store: OpenStore, mark: str) -> None:
    (store_folder / "index.open").write_bytes(mark.encode("latin-1"))
    heals(store_folder, open_store)
    assert not (store_folder / "index.open").exists()


def test_it_is_marked_exactly_while_it_is_open(tmp_path: Path, open_store: OpenStore) -> None:
    mark = tmp_path / "store" / "index.open"
    with open_store() as store:
        store.remember("something to index")
        assert not mark.exists()
        store.index_now()
        assert mark.stat().st_mode & 0o777 == 0o600
    assert not mark.exists()
    code = (
        "import os, signal, sys\nfrom memory_store import MemoryStore\nfrom tests.fakes import HashedWords\n"
        "store = MemoryStore.open(sys.argv[1], embedder=HashedWords(), indexing='manual')\n"
        "store.index_now()\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for ends in range(2):
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "store")], cwd=ROOT, env=ENVIRONMENT, check=False)
        assert json.loads(mark.read_text())["ends"] == ends


def test_search_is_exact_and_told_while_it_is_built_anew(store_folder: Path, open_store: OpenStore) -> None:
    with open_store(store_folder) as store:
        told: list[object] = []

        def look(*done: int) -> None:
            found = store.stats()
            told.append((done, store.index_state().filling, found.search, found.index))
            told.append(store.recall("unique37")[0].memory.text)

        store.rebuild(progress=look)
        whole = (TURNS, TURNS)
        assert told == [(whole, whole, "exact", "being built anew"), "unique37 about thing1"]
        assert (store.index_state().filling, store.stats().index) == (None, "open")
