"""What the store does with its embedder: when it fails, when it is changed, when it wakes up late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from memory_store import NewTurn
from memory_store.errors import EmbedderError, StoreUnavailable
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import Broken, HashedWords

pytestmark = ON_BOTH

SAID = [NewTurn(f"unique{number} about thing{number % 5}", conversation="c") for number in range(30)]


EMBEDDERS = "SELECT e.name, count(*) FROM vectors v JOIN embedders e ON e.seq = v.embedder_seq GROUP BY e.name"


def test_a_broken_embedder_leaves_the_words(open_store: OpenStore) -> None:
    with open_store() as store:
        store.remember_many(SAID)
        store.index_now()
    with open_store(embedder=Broken(48, "other")) as store:
        found = store.recall("unique7")
        assert found[0].memory.text == "unique7 about thing2"
        assert found.remarks == (
            "Meaning was not searched: what is stored of it is by another embedding model (hashed-32).",
        )
        late = store.remember("said in the meantime")
        with pytest.raises(EmbedderError, match="Reinstall"):
            store.index_now()
        assert store.get(late.id) == late
    with open_store() as store:
        store.index_now()
        assert store.check().ok
        assert store.check().vectors == 31


def test_one_that_breaks_later_says_so_in_recall(open_store: OpenStore) -> None:
    with open_store() as store:
        store.remember_many(SAID)
        store.index_now()
    with open_store(embedder=Broken()) as store:
        found = store.recall("unique7 about thing2")
        assert found[0].memory.text == "unique7 about thing2"
        assert "meaning" not in found[0].reasons
        assert found.remarks == ("Meaning was not searched. The embedding model is not installed. Reinstall mneme.",)


def test_another_embedder_takes_over(open_store: OpenStore, past_the_store: Callable[..., Any]) -> None:
    with open_store() as store:
        store.remember_many(SAID)
        store.index_now()
    assert dict(past_the_store(EMBEDDERS)) == {"hashed-32": 30}
    with open_store(embedder=HashedWords(48, "other")) as store:
        before = store.recall("unique7")
        assert before[0].memory.text == "unique7 about thing2"
        assert "meaning" not in before[0].reasons, "old vectors are never compared with new ones"
        store.index_now()
        report = store.check()
        assert report.ok, report.problems
        assert (report.vectors, report.indexed) == (30, 30)
        after = store.recall("unique7")
        assert after[0].memory.text == "unique7 about thing2"
        assert after[0].reasons["meaning"] == pytest.approx(0.6)
    assert dict(past_the_store(EMBEDDERS)) == {"other-48": 30}


def test_half_changed_is_still_right(open_store: OpenStore, past_the_store: Callable[..., Any]) -> None:
    """Closed in the middle of the change: vectors of both, and neither meets the other."""
    with open_store() as store:
        store.remember_many(SAID)
        store.index_now()
    other = HashedWords(48, "other")
    with open_store(embedder=other) as store:
        store._indexer._take_over()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("memory_store.semantic.indexer.BATCH", 10)
            store._indexer._embed_batch()
        assert dict(past_the_store(EMBEDDERS)) == {"hashed-32": 20, "other-48": 10}
        assert store.recall("unique25")[0].memory.text == "unique25 about thing0"
        assert store.recall("unique5")[0].memory.text == "unique5 about thing0"
    with open_store(embedder=other) as store:
        store.index_now()
        assert store.check().ok
    assert dict(past_the_store(EMBEDDERS)) == {"other-48": 30}


def test_two_at_once_do_not_throw_each_others_vectors_away(
    open_store: OpenStore, past_the_store: Callable[..., Any]
) -> None:
    """The one that holds the index goes on; the other searches words, says why, and takes over when it is alone."""
    holder, other = open_store(), open_store(embedder=HashedWords(48, "other"))
    holder.remember_many(SAID)
    holder.index_now()
    late = other.remember("said in the other one")
    with pytest.raises(StoreUnavailable, match=r"another embedding model \(hashed-32\)\. Close it"):
        other.index_now()
    found = other.recall("unique7")
    assert found[0].memory.text == "unique7 about thing2"
    assert "by another embedding model (hashed-32)" in found.remarks[0]
    assert dict(past_the_store(EMBEDDERS)) == {"hashed-32": 30}
    holder.index_now()
    assert holder.recall("said in the other one")[0].reasons["meaning"] == pytest.approx(0.6)
    assert holder.check().ok
    assert dict(past_the_store(EMBEDDERS)) == {"hashed-32": 31}
    holder.close()
    other.index_now()
    assert dict(past_the_store(EMBEDDERS)) == {"other-48": 31}
    assert other.check().ok
    assert other.recall(late.text)[0].reasons["meaning"] == pytest.approx(0.6)


def test_one_that_lost_its_place_stores_no_vector(open_store: OpenStore, past_the_store: Callable[..., Any]) -> None:
    """It was embedding without the lock when the other came and took it."""
    first, second = open_store(), open_store(embedder=HashedWords(48, "other"))
    first.remember_many(SAID)
    first._indexer._take_over()
    first._indexer.index.close()
    second.index_now()
    first.remember("one more")
    with pytest.raises(StoreUnavailable, match="other-48"):
        first._indexer._embed_batch()
    assert dict(past_the_store(EMBEDDERS)) == {"other-48": 30}


def test_the_vectors_of_two_are_never_compared(open_store: OpenStore) -> None:
    """Half of them made anew when it was interrupted, with as many dimensions as before: words find the rest."""
    with open_store() as store:
        store.remember_many(SAID)
        store.index_now()
    with open_store(embedder=HashedWords(32, "other")) as store:
        store._indexer._take_over()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("memory_store.semantic.indexer.BATCH", 15)
            store._indexer._embed_batch()
        for number in range(30):
            found = store.recall(f"What was unique{number} about?", limit=1)
            assert found[0].memory.text.startswith(f"unique{number} "), number
            assert found.remarks == ()
