"""What was done is taken back, in order, by any process; and what cannot be is refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from memory_store import MemoryStore, NewTurn, PrunePolicy, VirtualClock
from memory_store.errors import CannotUndo, InvalidInput
from memory_store.interchange import export_file, import_file
from memory_store.journal.changes import numbers, ranges
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH


def everything(store: MemoryStore) -> object:
    """What a person can see of it all."""
    return (
        [(turn.id, turn.text, turn.pinned, turn.forgotten) for turn in store.memories(forgotten=None)],
        store.conversations(archived=None, deleted=False),
    )


def test_the_last_act_of_every_kind(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    """Each act, taken back, leaves what was there before it; done again, what it had made of it."""
    with open_store() as store:
        turn = store.remember("I live in Lisbon.", conversation="home")
        note = store.remember("The key is with Ana.")
        acts = {
            "edit": lambda: store.edit(turn.id, "I live in Porto."),
            "pin": lambda: store.pin(turn.id),
            "unpin": lambda: store.unpin(turn.id),
            "prune": lambda: store.apply(store.plan_prune(PrunePolicy(matching="key"))),
            "restore": lambda: store.restore(note.id),
            "forget": lambda: store.forget(note.id),
            "rename_conversation": lambda: store.rename_conversation("home", "Where I live"),
            "archive_conversation": lambda: store.archive_conversation("home"),
            "unarchive_conversation": lambda: store.unarchive_conversation("home"),
            "branch_conversation": lambda: store.branch(turn.id),
            "delete_conversation": lambda: store.delete_conversation("home"),
            "restore_conversation": lambda: store.restore_conversation("home"),
        }
        states = []
        for act in acts.values():
            states.append(everything(store))
            virtual_clock.advance(timedelta(minutes=1))
            act()
        states.append(everything(store))
        assert all(one != other for one, other in pairwise(states))
        kinds = [act.kind for act in store.acts()]
        assert kinds == [*reversed(acts), "note"]
        for kind, before in zip(reversed(acts), reversed(states[:-1]), strict=True):
            virtual_clock.advance(timedelta(minutes=1))
            (back,) = store.undo()
            assert (back.act.kind, back.gone) == (kind, 0)
            assert everything(store) == before
        for kind, after in zip(acts, states[1:], strict=True):
            virtual_clock.advance(timedelta(minutes=1))
            (again,) = store.redo()
            assert again.act.kind == kind
            assert everything(store) == after
        assert store.redo() == []
        assert [back.act.kind for back in store.undo(len(acts))] == [*reversed(acts)]
        assert everything(store) == states[0]
        store.index_now()
        assert store.check().ok


def test_undone_acts_are_passed_over_and_a_redo_can_be_undone(open_store: OpenStore) -> None:
    with open_store() as store:
        turn = store.remember("one", conversation="c")
        store.pin(turn.id)
        store.edit(turn.id, "two")
        assert store.undo()[0].memories[0].text == "one"
        assert store.undo()[0].memories[0].pinned is False
        assert store.undo() == []
        store.redo()
        store.redo()
        assert (store.get(turn.id).text, store.get(turn.id).pinned) == ("two", True)
        assert [back.act.kind for back in store.undo(9)] == ["edit", "pin"]
        assert [act.kind for act in store.acts()] == ["undo", "undo", "redo", "redo", "undo", "undo", "edit", "pin"]
        assert [act.undone for act in store.acts()[-2:]] == [True, True]
        store.edit(turn.id, "three")
        assert [back.act.kind for back in store.undo(9)] == ["edit"]
        assert [turn.text for turn in store.revisions(turn.id)] == ["one", "two", "one", "two", "one", "three"]


def test_it_survives_the_process_and_knows_who_did_it(open_store: OpenStore) -> None:
    with open_store(actor="app") as store:
        first, second = store.remember("one", conversation="c"), store.remember("two", conversation="c")
        store.forget(first.id)
    with open_store(actor="memory pin") as store:
        store.pin(second.id)
        assert [(act.kind, act.actor) for act in store.acts()] == [("pin", "memory pin"), ("forget", "app")]
        assert [act.kind for act in store.acts(actor="app")] == ["forget"]
        (back,) = store.undo(actor="app")
        assert (back.act.kind, [turn.id for turn in back.memories]) == ("forget", [first.id])
        assert store.undo(actor="app") == []
        assert store.get(second.id).pinned


def test_what_something_newer_stands_on_says_what_to_undo_first(open_store: OpenStore) -> None:
    with open_store() as store:
        turn = store.remember("one", conversation="c")
        store.edit(turn.id, "two")
        store.edit(turn.id, "three")
        older, newer = store.acts()[1].number, store.acts()[0].number
        with pytest.raises(CannotUndo, match=f"before act {newer} .*undo --act {newer}"):
            store.undo(acts=[older])
        assert store.get(turn.id).text == "three"
        store.undo(acts=[newer])
        assert store.undo(acts=[older])[0].memories[0].text == "one"
        for number, why in ((older, "already"), (newer + 1, "itself an undo"), (999, "no act 999")):
            with pytest.raises(CannotUndo, match=why):
                store.undo(acts=[number])
        store.redo(acts=[older])
        with pytest.raises(CannotUndo, match="stands"):
            store.redo(acts=[older])
        with pytest.raises(InvalidInput):
            store.undo(0)


def test_a_purge_is_final_and_not_passed_over(open_store: OpenStore) -> None:
    with open_store() as store:
        kept, gone = store.remember("stays", conversation="c"), store.remember("goes", conversation="c")
        store.pin(kept.id)
        store.pin(gone.id)
        store.apply(store.plan_prune(PrunePolicy(older_than=timedelta(0), keep_last=5)))
        for turn in (kept, gone):
            store.forget(turn.id)
        forgetting = store.acts()[0].number
        store.purge([gone.id])
        with pytest.raises(CannotUndo, match="erased for good"):
            store.undo()
        with pytest.raises(CannotUndo, match="purged since"):
            store.undo(acts=[forgetting])
        (back,) = store.undo(acts=[forgetting - 1])
        assert (back.memories[0].id, back.memories[0].forgotten) == (kept.id, False)


def test_a_prune_of_which_some_was_purged_brings_the_rest_back(
    open_store: OpenStore, virtual_clock: VirtualClock
) -> None:
    with open_store() as store:
        turns = store.remember_many([NewTurn(f"turn {number}", conversation="c") for number in range(30)])
        virtual_clock.advance(timedelta(days=1))
        store.apply(store.plan_prune(PrunePolicy(older_than=timedelta(0))))
        prune = store.acts()[0]
        assert set(prune.subjects) == {turn.id for turn in turns}
        store.purge([turn.id for turn in turns[:4]])
        (back,) = store.undo(acts=[prune.number])
        assert (back.changed, back.gone, len(back.memories)) == (26, 4, 20)
        assert len(store.memories()) == 26


def test_an_import_is_one_act(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store("source") as store:
        for number in range(700):
            store.remember(f"turn {number}", conversation=f"talk {number % 3}")
        store.remember("a note")
        export_file(store, tmp_path / "out.jsonl")
    with open_store("target") as store:
        mine = store.remember("mine", conversation="talk 0")
        import_file(store, tmp_path / "out.jsonl")
        (act,) = store.acts()
        assert (act.kind, len(act.subjects)) == ("import", 701)
        (back,) = store.undo()
        assert back.changed == 701
        assert store.memories() == [mine]
        assert [thread.id for thread in store.conversations()] == ["talk 0"]  # something else was said in it
        again = import_file(store, tmp_path / "out.jsonl")
        assert (again.turns_new, again.turns_known) == (0, 701)
        assert any("701 memories were forgotten here" in note for note in again.notes)
        store.redo()
        assert len(store.memories()) == 702
        assert len(store.conversations()) == 3


def test_several_acts_as_one(open_store: OpenStore) -> None:
    with open_store() as store:
        with store.as_one_act():
            note = store.remember("Always answer in French.")
            with pytest.raises(InvalidInput):
                store.edit(note.id, " ")
            store.pin(note.id)
        (act,) = store.acts()
        assert (act.kind, act.subjects) == ("note", (note.id,))
        store.undo()
        assert (store.get(note.id).pinned, store.get(note.id).forgotten) == (False, True)
        store.redo()
        assert (store.get(note.id).pinned, store.get(note.id).forgotten) == (True, False)


def test_a_dry_run_changes_nothing(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store() as store:
        turn = store.remember("one", conversation="c")
        store.edit(turn.id, "two")
        before = everything(store)
        assert store.undo(dry_run=True)[0].memories[0].text == "one"
        assert everything(store) == before
        assert [act.kind for act in store.acts()] == ["edit"]


def test_acts_hold_no_words(open_store: OpenStore, past_the_store: Callable[..., Any]) -> None:
    with open_store() as store:
        turn = store.remember("quokka", conversation="c")
        store.edit(turn.id, "wombat")
        store.rename_conversation("c", "capybara")
        store.undo(2)
    rows = str(past_the_store("SELECT * FROM acts"))
    assert not any(word in rows for word in ("quokka", "wombat", "capybara"))


def test_runs_of_numbers() -> None:
    assert ranges([5, 1, 2, 3, 9]) == ((1, 3), (5, 5), (9, 9))
    assert numbers(ranges([5, 1, 2, 3, 9])) == [1, 2, 3, 5, 9]
    assert ranges([]) == ()


def test_edits_and_renames_in_a_row(open_store: OpenStore) -> None:
    """A wording that was undone to is a new revision: what came before it is taken back all the same."""
    with open_store() as store:
        turn = store.remember("one", conversation="c")
        for text in ("two", "three", "two"):
            store.edit(turn.id, text)
            store.rename_conversation("c", text)
        said = [(store.get(turn.id).text, store.conversation("c").title)]
        while store.undo():
            said.append((store.get(turn.id).text, store.conversation("c").title))
        assert said == [
            ("two", "two"), ("two", "three"), ("three", "three"), ("three", "two"), ("two", "two"), ("two", "two"),
            ("one", "one"),
        ]  # fmt: skip
        assert len(store.redo(9)) == 6
        assert (store.get(turn.id).text, store.conversation("c").title) == ("two", "two")


def test_words_asked_in_others_go_with_their_answer(open_store: OpenStore) -> None:
    with open_store() as store:
        asked = store.remember("Which ferry?", conversation="talk")
        old = store.remember("The blue one.", speaker="assistant", conversation="talk")
        better = store.remember("Which ferry at nine?", conversation="talk", instead_of=[asked.id, old.id])
        new = store.remember("The green one.", speaker="assistant", conversation="talk")
        assert [turn.id for turn in store.history("talk")] == [better.id, new.id]
        (back,) = store.undo()
        assert (back.act.kind, back.changed) == ("discard", 4)
        assert [turn.id for turn in store.history("talk")] == [asked.id, old.id]
        store.redo()
        assert [turn.id for turn in store.history("talk")] == [better.id, new.id]


def test_feedback(open_store: OpenStore) -> None:
    with open_store() as store:
        fact = store.remember("The ferry leaves at nine.", conversation="talk")
        reply = store.remember("At nine.", speaker="assistant", conversation="talk")
        store.feedback(reply.id, fact.id, "helpful")
        store.feedback(reply.id, fact.id, "wrong")
        store.feedback(reply.id, fact.id, "wrong")
        store.undo()
        assert [given.signal for given in store.feedback_given()] == ["helpful"]
        store.undo()
        assert store.feedback_given() == []
        assert store.undo() == []
