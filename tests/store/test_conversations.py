"""Conversations put aside, deleted and gone on with, and branched off: what was said is kept and recalled once."""

from __future__ import annotations

import pytest

from memory_store import MemoryStore
from memory_store.errors import InvalidInput, UnknownId
from memory_store.records import Turn
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH


def talk(store: MemoryStore, *words: str, conversation: str = "talk") -> list[Turn]:
    return [store.remember(text, conversation=conversation) for text in words]


def words(turns: list[Turn]) -> list[str]:
    return [turn.text for turn in turns]


def test_an_archived_conversation_leaves_the_list_and_is_recalled(open_store: OpenStore) -> None:
    with open_store() as store:
        [tea] = talk(store, "I like green tea.")
        assert store.archive_conversation("talk").archived
        assert store.conversations() == []
        assert [one.id for one in store.conversations(archived=True)] == ["talk"]
        assert store.recall("tea")[0].memory == tea
        assert not store.unarchive_conversation("talk").archived
        assert [one.id for one in store.conversations()] == ["talk"]


def test_what_is_said_in_an_archived_conversation_puts_it_back(open_store: OpenStore) -> None:
    with open_store() as store:
        talk(store, "I like green tea.")
        store.archive_conversation("talk")
        talk(store, "And black tea.")
        assert [one.id for one in store.conversations()] == ["talk"]


def test_a_deleted_conversation_that_is_gone_on_with_is_back_whole(open_store: OpenStore) -> None:
    with open_store() as store:
        one, two, three = talk(store, "one", "two", "three")
        store.forget(two.id)
        store.delete_conversation("talk")
        assert store.conversation("talk").deleted
        assert store.history("talk") == []
        talk(store, "four")
        assert not store.conversation("talk").deleted
        assert words(store.history("talk")) == ["one", "three", "four"]  # two was forgotten by itself
        assert not store.get(one.id).forgotten
        assert not store.get(three.id).forgotten


def test_a_branch_begins_with_what_was_said_up_to_a_turn(open_store: OpenStore) -> None:
    with open_store() as store:
        _, two, _ = talk(store, "one", "two", "three")
        branch = store.branch(two.id)
        assert (branch.title, branch.branched_from, branch.turns) == ("one (2)", "talk", 0)
        talk(store, "other three", conversation=branch.id)
        assert words(store.history(branch.id)) == ["one", "two", "other three"]
        assert words(store.history("talk")) == ["one", "two", "three"]
        positions = [turn.position for turn in store.history(branch.id)]
        assert positions == sorted(set(positions))
        assert words(store.history(branch.id, limit=2)) == ["two", "other three"]


def test_what_a_branch_shares_is_recalled_once_and_forgotten_in_both(open_store: OpenStore) -> None:
    with open_store() as store:
        tea, _ = talk(store, "I like green tea.", "Noted.")
        branch = store.branch(tea.id)
        talk(store, "Which cup?", conversation=branch.id)
        assert words([hit.memory for hit in store.recall("green tea")]).count("I like green tea.") == 1
        store.forget(tea.id)
        assert words(store.history(branch.id)) == ["Which cup?"]


def test_a_branch_of_a_branch(open_store: OpenStore) -> None:
    with open_store() as store:
        one, *_ = talk(store, "one", "two")
        first = store.branch(one.id)
        [a, _] = talk(store, "a", "b", conversation=first.id)
        second = store.branch(a.id)
        talk(store, "x", conversation=second.id)
        assert words(store.history(second.id)) == ["one", "a", "x"]
        assert second.title == "one (3)"
        beside = store.branch(one.id)  # at a turn that the branches share: off the conversation it stands in
        assert beside.branched_from == "talk"


def test_around_a_branch_s_first_turn_stands_what_it_shares(open_store: OpenStore) -> None:
    with open_store() as store:
        *_, three = talk(store, "one", "two", "three")
        talk(store, "four")
        branch = store.branch(three.id)
        [other, _] = talk(store, "other four", "five", conversation=branch.id)
        assert words(store.context(other.id, before=2, after=1)) == ["two", "three", "other four", "five"]


def test_no_branch_at_a_note_nor_at_nothing(open_store: OpenStore) -> None:
    with open_store() as store:
        note = store.remember("a note")
        with pytest.raises(InvalidInput, match="note belongs to no conversation"):
            store.branch(note.id)
        with pytest.raises(UnknownId):
            store.branch("none")
        assert store.conversations() == []
