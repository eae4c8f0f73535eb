"""A process that is over in a moment embeds what was said and leaves Chroma to one that stays. Nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory_store import MemoryStore
from tests.conftest import OpenStore
from tests.store.test_many_processes import until


def in_step(store: MemoryStore) -> tuple[int, int, int, int]:
    report = store.check()
    assert report.ok, report.problems
    return report.words, report.vectors, report.indexed, report.queued


@pytest.mark.parametrize("indexing", ["vectors", "background"])
def test_it_leaves_vectors_and_no_index(open_store: OpenStore, tmp_path: Path, indexing: str) -> None:
    with open_store(indexing=indexing) as store:
        turn = store.remember("the ferry leaves at nine")
    assert not (tmp_path / "store" / "chroma").exists()
    with open_store(indexing="off") as store:
        assert (store.stats().vectors, store.stats().queued) == (1, 1)
        hit = store.recall("nine o'clock ferry")[0]
        assert hit.memory == turn
        assert hit.reasons["meaning"] > 0, "searched by meaning, without Chroma"


def test_the_next_one_that_stays_brings_the_index_in_step(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        with open_store(indexing="vectors") as store:
            store.remember(f"visit number{number}")
    monkeypatch.setattr("memory_store.semantic.indexer.SETTLE_S", 0.0)
    with open_store(indexing="background") as store:
        assert until(lambda: store.index_state().holds_lock and not store.index_state().queued)
    with open_store() as store:
        assert store.stats().queued == 0
        assert in_step(store) == (3, 3, 3, 0)


def test_a_check_puts_in_step_what_short_visits_left(open_store: OpenStore) -> None:
    with open_store(indexing="vectors") as store:
        first = store.remember("said once")
        store.remember("said twice")
    with open_store(indexing="vectors") as store:
        store.edit(first.id, "said once, and corrected")
    with open_store() as store:
        assert in_step(store) == (2, 2, 2, 0)


def test_a_purge_where_no_index_was_made_makes_none(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store() as store:
        gone, kept = store.remember("quixotic zephyr"), store.remember("this one stays")
        store.embed_now()
        receipt = store.purge([gone.id])
        assert (receipt.purged, receipt.traces, receipt.pending) == ((gone.id,), (), ())
        assert not (tmp_path / "store" / "chroma").exists()
        assert store.recall("zephyr that stays")[0].memory == kept
    with open_store() as store:
        assert in_step(store) == (1, 1, 1, 0)
    files = [file for file in (tmp_path / "store").rglob("*") if file.is_file()]
    assert not any(b"quixotic" in file.read_bytes() for file in files)


def test_embedding_by_hand_leaves_the_index_alone(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store() as store:
        store.remember("embedded by hand")
        told: list[tuple[int, int]] = []
        state = store.embed_now(progress=lambda done, total: told.append((done, total)))
        assert (state.queued, state.refused) == (1, False)
        assert told[-1] == (1, 1)
        assert not (tmp_path / "store" / "chroma").exists()
        store.index_now()
        assert in_step(store) == (1, 1, 1, 0)


def test_whoever_has_the_index_open_finishes_it_at_the_door(open_store: OpenStore) -> None:
    with open_store(indexing="background") as store:
        store.index_now()
        store.remember("said on the way out")
    with open_store(indexing="off") as store:
        assert (store.stats().vectors, store.stats().queued) == (1, 0)
