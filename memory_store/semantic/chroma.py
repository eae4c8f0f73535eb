"""The meaning, in Chroma: ids and vectors and nothing else. It can be thrown away and rebuilt from the record of truth.

Each index is a *generation*, a folder of its own under ``chroma/``: a rebuild fills a new one and then drops the old,
because Chroma gives no space back, keeps deleted vectors on disk, and caches its clients by path.
"""

from __future__ import annotations

import logging
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory_store import faults
from memory_store.database.location import make_private
from memory_store.embedding.base import Vectors
from memory_store.semantic.unused_memory import overwritten

log = logging.getLogger(__name__)

COLLECTION = "turns"
ADD_BATCH = 2_000
HNSW = {
    "space": "cosine",  # the default, l2, is not what our vectors mean
    # Chroma rewrites its graph files in place, without rename or fsync, every `sync_threshold` records, and a kill in
    # the middle of that ruins the folder: so it happens seldom. Until then records live in its own durable log.
    "sync_threshold": 5_000,
    "batch_size": 100,
    # Of 23,000 vectors of real sentences, 150 finds .997 of the nearest ten and .992 of the nearest hundred (measured).
    "ef_search": 150,
    "max_neighbors": 16,  # 32 finds more of them, and fills a graph of random vectors half as fast
}


class IndexDamaged(Exception):
    """Chroma cannot read its folder. The store quarantines it and rebuilds; nobody else sees this."""


class Near(NamedTuple):
    """Turns, nearest first, and their cosines: shape (n,) each."""

    seqs: NDArray[np.int64]
    cosines: NDArray[np.float64]


class SemanticIndex:
    """One generation of the index, open. Only the process that holds the index lock may have one."""

    folder: Path

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hold(str(folder), lambda: _open(folder))

    def _hold(self, place: str, opening: Callable[[], tuple[Any, Any]]) -> None:
        """``opening`` gives a client and a collection; ``place`` is what errors call it."""
        self.place = place
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        with reading(place):
            self._client, self._collection = opening()

    def count(self) -> int:
        """Vectors in it. Raises IndexDamaged."""
        with reading(self.place):
            return int(self._collection.count())

    def ids(self) -> set[int]:
        """The turns it holds. Raises IndexDamaged."""
        with reading(self.place):
            return {int(name) for name in self._collection.get(include=[])["ids"]}

    def vectors(self, seqs: Sequence[int]) -> dict[int, Vectors]:
        """The vectors it holds of these turns, each of shape (d,). Raises IndexDamaged."""
        with reading(self.place):
            found = self._collection.get(ids=[str(seq) for seq in seqs], include=["embeddings"])
            return {
                int(name): np.asarray(row, np.float32)
                for name, row in zip(found["ids"], found["embeddings"], strict=True)
            }

    def put(self, seqs: Sequence[int], vectors: Vectors) -> None:
        """Add or replace. Raises IndexDamaged."""
        with reading(self.place):
            for start in range(0, len(seqs), ADD_BATCH):
                part = slice(start, start + ADD_BATCH)
                faults.reached("index:put")
                names = [str(seq) for seq in seqs[part]]
                # An upsert of an id that is there costs up to a hundred times an add (measured): delete it first.
                known = self._collection.get(ids=names, include=[])["ids"]
                if known:
                    self._collection.delete(ids=known)
                    faults.reached("index:between")
                self._collection.add(ids=names, embeddings=vectors[part])

    def drop(self, seqs: Iterable[int]) -> None:
        """Delete, where present. Raises IndexDamaged."""
        names = [str(seq) for seq in seqs]
        with reading(self.place):
            for start in range(0, len(names), ADD_BATCH):
                self._collection.delete(ids=names[start : start + ADD_BATCH])

    def nearest(self, query: Vectors, limit: int) -> Near:
        """The turns nearest in meaning to ``query`` (shape (d,), of unit length), at most ``limit``. Their cosines are
        those of the stored vectors, to 1e-4: Chroma compares with all the numbers, and with its own copies of them.

        Raises IndexDamaged.
        """
        with told(self.place):  # writes nothing: what was put in stands in the graph when that returns (measured)
            found = self._collection.query(query_embeddings=query[None, :], n_results=limit, include=["distances"])
            return Near(np.array(found["ids"][0], np.int64), 1 - np.array(found["distances"][0], np.float64))

    def load(self, dimensions: int) -> None:
        """Read the graph into memory, so that no query waits for it. Raises IndexDamaged."""
        with overwritten():  # what it holds beyond its graph files is put into the graph
            self.nearest(np.full(dimensions, dimensions**-0.5, np.float32), 1)

    def close(self) -> None:
        """Release the folder, so that it can be moved, deleted or opened by another process."""
        try:
            with reading(self.place):
                self._client.close()
        except IndexDamaged as error:  # must not keep the store from closing
            log.warning("closing: %s", error)


