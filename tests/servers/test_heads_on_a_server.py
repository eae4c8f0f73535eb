"""What is learned from a memory on a server is that memory's: another user's has no part in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from memory_store import MemoryStore
from memory_store.interchange.moving import move
from tests.fakes import HashedWords
from tests.learning.test_files import a_head
from tests.learning.test_learning import provenance
from tests.postgres import Server


def test_two_memories_of_one_server_do_not_share_a_head(postgres: Server, tmp_path: Path) -> None:
    """Though both are opened with one folder; and it goes along to a folder and back."""

    def opened(place: str | Path) -> MemoryStore:
        beside = None if isinstance(place, Path) else tmp_path / "profile"
        return MemoryStore.open(place, folder=beside, embedder=HashedWords(), indexing="off")

    hers, his, back, moved = postgres.url("hers"), postgres.url("his"), tmp_path / "back", postgres.url("moved")
    with opened(hers) as store:
        store.remember("We went sailing.")
        store.adopt_head(a_head(), provenance())
    with opened(his) as store:
        store.remember("We went skiing.")
        assert not any("learned" in hit.reasons for hit in store.recall("When did we ski?"))
        assert store.learned() == []
        assert not store.undo_head()
    move(hers, back, beside=tmp_path / "profile")
    move(back, moved, beside=tmp_path / "profile")
    for place in (hers, back, moved):
        with opened(place) as store:
            assert [said for said, _ in store.learned()] == [provenance()], place
            head = store._heads.in_force()[0]
            assert head is not None
            assert np.array_equal(head.bias, a_head().bias)
