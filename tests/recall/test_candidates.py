"""The turns around the best are found whether conversations were written one after the other or at the same time."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sqlalchemy import Connection

from memory_store import MemoryStore, NewTurn
from memory_store.database.base import plain_rows
from memory_store.recall.candidates import NO_CONVERSATION, Scope, gather
from memory_store.recall.places import Places
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH

ALL = "SELECT seq, coalesce(conversation_seq, -1), position, text FROM turns"
OPEN = Scope(np.empty(0, np.int64))


def written(open_store: OpenStore, order: str) -> MemoryStore:
    store = open_store()
    names = ["a"] * 12 + ["b"] * 12 + [None] * 6 if order == "apart" else ["a", "b", None, "b", "a"] * 6
    ends = ["", "?", " really?)", "？", "?!!!", "吗？”", "é"]
    store.remember_many([NewTurn(f"{place}{ends[place % 7]}", conversation=name) for place, name in enumerate(names)])
    return store


@pytest.mark.parametrize("order", ["apart", "mixed"])
def test_the_neighbours_are_those_before_and_after(open_store: OpenStore, order: str) -> None:
    store = written(open_store, order)
    store.purge([store.memories(conversation="a")[4].id])  # a gap: what stands around it is not beside one another
    chance = random.Random(3)
    places = Places()
    with store._database.read() as connection:
        every = {row[0]: row[1:] for row in plain_rows(connection, ALL)}
        for _ in range(30):
            chosen = sorted(chance.sample(sorted(every), chance.randrange(1, 9)))
            expected = set(chosen) | {
                seq
                for seq, (conversation, position, _) in every.items()
                for other in chosen
                if conversation == every[other][0] != NO_CONVERSATION and abs(position - every[other][1]) == 1
            }
            pool = gather(connection, places, np.array(chosen, np.int64), OPEN)
            assert sorted(pool.seqs.tolist()) == sorted(expected)
            assert len(pool) == len(expected)
            for place, seq in enumerate(pool.seqs.tolist()):
                tail = every[seq][2][-3:]
                assert pool.asks[place] == ("?" in tail or "？" in tail), tail
                if place:
                    before = int(pool.seqs[place - 1])
                    beside = every[seq][0] == every[before][0] != NO_CONVERSATION
                    assert pool.follows[place] == (beside and every[seq][1] == every[before][1] + 1)


def test_nothing_around_nothing(open_store: OpenStore) -> None:
    with open_store()._database.read() as connection:
        assert len(gather(connection, Places(), np.empty(0, np.int64), OPEN)) == 0


def test_what_is_kept_of_places_follows_edits_purges_and_new_turns(open_store: OpenStore) -> None:
    store, places = open_store(), Places()
    turns = [store.remember(words, conversation="a") for words in ("one", "two", "three?", "four")]
    with store._database.read() as older:
        assert kept(places, older, 2) == [(1, False), (2, False), (3, True)]
        store.edit(turns[0].id, "one?")
        store.remember("five", conversation="a")
        with store._database.read() as newer:
            assert kept(places, newer, 2) == [(1, True), (2, False), (3, True)]
            assert kept(places, newer, 4) == [(3, True), (4, False), (5, False)]
        assert kept(places, older, 2) == [(1, False), (2, False), (3, True)]
        assert kept(places, older, 4) == [(3, True), (4, False)]
    store.purge([turns[2].id])
    with store._database.read() as view:
        assert kept(places, view, 4) == [(4, False), (5, False)]


def test_what_was_read_ahead_is_what_would_be_read(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory_store.recall.places.AHEAD", 7)
    store, ahead = written(open_store, "mixed"), Places()
    seqs = np.arange(0, 40)
    with store._database.read() as connection:
        assert [ahead.read_ahead(connection) for _ in range(6)] == [True, True, True, True, False, False]
        table = ahead.of(connection, seqs)
        assert len(table) == 30
        assert table.tolist() == Places().of(connection, seqs).tolist()
        monkeypatch.setattr("memory_store.recall.places._table", None)  # nothing is read any more
        assert ahead.of(connection, seqs).tolist() == table.tolist()
    store.purge([store.memories()[0].id])
    monkeypatch.undo()
    with store._database.read() as connection:
        assert not ahead.read_ahead(connection), "all of them fit into one reading"
        assert len(ahead.of(connection, seqs)) == 29


def kept(places: Places, view: Connection, seq: int) -> list[tuple[int, bool]]:
    """Turn ``seq`` and its neighbours in this view: number, whether it asks."""
    pool = gather(view, places, np.array([seq], np.int64), OPEN)
    return [*zip(pool.seqs.tolist(), pool.asks.tolist(), strict=True)]
