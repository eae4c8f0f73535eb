"""What ties memories together leaves with an export and comes back with an import, on both kinds of database."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.interchange import export_file, import_file
from memory_store.learning.labels import CITED, HELPFUL, OPENED, PINNED
from memory_store.records import ConflictState, NewDerived, Turn
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH

OLD, NEW = "My sister lives in Porto.", "My sister moved to Lisbon."


def asked(store: MemoryStore, words: str, thread: str, *, cited: tuple[str, ...] = ()) -> Turn:
    """A question and a reply to it, with what was recalled for it."""
    store.remember(words, conversation=thread)
    found = store.recall(words, limit=5)
    numbers = {item.memory.id: number for number, item in enumerate(found, start=1)}
    reply = "So I recall."
    return store.remember(reply, speaker="assistant", conversation=thread, recalled=found, numbers=numbers, cited=cited)


def lived(store: MemoryStore) -> dict[str, str]:
    """A memory with a tie of every kind: name -> id."""
    old, new = (store.remember(words, conversation=thread) for thread, words in (("a", OLD), ("b", NEW)))
    key = store.remember("The spare key is with Ana.")
    store.embed_now()
    [found] = store.conflicts()
    store.resolve(found.id, "newer")
    reply = asked(store, "Where is the spare key?", "c", cited=(key.id,))
    store.feedback(reply.id, new.id, "helpful")
    store.pin(key.id)
    store.opened("spare key", key.id)
    note = store.keep_derived(
        [NewDerived("fact", "The user's sister lives in Lisbon.", (old.id, new.id))], model="tiny", through=new.id
    )[0]
    return {"old": old.id, "new": new.id, "key": key.id, "reply": reply.id, "note": note.id}


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_nothing_is_lost(open_store: OpenStore, file: Path) -> None:
    one, other = open_store("one"), open_store("other")
    ids = lived(one)
    export_file(one, file)
    kinds = [line.get("type") for line in lines(file)]
    assert kinds[-7:] == ["recalled", "mark", "search", "contradiction", "derived", "consolidated", "end"]
    report = import_file(other, file)
    assert report.notes == (
        "With them came 1 record of what was recalled for a reply, 1 mark, 1 search, 1 contradiction, 1 derived note.",
    )
    [decided] = other.conflicts(["newer"])
    assert (decided.older.id, decided.newer.id) == (ids["old"], ids["new"])
    assert (decided.older_value, decided.newer_value) == ("Porto", "Lisbon")
    assert other.superseded([ids["old"]])[ids["old"]].by == ids["new"]
    [drawn] = other.derived()
    assert (drawn.note.id, drawn.kind, drawn.model) == (ids["note"], "fact", "tiny")
    assert {source.id for source in drawn.sources} == {ids["old"], ids["new"]}
    assert ids["note"] not in {item.memory.id for item in other.recall("Where does my sister live?")}
    assert [(entry.memory_id, entry.cited) for entry in other.recalled_for(ids["reply"])] == [
        (entry.memory_id, entry.cited) for entry in one.recalled_for(ids["reply"])
    ]
    assert other.labels_given().sources == one.labels_given().sources == {CITED: 1, HELPFUL: 1, OPENED: 1}
    assert [turn.id for turn in other.unconsolidated()] == [turn.id for turn in one.unconsolidated()]
    again = import_file(other, file)
    assert (again.turns_new, again.notes) == (0, ())
    other.forget(ids["old"])  # what goes along with a source still does
    assert other.get(ids["note"]).forgotten


def test_a_pin_is_since_when_it_was(open_store: OpenStore, file: Path, virtual_clock: VirtualClock) -> None:
    """Pinned before the reply, or after it: only the latter says that it was wanted."""
    one, other = open_store("one"), open_store("other")
    before, after = one.remember("The ladder is in the shed."), one.remember("The spade is in the shed.")
    one.pin(before.id)
    virtual_clock.advance(timedelta(minutes=1))
    asked(one, "Where are the ladder and the spade?", "c")
    virtual_clock.advance(timedelta(minutes=1))
    one.pin(after.id)
    virtual_clock.advance(timedelta(minutes=1))
    export_file(one, file)
    import_file(other, file)
    [label] = other.labels_given().items
    assert (label.gold, label.sources) == ({after.id}, (PINNED,))


def test_what_is_forgotten_takes_its_ties_along(open_store: OpenStore, file: Path) -> None:
    store = open_store()
    ids = lived(store)
    store.forget(ids["key"])
    store.forget(ids["old"])
    export_file(store, file)
    named = file.read_text("utf-8")
    assert ids["key"] not in named
    assert [line.get("type") for line in lines(file)][-3:] == ["mark", "consolidated", "end"]
    export_file(store, file, forgotten=True)
    whole = open_store("whole")
    import_file(whole, file)
    assert whole.get(ids["note"]).forgotten
    whole.restore(ids["old"])
    assert not whole.get(ids["note"]).forgotten, "it was forgotten with its source"


@pytest.mark.parametrize("state", ["both", "dismissed"])
def test_a_decision_here_stands_and_an_open_question_is_answered(
    open_store: OpenStore, file: Path, state: ConflictState
) -> None:
    one, other = open_store("one"), open_store("other")
    lived(one)
    export_file(one, file)
    rows = lines(file)
    bare = [row for row in rows if row.get("type") in {None, "conversation", "memory", "end"}]
    bare[0]["version"] = 2
    older = [{name: value for name, value in row.items() if name != "pinned_at"} for row in bare]
    file.write_text("".join(json.dumps(row) + "\n" for row in older))
    assert import_file(other, file).turns_new == 6
    bare[0]["version"] = 3
    other.embed_now()
    [found] = other.conflicts(["open"])
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_file(other, file)
    assert [one.state for one in other.conflicts(["open", "newer"])] == ["newer"]
    other.undo()  # it was an act of the import
    assert [one.id for one in other.conflicts(["open"])] == [found.id]
    other.resolve(found.id, state)
    import_file(other, file)
    assert [one.state for one in other.conflicts(["newer", "both", "dismissed"])] == [state]


def test_what_was_found_in_other_words_is_found_no_more(open_store: OpenStore, file: Path) -> None:
    one, other = open_store("one"), open_store("other")
    old, new = (one.remember(words, conversation=thread) for thread, words in (("a", OLD), ("b", NEW)))
    one.embed_now()
    export_file(one, file)
    other.remember_many([NewTurn("I have no sister.", "user", "a", old.said_at, id=old.id)])
    import_file(other, file)
    assert other.conflicts(["open", "newer", "both", "dismissed"]) == []
    assert other.get(new.id).text == NEW


def test_ties_of_memories_that_are_not_here_are_counted(open_store: OpenStore, file: Path) -> None:
    store = open_store()
    rows = [
        {"format": "mneme-memory", "version": 3},
        {"type": "mark", "reply": "gone", "memory": "lost", "signal": "wrong", "at": "2026-01-01T00:00:00Z"},
        {"type": "search", "memory": "lost", "query": "key", "at": "2026-01-01T00:00:00Z"},
        {"type": "dream", "of": "sheep"},
        {"type": "end", "conversations": 0, "memories": 0},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert import_file(store, file).notes == (
        "1 line of a kind this mneme does not know ('dream') skipped.",
        "2 were left out: of memories that are neither in the file nor here.",
    )
