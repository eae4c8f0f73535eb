"""Finding memories by id, words and speaker: case of any script, odd characters, and ids that are none."""

from __future__ import annotations

import pytest

from memory_store import MemoryStore
from memory_store.errors import AmbiguousId, InvalidInput, MnemeError, UnknownId
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store(indexing="off")


@pytest.mark.parametrize(
    ("words", "sought"), [("ÜBER den Fluss", "über"), ("привет", "ПРИВЕТ"), ("a\0b Ende", "ende"), ("50%_x", "%_")]
)
def test_matching_ignores_case_everywhere(store: MemoryStore, words: str, sought: str) -> None:
    turn = store.remember(words, conversation="c")
    store.remember("nothing of the kind", conversation="d")
    assert store.memories(matching=sought) == [turn]
    assert [found.id for found in store.conversations(matching=sought)] == ["c"]


def test_a_speaker_by_any_case(store: MemoryStore) -> None:
    turn = store.remember("bonjour", speaker="Élodie")
    assert store.memories(speaker="Élodie") == store.memories(speaker="éLODIE") == [turn]


def test_prefixes(open_store: OpenStore) -> None:
    ids = iter(["abcdef000001", "abcdef000002", "abcd%%000003"])
    with open_store(ids=lambda: next(ids)) as store:
        first, second, third = (store.remember(words) for words in ("one", "two", "three"))
        assert store.get("abcdef000001") == store.get("abcdef000001"[:12]) == first
        assert store.get("abcd%") == third
        assert store.get("abcdef000002") == second
        with pytest.raises(AmbiguousId, match="Give more of the id"):
            store.get("abcdef")
        for unknown in ("abc", "", "abcdef9", "ABCDEF000001", "abcd_f000001", "\x1b[31mabc"):
            with pytest.raises(UnknownId) as raised:
                store.get(unknown)
            assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("bad", ["\ud800abc", "abc\udfff"])
def test_lone_surrogates_are_refused_in_one_line(store: MemoryStore, bad: str) -> None:
    kept = store.remember("something")
    acts = [
        lambda: store.get(bad),
        lambda: store.remember(bad),
        lambda: store.remember("words", conversation=bad),
        lambda: store.remember("words", speaker=bad),
        lambda: store.remember("words", source_id=bad),
        lambda: store.edit(kept.id, bad),
        lambda: store.memories(matching=bad),
        lambda: store.memories(speaker=bad),
        lambda: store.conversations(matching=bad),
        lambda: store.conversation(bad),
        lambda: store.begin_conversation(title=bad),
        lambda: store.purge([bad]),
    ]
    for act in acts:
        with pytest.raises(MnemeError) as raised:
            act()
        assert "\n" not in str(raised.value)
    assert store.memories(forgotten=None) == [kept]
    assert store.conversations() == []


@pytest.mark.parametrize("empty", ["", "   ", "\n\t"])
def test_no_words(store: MemoryStore, empty: str) -> None:
    with pytest.raises(InvalidInput, match="Say something"):
        store.remember(empty)


def test_four_mebibytes_and_no_more(store: MemoryStore) -> None:
    most = "é" * (2 * 1024 * 1024)
    assert store.get(store.remember(most).id).text == most
    with pytest.raises(InvalidInput, match="Split it up"):
        store.remember(most + "e")
