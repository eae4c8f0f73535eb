"""The index of meaning on a real Chroma server: asked, away, back again, shared."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from memory_store import MemoryStore, NewTurn
from memory_store.errors import StoreUnavailable
from memory_store.recall.dense import DenseChannel
from memory_store.semantic import index_server
from memory_store.semantic.served_collection import asking as asking_server
from tests.conftest import ON_BOTH, OpenStore

SAID = [NewTurn(f"unique{number} about thing{number % 5}", conversation="c") for number in range(40)]


@dataclass
class Chroma:
    """``chroma run`` in a folder, started and stopped at will."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = Path(sys.executable).with_name("chroma")
        command = [program, "run", "--path", self.folder, "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("chroma run does not answer")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def collections(self) -> list[str]:
        with asking_server(self.url, 10) as client:
            return [one.name for one in client.list_collections()]

    def lose(self, beginning: str) -> None:
        with asking_server(self.url, 10) as client:
            for one in client.list_collections():
                if one.name.startswith(beginning):
                    client.delete_collection(one.name)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = Chroma(tmp_path_factory.mktemp("chroma"), port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def chroma(running: Chroma) -> Chroma:
    if running._process is None:
        running.start()
    return running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_server, "AWAY_S", 0.0)


def asking(store: MemoryStore) -> MemoryStore:
    """A store that asks the index, however few vectors there are."""
    dense = store._recaller.dense
    store._recaller.dense = DenseChannel(dense.embedder, store._indexer.index.opened, exact_up_to=0)
    return store


def best(store: MemoryStore, query: str) -> str:
    return store.recall(query)[0].memory.text


def test_it_is_filled_asked_and_in_step(open_store: OpenStore, chroma: Chroma) -> None:
    store = asking(open_store(chroma=chroma.url))
    store.remember_many(SAID)
    store.index_now()
    assert store.stats().search == "chroma"
    assert store.stats().index == f"on {chroma.url}, open"
    assert best(store, "unique7") == SAID[7].text
    report = store.check()
    assert (report.ok, report.words, report.vectors, report.indexed) == (True, 40, 40, 40)
    edited = store.edit(store.memories()[0].id, "now about quokkas")
    store.index_now()
    assert best(store, "quokkas") == edited.text
    assert store.check().ok
    assert store.rebuild().ok
    assert sum(name.startswith(_own(store)) for name in chroma.collections()) == 1


@ON_BOTH
def test_while_it_is_away_the_stored_vectors_answer_and_it_catches_up(open_store: OpenStore, chroma: Chroma) -> None:
    store = asking(open_store(chroma=chroma.url))
    store.remember_many(SAID)
    store.index_now()
    before = store.recall("thing3 unique8")[0].memory
    assert store.stats().search == "chroma"
    chroma.stop()
    assert store.recall("thing3 unique8")[0].memory == before
    stats = store.stats()
    assert stats.search == "exact"
    assert f"the Chroma server at {chroma.url} cannot be used" in stats.index
    assert "the stored vectors are searched" in stats.index
    late = store.remember("said while the index was away: wombats")
    store.embed_now()
    store.index_now()
    assert best(store, "wombats") == late.text
    with pytest.raises(StoreUnavailable, match="No word is lost"):
        store._indexer.rebuild()
    chroma.start()
    store.index_now()
    assert store.index_state().queued == 0
    store.recall("anything")
    assert store.stats().search == "chroma"
    report = store.check()
    assert (report.ok, report.indexed) == (True, 41)


def test_a_server_that_lost_everything_is_filled_again(open_store: OpenStore, chroma: Chroma) -> None:
    with open_store(chroma=chroma.url) as store:
        store.remember_many(SAID)
        store.index_now()
        chroma.lose(_own(store))
    with open_store(chroma=chroma.url) as store:
        store.index_now()
        assert store.check().indexed == 40


@ON_BOTH
def test_two_fill_one_and_both_ask(open_store: OpenStore, chroma: Chroma) -> None:
    first, second = asking(open_store(chroma=chroma.url)), asking(open_store(chroma=chroma.url))
    first.remember_many(SAID)
    first.index_now()
    late = second.remember("only in the queue: wombats")
    second.index_now()  # embeds, and leaves the index to the one that has the lock
    assert second.index_state().queued == 1
    assert best(second, "unique9") == SAID[9].text
    assert second.stats().search == "chroma"
    first.index_now()
    assert first.index_state().queued == 0
    assert best(second, "wombats") == late.text
    first.close()
    second.index_now()
    assert second.check().indexed == 41


def test_two_memories_share_a_server(open_store: OpenStore, chroma: Chroma) -> None:
    one, other = asking(open_store("one", chroma=chroma.url)), asking(open_store("other", chroma=chroma.url))
    one.remember("the ferry leaves at nine")
    other.remember("the violin is in the kitchen")
    for store in (one, other):
        store.index_now()
        assert store.check().indexed == 1
    assert best(one, "ferry violin") == "the ferry leaves at nine"
    assert best(other, "ferry violin") == "the violin is in the kitchen"


def test_what_was_purged_leaves_it(open_store: OpenStore, chroma: Chroma) -> None:
    store = asking(open_store(chroma=chroma.url))
    store.remember_many(SAID)
    store.index_now()
    gone = store.recall("unique3")[0].memory
    receipt = store.purge([gone.id])
    assert receipt.pending == ()
    assert "Chroma server" in receipt.unsearched
    assert store.check().indexed == 39
    chroma.stop()
    receipt = store.purge([store.recall("unique4")[0].memory.id])
    assert any("the Chroma server at" in left for left in receipt.pending)
    chroma.start()
    store.index_now()
    assert store.check().indexed == 38


def _own(store: MemoryStore) -> str:
    name: str = store._indexer.index._name(1)  # type: ignore[union-attr]
    return name.rpartition("-")[0]
