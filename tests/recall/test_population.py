"""Counts that are kept instead of counted: right for every view, older ones included, whatever went away."""

from __future__ import annotations

from memory_store.recall.population import Population
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH


def test_an_older_view_does_not_spoil_the_count(open_store: OpenStore) -> None:
    store, counts = open_store(), Population()
    store.remember("one")
    with store._database.read() as older:
        assert counts.turns(older) == 1
        store.remember("two")
        store.remember("three")
        with store._database.read() as newer:
            assert counts.turns(newer) == 3
        assert counts.turns(older) == 1
        with store._database.read() as newer:
            assert counts.turns(newer) == 3


def test_vectors_as_well(open_store: OpenStore) -> None:
    store, counts = open_store(), Population()
    store.remember("one")
    store.index_now()
    with store._database.read() as older:
        assert counts.vectors(older, 1) == 1
        store.remember("two")
        store.index_now()
        with store._database.read() as newer:
            assert counts.vectors(newer, 1) == 2
        assert counts.vectors(older, 1) == 1
        with store._database.read() as newer:
            assert counts.vectors(newer, 1) == 2
            assert counts.vectors(newer, 2) == 0


def test_what_was_purged_or_edited_is_not_counted(open_store: OpenStore) -> None:
    store, counts = open_store(), Population()
    turns = [store.remember(words) for words in ("one", "two", "three")]
    store.index_now()
    with store._database.read() as view:
        assert (counts.turns(view), counts.vectors(view, 1)) == (3, 3)
    store.purge([turns[2].id])
    store.edit(turns[0].id, "another")
    with store._database.read() as view:
        assert (counts.turns(view), counts.vectors(view, 1)) == (2, 1)
    store.remember("four")
    with store._database.read() as view:
        assert counts.turns(view) == 3
