"""Turns that others take the place of, and what the user thinks of what was recalled for a reply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from memory_store import VirtualClock
from memory_store.episodic import writing
from memory_store.errors import InvalidInput, UnknownId
from memory_store.journal.keeping import Journal
from memory_store.records import PrunePolicy
from tests.conftest import ON_BOTH, OpenStore
from tests.store.test_kill import victim

pytestmark = ON_BOTH


def test_a_reply_made_anew_takes_the_place_of_the_old_one(open_store: OpenStore) -> None:
    store = open_store()
    asked = store.remember("Which ferry?", conversation="talk")
    old = store.remember("The blue ferry.", speaker="assistant", conversation="talk")
    new = store.remember("The green ferry.", speaker="assistant", conversation="talk", instead_of=[old.id])
    assert [turn.id for turn in store.history("talk")] == [asked.id, new.id]
    assert [hit.memory.id for hit in store.recall("blue ferry")].count(old.id) == 0
    assert store.get(old.id).forgotten
    store.discard([new.id], restoring=[old.id])
    assert [turn.id for turn in store.history("talk")] == [asked.id, old.id]
    store.discard([old.id], restoring=[new.id])
    assert [turn.id for turn in store.history("talk")] == [asked.id, new.id]


def test_what_was_recalled_for_a_discarded_reply_no_longer_counts_as_used(
    open_store: OpenStore, virtual_clock: VirtualClock
) -> None:
    store = open_store()
    fact = store.remember("The ferry leaves at nine.")
    hits = store.recall("When does the ferry leave?")
    reply = store.remember("At nine.", speaker="assistant", conversation="t", recalled=hits, in_prompt=[fact.id])

    def strength() -> float:
        plan = store.plan_prune(PrunePolicy(weaker_than=1.0, matching="leaves"))
        return plan.rows[0].strength

    virtual_clock.advance(timedelta(days=300))
    used = strength()
    store.discard([reply.id])
    assert strength() < used
    store.restore(reply.id)
    assert strength() == used


@pytest.mark.parametrize(("where", "breaks"), [(writing, "set_flag"), (Journal, "note")])
def test_either_both_happen_or_neither(
    open_store: OpenStore, where: object, breaks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    old = store.remember("The old reply.", speaker="assistant", conversation="talk")

    def fails(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(where, breaks, fails)
    with pytest.raises(RuntimeError):
        store.remember("The new reply.", speaker="assistant", conversation="talk", instead_of=[old.id])
    monkeypatch.undo()
    assert [turn.text for turn in store.history("talk")] == ["The old reply."]


def test_to_take_the_place_of_nothing_known_keeps_nothing(open_store: OpenStore) -> None:
    store = open_store()
    with pytest.raises(UnknownId):
        store.remember("New.", conversation="talk", instead_of=["nowhere"])
    assert store.memories() == []


def test_killed_at_any_instant_a_conversation_has_one_reply(
    open_store: OpenStore, store_place: Callable[[str], Path | str]
) -> None:
    """A process that makes the reply anew without end, killed three times."""
    folder = store_place("store")
    with open_store() as store:
        store.remember("Which ferry?", conversation="talk")
        store.remember("Reply 0.", speaker="assistant", conversation="talk")
    for lines in (1, 9, 23):
        with victim(folder, "replace") as process:
            for _ in range(lines):
                last = process.stdout.readline().strip()
            process.kill()
            last = [last, *process.stdout.read().split()][-1]
        with open_store() as store:
            [question, reply] = store.history("talk")
            assert question.text == "Which ferry?"
            positions = {turn.id: turn.position for turn in store.memories(forgotten=None, notes=False)}
            assert positions[reply.id] - positions[last] in (0, 1)


def test_feedback_is_kept_and_its_last_word_counts(open_store: OpenStore) -> None:
    store = open_store()
    fact = store.remember("The ferry leaves at nine.")
    reply = store.remember("At nine.", speaker="assistant", conversation="talk")
    store.feedback(reply.id, fact.id, "helpful")
    store.feedback(reply.id, fact.id, "wrong")
    [given] = store.feedback_given(reply.id)
    assert (given.reply_id, given.memory_id, given.signal, given.at) == (reply.id, fact.id, "wrong", store.clock())
    store.feedback(reply.id, fact.id, None)
    assert store.feedback_given() == []
    with pytest.raises(InvalidInput):
        store.feedback(reply.id, fact.id, "nice")  # type: ignore[arg-type]
    with pytest.raises(UnknownId):
        store.feedback(reply.id, "nowhere", "wrong")


@pytest.mark.parametrize("purged", ["memory", "reply"])
def test_feedback_goes_with_what_is_purged(open_store: OpenStore, purged: str) -> None:
    store = open_store()
    fact = store.remember("The ferry leaves at nine.")
    reply = store.remember("At nine.", speaker="assistant", conversation="talk")
    store.feedback(reply.id, fact.id, "helpful")
    assert not store.purge([fact.id if purged == "memory" else reply.id]).traces
    assert store.feedback_given() == []
