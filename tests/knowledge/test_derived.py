"""Notes that a model derived: marked, linked, and going where the words go that they are from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from memory_store import MemoryStore, VirtualClock
from memory_store.errors import UnknownId
from memory_store.knowledge.derived import SPEAKER
from memory_store.records import NewDerived, Turn
from tests.conftest import ON_BOTH, OpenStore

NOTE = "Ida keeps bees on the roof of her house."


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store()


@pytest.fixture
def said(store: MemoryStore, virtual_clock: VirtualClock) -> list[Turn]:
    turns = []
    for speaker, words in (
        ("user", "Ida keeps bees now, on her roof."),
        ("assistant", "How many hives does she have?"),
        ("user", "Two, and she wants a third one in spring."),
    ):
        virtual_clock.advance(timedelta(minutes=5))
        turns.append(store.remember(words, speaker=speaker, conversation="bees"))
    return turns


def derive(store: MemoryStore, said: list[Turn], text: str = NOTE) -> list[Turn]:
    note = NewDerived("fact", text, (said[0].id, said[2].id))
    return store.keep_derived([note], model="tiny", through=said[-1].id)


@ON_BOTH
def test_it_is_marked_and_knows_its_sources(store: MemoryStore, said: list[Turn]) -> None:
    [note] = derive(store, said)
    assert (note.speaker, note.is_note, note.said_at) == (SPEAKER, True, said[2].said_at)
    [told] = store.derived()
    assert (told.note.id, told.kind, told.model) == (note.id, "fact", "tiny")
    assert [source.id for source in told.sources] == [said[0].id, said[2].id]
    assert [turn.id for turn in store.history("bees")] == [turn.id for turn in said]
    assert (store.acts(1)[0].kind, store.acts(1)[0].subjects) == ("consolidate", (note.id,))


def test_what_was_consolidated_is_not_offered_again_and_what_is_forgotten_never(
    store: MemoryStore, said: list[Turn], virtual_clock: VirtualClock
) -> None:
    store.forget(said[1].id)
    assert [turn.id for turn in store.unconsolidated()] == [said[0].id, said[2].id]
    derive(store, said)
    assert store.unconsolidated() == []
    virtual_clock.advance(timedelta(minutes=5))
    later = store.remember("She got it.", conversation="bees")
    store.remember("A note is nobody's conversation.")
    assert [turn.id for turn in store.unconsolidated()] == [later.id]
    store.consolidate_again()
    assert len(store.unconsolidated()) == 3


@ON_BOTH
def test_the_same_is_kept_once(store: MemoryStore, said: list[Turn]) -> None:
    assert len(derive(store, said)) == 1
    assert derive(store, said, "Ida keeps the bees on the roof of her house!") == []
    assert len(store.derived()) == 1


def test_it_is_recalled_only_where_that_is_wanted_and_behind_the_words(
    open_store: OpenStore, store: MemoryStore, said: list[Turn]
) -> None:
    [note] = derive(store, said)
    store.index_now()
    assert note.id not in [hit.memory.id for hit in store.recall("Ida bees roof house")]
    store.close()
    with open_store(derived=True) as wanted:
        found = [hit.memory.id for hit in wanted.recall("Ida bees roof house")]
        assert found.index(said[0].id) < found.index(note.id)


@ON_BOTH
def test_it_is_hidden_and_comes_back_with_what_it_is_from(
    store: MemoryStore, said: list[Turn], virtual_clock: VirtualClock
) -> None:
    [note] = derive(store, said)
    store.forget(said[2].id)
    assert store.get(note.id).forgotten
    store.restore(said[2].id)
    assert not store.get(note.id).forgotten
    store.edit(said[0].id, "Ida keeps hens.")
    assert store.get(note.id).forgotten
    store.undo()
    assert not store.get(note.id).forgotten
    store.forget(note.id)
    assert not any(store.get(turn.id).forgotten for turn in said)
    virtual_clock.advance(timedelta(seconds=1))
    store.forget(said[0].id)
    store.restore(said[0].id)
    assert store.get(note.id).forgotten, "it was forgotten for itself"


@ON_BOTH
def test_a_purge_of_a_source_takes_it_along_to_the_last_byte(
    store: MemoryStore, said: list[Turn], left_behind: Callable[[], bytes]
) -> None:
    [note] = derive(store, said)
    store.index_now()
    receipt = store.purge([said[0].id])
    assert set(receipt.purged) == {said[0].id, note.id}
    assert receipt.traces == ()
    assert NOTE.encode() not in left_behind()
    with pytest.raises(UnknownId):
        store.get(note.id)
    report = store.check()
    assert report.ok, report.problems


def test_a_backup_loses_it_too(store: MemoryStore, said: list[Turn]) -> None:
    derive(store, said)
    store.backup()
    receipt = store.purge([said[0].id], rewrite_backups=True)
    assert len(receipt.rewritten) == 1
    assert receipt.backups == ()


@ON_BOTH
def test_all_are_revoked_by_one_act(store: MemoryStore, said: list[Turn]) -> None:
    [note] = derive(store, said)
    assert [one.id for one in store.revoke_derived()] == [note.id]
    assert (store.derived(), len(store.unconsolidated())) == ([], 3)
    store.undo()
    assert [one.note.id for one in store.derived()] == [note.id]
    store.undo()
    assert store.get(note.id).forgotten