@contextmanager
def reading(place: str) -> Iterator[None]:
    """Whatever Chroma complains of, as IndexDamaged; and what it writes of memory it did not use holds no words."""
    with told(place), overwritten():
        yield


@contextmanager
def told(place: str) -> Iterator[None]:
    """Whatever Chroma complains of, as IndexDamaged."""
    try:
        yield
    except Exception as error:  # Chroma's native part raises what it likes
        raise IndexDamaged(f"{place}: {error}") from error


def _open(folder: Path) -> tuple[Any, Any]:
    import chromadb
    from chromadb.config import Settings

    make_private(folder)
    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    collection = made_in(client, COLLECTION)
    collection.count()
    return client, collection


def made_in(client: Any, name: str) -> Any:
    """The collection of that name, made if need be, and searched as widely as this version does."""
    made = client.get_or_create_collection(name, embedding_function=given_vectors(), configuration={"hnsw": dict(HNSW)})
    wide = {"ef_search": HNSW["ef_search"]}
    if made.configuration_json["hnsw"]["ef_search"] != wide["ef_search"]:
        made.modify(configuration={"hnsw": wide})  # heeded when the graph is read, which is later than this
    return made


def given_vectors() -> Any:
    """An embedding function that refuses to embed. Without one of our own, Chroma would try to download a model."""
    from chromadb import EmbeddingFunction

    class GivenVectors(EmbeddingFunction):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()

        def __call__(self, input: Any) -> Any:  # noqa: ARG002 - the name is Chroma's
            raise RuntimeError("mneme always gives its own vectors")

        @staticmethod
        def name() -> str:
            return "mneme_given_vectors"

        def get_config(self) -> dict[str, Any]:
            return {}

        @staticmethod
        def build_from_config(config: dict[str, Any]) -> GivenVectors:  # noqa: ARG004
            return GivenVectors()

    return GivenVectors()


def seal(folder: Path) -> str:
    """A checksum of the graph files of a generation, which Chroma writes when it is filled and then seldom.

    Chroma reads these files without looking: a damaged one gives wrong neighbours, or ends the process (measured).
    """
    try:
        return "\n".join(f"{file.relative_to(folder)} {_checksum(file):08x}" for file in _graph(folder))
    except OSError as error:
        return f"unreadable: {error}"


def written(folder: Path) -> list[int]:
    """When the graph files were last written: cheap, and enough to know that they were not."""
    try:
        return [file.stat().st_mtime_ns for file in _graph(folder)]
    except OSError:
        return []


def _graph(folder: Path) -> list[Path]:
    files = sorted(place for place in folder.rglob("*") if place.is_file())
    return [file for file in files if not file.name.startswith("chroma.sqlite3")]  # which checks itself


def _checksum(file: Path) -> int:
    total = 0
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            total = zlib.crc32(block, total)
    return total


def generations(root: Path) -> list[Path]:
    """The generation folders under ``root``, oldest first."""
    return sorted(place for place in root.glob("generation-*") if place.is_dir()) if root.is_dir() else []


def generation_folder(root: Path, number: int) -> Path:
    return root / f"generation-{number:06d}"


def discard(folder: Path) -> None:
    """Delete a generation. What cannot be deleted is left for the next time."""
    shutil.rmtree(folder, ignore_errors=True)
