"""Contradictions from the words to the user's decision and its undo, and what becomes of them when memories change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.errors import CannotUndo, UnknownId
from memory_store.records import Superseded
from tests.conftest import ON_BOTH, OpenStore


@pytest.fixture
def store(open_store: OpenStore, virtual_clock: VirtualClock) -> MemoryStore:
    store = open_store()
    for speaker, words in (
        ("user", "My sister lives in Porto, near the river."),
        ("assistant", "A lovely town."),
        ("user", "I like long walks by the river."),
        ("user", "My sister moved to Lisbon."),
    ):
        virtual_clock.advance(timedelta(days=1))
        store.remember(words, speaker=speaker, conversation="c")
    store.embed_now()
    return store


@ON_BOTH
def test_a_change_is_found_behind_the_conversation_and_named(store: MemoryStore) -> None:
    [found] = store.conflicts()
    assert found.older.text.startswith("My sister lives in Porto")
    assert found.newer.text == "My sister moved to Lisbon."
    assert (found.state, found.why, found.older_value, found.newer_value) == ("open", "live", "Porto", "Lisbon")
    assert store.open_conflicts() == 1
    told = store.superseded([found.older.id, found.newer.id])
    assert told == {found.older.id: Superseded(found.newer.said_at, found.newer.id)}
    assert not found.older.forgotten


def test_nothing_is_looked_at_while_words_are_written(open_store: OpenStore) -> None:
    store = open_store()
    store.remember("I live in Porto.")
    store.remember("I live in Lisbon.")
    assert store.open_conflicts() == 0
    store.embed_now()
    assert store.open_conflicts() == 1


@ON_BOTH
@pytest.mark.parametrize(("state", "superseded"), [("newer", True), ("both", False), ("dismissed", False)])
def test_a_decision_is_an_act_and_can_be_taken_back(store: MemoryStore, state: str, superseded: bool) -> None:
    [found] = store.conflicts()
    decided = store.resolve(found.id[:6], state)  # type: ignore[arg-type]  # a state, from the table above
    assert (decided.state, decided.decided_at) == (state, store.clock())
    assert store.open_conflicts() == 0
    assert (found.older.id in store.superseded([found.older.id])) is superseded
    [act] = store.acts(1)
    assert (act.kind, act.subjects, act.undoable) == ("resolve", (found.older.id, found.newer.id), True)
    store.undo()
    assert store.conflicts() == [found]
    store.redo()
    assert store.conflict(found.id).state == state


def test_it_is_not_asked_again(store: MemoryStore) -> None:
    [found] = store.conflicts()
    store.resolve(found.id, "dismissed")
    store.edit(found.newer.id, "My sister moved to Lisbon last week.")
    store.embed_now()
    assert store.open_conflicts() == 0


@ON_BOTH
def test_a_wording_takes_with_it_what_was_found_in_it(store: MemoryStore) -> None:
    [found] = store.conflicts()
    store.edit(found.newer.id, "My sister moved to Porto.")
    assert store.conflicts() == []
    store.embed_now()
    assert store.conflicts() == []
    store.undo()
    store.embed_now()
    assert [one.newer.id for one in store.conflicts()] == [found.newer.id]


@ON_BOTH
def test_forgotten_memories_contradict_nobody_until_they_are_back(store: MemoryStore) -> None:
    [found] = store.conflicts()
    store.forget(found.newer.id)
    assert (store.conflicts(), store.superseded([found.older.id])) == ([], {})
    store.restore(found.newer.id)
    assert store.conflicts() != []


@ON_BOTH
@pytest.mark.parametrize("which", ["older", "newer"])
def test_a_purge_of_either_leaves_nothing_of_it(
    store: MemoryStore, left_behind: Callable[[], bytes], which: str
) -> None:
    [found] = store.conflicts()
    store.resolve(found.id, "newer")
    gone = found.older if which == "older" else found.newer
    assert store.purge([gone.id]).traces == ()
    assert gone.text.encode() not in left_behind()
    assert found.id.encode() not in left_behind()
    with pytest.raises(UnknownId):
        store.conflict(found.id)
    act = next(act for act in store.acts() if act.kind == "resolve")
    with pytest.raises(CannotUndo, match="purged"):
        store.undo(acts=[act.number])
    report = store.check()
    assert report.ok, report.problems


def test_what_is_imported_later_may_have_been_said_earlier(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    store = open_store()
    store.remember("I work at Siemens.")
    store.embed_now()
    long_ago = virtual_clock() - timedelta(days=900)
    store.remember_many([NewTurn("I work at Bosch.", conversation="old", said_at=long_ago)])
    store.embed_now()
    [found] = store.conflicts()
    assert (found.older.text, found.newer.text) == ("I work at Bosch.", "I work at Siemens.")


def test_only_one_speakers_words_contradict_each_other(open_store: OpenStore) -> None:
    store = open_store()
    for speaker, words in (("Ana", "I live in Porto."), ("Tom", "I live in Lisbon."), ("assistant", "I live in Rome.")):
        store.remember(words, speaker=speaker, conversation="c")
    store.embed_now()
    assert store.conflicts() == []
    store.remember("I moved to Faro.", speaker="Ana", conversation="d")
    store.embed_now()
    assert [found.older.text for found in store.conflicts()] == ["I live in Porto."]


def test_a_correction_is_of_what_was_said_just_before(open_store: OpenStore) -> None:
    store = open_store()
    for words in ("The exam is on Monday.", "I bought new shoes.", "No, it was Tuesday."):
        store.remember(words, conversation="c")
    store.remember("No, it was Friday.", conversation="another")
    store.embed_now()
    [found] = store.conflicts()
    assert (found.why, found.older.text, found.older_value) == ("correction", "The exam is on Monday.", "Monday")


@pytest.mark.parametrize(
    ("question", "corrected"), [("Is the bakery closed on Sunday?", False), ("On Saturday, really?", True)]
)
def test_what_answers_a_question_corrects_only_what_it_repeats(
    open_store: OpenStore, question: str, corrected: bool
) -> None:
    store = open_store()
    for speaker, words in (
        ("user", "The party is on Saturday."),
        ("assistant", question),
        ("user", "No, it's on Monday."),
    ):
        store.remember(words, speaker=speaker, conversation="c")
    store.embed_now()
    corrections = [one for one in store.conflicts() if one.older.speaker == "user"]
    assert [one.older_value for one in corrections] == (["Saturday"] if corrected else [])


@pytest.mark.parametrize(
    ("older", "newer", "days", "changed"),
    [
        ("The meeting is on Friday.", "The meeting is on Monday.", 11, False),
        ("The meeting is on Friday.", "The meeting is on Monday now.", 2, True),
        ("My dentist appointment is on Friday.", "My dentist appointment is on Monday.", 2, True),
        ("My dentist appointment is on Friday.", "My dentist appointment is on Monday.", 11, False),
        ("The budget is $500.", "The budget is $2,000.", 0, True),
        ("The budget is $500.", "The budget is $2,000.", 30, False),
        ("My brother lives in Leeds.", "My brother lives in Cardiff.", 30, False),
        ("My brother lives in Leeds.", "My brother moved to Cardiff.", 30, True),
        ("My brother Paul lives in Leeds.", "My brother Paul lives in Cardiff.", 30, True),
        ("预算是五百块。", "预算是两千块。", 30, False),
        ("预算是五百块。", "预算改成两千块了。", 30, True),
    ],
)
def test_another_occasion_is_no_change(
    open_store: OpenStore, virtual_clock: VirtualClock, older: str, newer: str, days: int, changed: bool
) -> None:
    store = open_store()
    store.remember(older, conversation="c")
    virtual_clock.advance(timedelta(days=days, minutes=5))
    store.remember(newer, conversation="c" if not days else "d")
    store.embed_now()
    assert bool(store.conflicts()) is changed


@ON_BOTH
def test_a_chain_of_changes_links_each_to_the_next(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    store = open_store()
    for place in ("Porto", "Lisbon", "Faro"):
        store.remember(f"I live in {place}.")
        virtual_clock.advance(timedelta(days=100))
    store.embed_now()
    assert [(one.older_value, one.newer_value) for one in store.conflicts()] == [
        ("Lisbon", "Faro"),
        ("Porto", "Lisbon"),
    ]


def test_a_passage_of_a_file_contradicts_nobody(open_store: OpenStore) -> None:
    store = open_store()
    for place, words in enumerate(("I live in Porto.", "I live in Lisbon.")):  # as attachments.passage_source writes
        store.remember(words, speaker="novel.txt", source_id=f"sha256:{'0' * 16}#passage={place + 1}")
    store.embed_now()
    assert store.conflicts() == []


def changes(store: MemoryStore) -> list[list[str]]:
    return [[value for _, value in chain.statements] for chain in store.conflict_chains()]


@ON_BOTH
def test_a_chain_is_decided_at_once_and_taken_back_at_once(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    store = open_store()
    for words in (
        "I live in Porto.",
        "I live in Lisbon.",
        "My rent is $900.",
        "I moved to Faro.",
        "My rent is $990 now.",
    ):
        store.remember(words)
        virtual_clock.advance(timedelta(days=100))
    store.embed_now()
    assert changes(store) == [["$900", "$990"], ["Porto", "Lisbon", "Faro"]]
    assert store.open_conflicts() == 2
    first = store.conflicts()[-1]
    chain = store.resolve_chain(first.id, "newer")
    assert (chain.state, [link.state for link in chain.links]) == ("newer", ["newer", "newer"])
    assert store.open_conflicts() == 1
    assert len(store.acts(1)[0].subjects) == 3
    store.undo()
    assert changes(store) == [["$900", "$990"], ["Porto", "Lisbon", "Faro"]]

    store.resolve_chain(first.id, "both")
    store.remember("I moved to Braga.")
    store.embed_now()
    assert changes(store)[0] == ["Porto", "Lisbon", "Faro", "Braga"]
    chain = store.resolve_chain(first.id, "newer")
    # All three hold, so Braga contradicts each of them; what was decided stays decided ...
    assert [link.state for link in chain.links] == ["both", "both", "newer", "newer", "newer"]
    chain = store.resolve_chain(first.id, "newer")
    assert {link.state for link in chain.links} == {"newer"}  # ... unless all of it was
    assert store.resolve_chain(chain.id, "open").state == "open"


@ON_BOTH
def test_two_things_of_one_turn_are_two_chains(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    store = open_store()
    for words in ("I live in Porto.", "My mother lives in Braga.", "I moved to Lisbon, my mother moved to Faro."):
        store.remember(words)
        virtual_clock.advance(timedelta(days=30))
    store.remember("My mother moved to Evora.")
    store.embed_now()
    assert changes(store) == [["Braga", "Faro", "Evora"], ["Porto", "Lisbon"]]


@ON_BOTH
def test_a_chain_outlives_an_edit_and_a_false_alarm_leaves_it(
    open_store: OpenStore, virtual_clock: VirtualClock
) -> None:
    store = open_store()
    memories = []
    for words in ("I live in Porto.", "I live in Lisbon.", "I moved to Faro."):
        memories.append(store.remember(words))
        virtual_clock.advance(timedelta(days=100))
    store.embed_now()
    store.resolve_chain(store.conflicts()[0].id, "newer")
    store.edit(memories[0].id, "I live in Porto, near the river.")
    store.embed_now()
    [chain] = store.conflict_chains(("newer",))
    assert [memory.id for memory, _ in chain.statements] == [memory.id for memory in memories]
    store.resolve(chain.id, "dismissed")
    assert [len(one.statements) for one in store.conflict_chains(("newer", "dismissed"))] == [2, 2]
    store.forget(memories[2].id)
    assert store.conflict_chain(chain.id).links[0].state == "dismissed"
