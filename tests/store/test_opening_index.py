"""Whether the index will be there in a moment: only where this process is opening one that is there."""

from __future__ import annotations

import time

import pytest

from memory_store import MemoryStore
from tests.conftest import OpenStore


def waited(store: MemoryStore) -> None:
    until = time.monotonic() + 60
    while store._indexer.index.opened() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert store._indexer.index.opened() is not None


def test_coming_until_it_is_there(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory_store.semantic.indexer.SETTLE_S", 0.5)
    with open_store(indexing="background") as new:
        new.remember("the first words")
        assert not new._indexer.coming(), "there is none, so one must be filled"
        waited(new)
    with open_store(indexing="background") as again:
        assert again._indexer.coming()
        waited(again)
        assert not again._indexer.coming()
    for indexing in ("manual", "vectors", "off"):
        with open_store(indexing=indexing) as short:
            assert not short._indexer.coming(), indexing


def test_not_coming_where_another_has_it(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory_store.semantic.indexer.SETTLE_S", 0.0)
    with open_store(indexing="manual") as first:
        first.remember("the first words")
        first.index_now()
        with open_store(indexing="background") as second:
            until = time.monotonic() + 60
            while second._indexer.coming() and time.monotonic() < until:
                time.sleep(0.02)
            assert second._indexer.index.refused
            assert not second._indexer.coming()
