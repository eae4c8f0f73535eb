"""Any number of processes write and recall on one folder; one of them keeps the index."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from memory_store import MemoryStore, Turn
from memory_store.records import PurgeReceipt
from tests.conftest import OpenStore
from tests.fakes import HashedWords

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
TURNS = 60
PATIENCE_S = 120


def worker(folder: Path, name: str, turns: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.worker", str(folder), name, turns]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(true: Callable[[], bool]) -> bool:
    """Poll ``true``. What is asserted is that it comes, not how fast."""
    end = time.monotonic() + PATIENCE_S
    while not (fact := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return fact


def nearest(store: MemoryStore, turn: Turn) -> str:
    """The memory whose stored vector is nearest to this turn's words, by the channel of meaning alone."""
    with store._database.read() as connection:
        everything = store._recaller.dense._cache.current(connection, 1)
        seq = int(everything.seqs[np.argmax(everything.matrix @ HashedWords().encode([turn.text])[0])])
        return connection.exec_driver_sql("SELECT id FROM turns WHERE seq = ?", (seq,)).scalar_one()


def test_three_processes_lose_nothing(tmp_path: Path, open_store: OpenStore) -> None:
    running = [worker(tmp_path / "store", name, str(TURNS)) for name in ("ana", "ben", "eva")]
    ended = [process.communicate() for process in running]
    assert [(process.returncode, err) for process, (_, err) in zip(running, ended, strict=True)] == [(0, "")] * 3
    acknowledged = [line for out, _ in ended for line in out.split()[:-1]]
    assert len(acknowledged) == len(set(acknowledged)) == 3 * TURNS
    with open_store() as store:
        store.index_now()
        report = store.check()
        assert report.ok, report.problems
        assert report.words == report.vectors == report.indexed == 3 * TURNS
        for name in acknowledged:
            turn = store.get(name)
            assert store.recall(turn.text.split()[2], limit=1)[0].memory == turn
            assert nearest(store, turn) == name


def test_one_holds_the_index_and_another_takes_over(tmp_path: Path, open_store: OpenStore) -> None:
    with worker(tmp_path / "store", "first", "hold") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        with open_store(indexing="background") as store:
            turn = store.remember("only one of us may touch the index")
            assert until(lambda: store.stats().vectors == 1)
            store.index_now()
            assert not store.index_state().holds_lock
            assert store.check().indexed == -1
            assert store.recall("touch the index")[0].memory == turn
            holder.kill()
            holder.wait()
            store.remember("the other is gone")
            assert until(lambda: store.index_state().holds_lock and store.index_state().queued == 0)
            report = store.check()
            assert (report.ok, report.indexed) == (True, 2), report


def test_a_purge_beside_the_holder_is_finished_by_the_holder(open_store: OpenStore, tmp_path: Path) -> None:
    holder, other = open_store(), open_store()
    kept, gone = holder.remember("this stays where it is"), holder.remember("quixotic zephyr, to be erased")
    holder.index_now()
    receipt = other.purge([gone.id])
    assert receipt.pending == ("the index of meaning is held by another process",)
    holder.index_now()
    report = holder.check()
    assert (report.ok, report.indexed) == (True, 1), report
    vector = HashedWords().encode([gone.text])[0]
    for file in (tmp_path / "store").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"quixotic" not in content
            assert vector.astype(np.float16).astype(np.float32).tobytes() not in content
    assert other.recall("quixotic zephyr where it stays")[0].memory == kept


def test_a_purge_while_the_holder_rebuilds(open_store: OpenStore) -> None:
    """The rebuild has read the vector already when the purge comes: it must begin again."""
    holder, other = open_store(), open_store()
    gone = holder.remember("quixotic zephyr")
    holder.remember("something else")
    holder.index_now()
    with ThreadPoolExecutor(1) as pool:
        purging: list[Future[PurgeReceipt]] = []

        def meanwhile(done: int, total: int) -> None:
            if not purging:
                purging.append(pool.submit(other.purge, [gone.id]))
                assert until(lambda: not other.memories(matching="quixotic"))

        holder.rebuild(progress=meanwhile)
        assert purging[0].result().purged == (gone.id,)
    report = holder.check()
    assert (report.ok, report.words, report.indexed) == (True, 1, 1), report


def test_turns_embedded_elsewhere_while_the_holder_rebuilds(open_store: OpenStore) -> None:
    """Their vectors came too late for the rebuild: they keep their place in the queue."""
    holder, other = open_store(), open_store()
    holder.remember("there from the start")
    holder.index_now()
    other.remember("waiting, then embedded by the other process")

    def meanwhile(done: int, total: int) -> None:
        other.index_now()

    holder.rebuild(progress=meanwhile)
    report = holder.check()
    assert (report.ok, report.vectors, report.indexed) == (True, 2, 2), report


def test_eight_threads_on_one_store(open_store: OpenStore) -> None:
    store = open_store(indexing="background")

    def live(thread: int) -> list[str]:
        kept = []
        for number in range(25):
            turn = store.remember(f"thread{thread} says unique{thread}x{number}", conversation=f"c{thread % 3}")
            found = store.recall(f"unique{thread}x{number}", limit=300)
            assert [item.memory for item in found if item.matched] == [turn]
            kept.append(turn.id)
        return kept

    with ThreadPoolExecutor(8) as pool:
        kept = [name for part in pool.map(live, range(8)) for name in part]
    assert {turn.id for turn in store.memories()} == set(kept)
    report = store.check()
    assert report.ok, report.problems
    assert report.words == report.vectors == 200
    for name in "c0", "c1", "c2":
        positions = [turn.position for turn in store.history(name)]
        assert positions == list(range(len(positions)))
