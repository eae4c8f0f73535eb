"""The Chroma folder may be deleted, cut short or garbled: recall goes on exactly, and the next open puts it right."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory_store import MemoryStore, NewTurn
from memory_store.errors import StoreUnavailable
from memory_store.semantic import chroma
from memory_store.semantic.chroma import generations
from tests.conftest import OpenStore
from tests.fakes import HashedWords

TURNS = 260
QUERY = "unique37 and thing3"
FILES = [
    "chroma.sqlite3",
    "data_level0.bin",
    "header.bin",
    "index_metadata.pickle",
    "length.bin",
    "link_lists.bin",
]


@pytest.fixture(scope="module", autouse=True)
def often_written() -> Iterator[None]:
    """Chroma writes its graph files every 100 records instead of every 5,000."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(chroma.HNSW, "sync_threshold", 100)
        patch.setitem(chroma.HNSW, "batch_size", 50)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose index has every kind of file."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    with MemoryStore.open(folder, embedder=HashedWords(), indexing="manual") as store:
        store.remember_many([NewTurn(f"unique{number} about thing{number % 9}") for number in range(TURNS)])
        store.index_now()
    found = {file.name for file in (folder / "chroma").rglob("*") if file.is_file()}
    assert found == set(FILES)
    return folder


def found(store: MemoryStore) -> list[tuple[str, float]]:
    return [(item.memory.text, round(item.score, 9)) for item in store.recall(QUERY)]


def heals(folder: Path, open_store: OpenStore) -> None:
    with open_store(folder) as store:
        before = found(store)
        assert before[0][0] == "unique37 about thing1"
        store.index_now()
        report = store.check()
        assert report.ok, report.problems
        assert report.words == report.vectors == report.indexed == TURNS
        assert found(store) == before
        query = HashedWords().encode(["unique37 about thing1"])[0]
        nearest = store._indexer.index.open().nearest(query, 1).seqs
        assert nearest.tolist() == [38]
        store.remember("and on it goes")
        store.index_now()
        assert store.check().indexed == TURNS + 1


@pytest.mark.parametrize("damage", ["deleted", "cut", "garbled", "one byte"])
@pytest.mark.parametrize("name", FILES)
def test_each_file(tmp_path: Path, whole: Path, open_store: OpenStore, name: str, damage: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    (file,) = (folder / "chroma").rglob(name)
    content = file.read_bytes()
    if damage == "deleted":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "garbled":
        file.write_bytes(random.Random(3).randbytes(len(content)))
    else:
        file.write_bytes(bytes([content[0] ^ 0xFF]) + content[1:])
    heals(folder, open_store)


def test_the_whole_folder(tmp_path: Path, whole: Path, open_store: OpenStore) -> None:
    shutil.copytree(whole, tmp_path / "copy", ignore=shutil.ignore_patterns("chroma"))
    heals(tmp_path / "copy", open_store)


def test_untouched_it_is_not_built_again(tmp_path: Path, whole: Path, open_store: OpenStore) -> None:
    shutil.copytree(whole, tmp_path / "copy")
    before = generations(tmp_path / "copy" / "chroma")
    with open_store("copy") as store:
        store.index_now()
        assert store.check().ok
        assert [folder.name for folder in generations(tmp_path / "copy" / "chroma")] == [before[0].name]


def test_deleted_while_open(tmp_path: Path, whole: Path, open_store: OpenStore) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    with open_store(folder) as store:
        store.index_now()
        before = found(store)
        shutil.rmtree(folder / "chroma")
        assert found(store) == before
        late = store.remember("said over a hole in the ground")
        store.index_now()
        assert store.recall("a hole in the ground")[0].memory == late
    with open_store(folder) as store:
        store.index_now()
        report = store.check()
        assert report.ok, report.problems
        assert report.words == report.indexed == TURNS + 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        store.remember("words are safe all the same")
        (tmp_path / "store" / "chroma").write_text("a file where the folder should be")
        with pytest.raises(StoreUnavailable, match="index of meaning"):
            store.index_now()
        assert store.recall("words are safe").found
        (tmp_path / "store" / "chroma").unlink()
        store.index_now()
        assert store.check().ok
