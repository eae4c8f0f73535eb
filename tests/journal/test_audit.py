"""The audit says what was done and what was read, and nobody can make it say something else unseen."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from memory_store import MemoryStore, VirtualClock
from memory_store.errors import AmbiguousId
from memory_store.interchange import export_jsonl
from memory_store.journal.acts import AuditFilter
from tests.conftest import ON_BOTH, OpenStore

pytestmark = ON_BOTH


def kinds(store: MemoryStore, **wanted: object) -> list[str]:
    return [entry.kind for entry in store.audit(AuditFilter(**wanted))]  # type: ignore[arg-type]


def lived(store: MemoryStore, clock: VirtualClock) -> tuple[str, str, str]:
    """A memory that was recalled for a reply, another that was pinned in its prompt, and the reply."""
    cat = store.remember("My cat is called Miso.", conversation="c")
    pinned = store.remember("Answer in French.")
    store.pin(pinned.id)
    clock.advance(timedelta(hours=1))
    found = store.recall("What is my cat called?")
    recalled = [hit for hit in found if hit.memory.id == cat.id]
    reply = store.remember(
        "Miso.", speaker="assistant", conversation="c", recalled=recalled, in_prompt=[cat.id],
        numbers={pinned.id: 1, cat.id: 2}, cited=[cat.id],
    )  # fmt: skip
    clock.advance(timedelta(hours=1))
    store.edit(cat.id, "My cat is called Momo.")
    return cat.id, pinned.id, reply.id


def test_what_was_done_and_what_was_read(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    with open_store(actor="app") as store:
        cat, pinned, reply = lived(store, virtual_clock)
        export_jsonl(store, io.StringIO())
        assert kinds(store) == ["export", "edit", "read", "pin", "note"]
        [read] = store.audit(AuditFilter(kind="read"))
        assert (read.actor, read.reply, set(read.subjects)) == ("app", reply, {cat, pinned})
        noon = virtual_clock() - timedelta(hours=1, minutes=30)
        assert kinds(store, since=noon) == ["export", "edit", "read"]
        assert kinds(store, until=noon) == ["pin", "note"]
        assert kinds(store, memory=cat) == ["edit", "read"]
        assert kinds(store, memory=pinned[:6]) == ["read", "pin", "note"]
        assert kinds(store, memory=reply) == ["read"]
        assert kinds(store, kind="pin", actor="app") == ["pin"]
        assert kinds(store, actor="ask") == []
        assert [entry.kind for entry in store.audit(limit=2)] == ["export", "edit"]


def test_a_pinned_memory_in_a_prompt_was_read_but_not_recalled(
    open_store: OpenStore, virtual_clock: VirtualClock
) -> None:
    with open_store() as store:
        cat, pinned, reply = lived(store, virtual_clock)
        assert [entry.memory_id for entry in store.recalled_for(reply)] == [cat]
        assert store.used_in(pinned) == []
        assert [turn.id for turn in store.used_in(cat)] == [reply]


def test_a_purged_memory_is_still_known_by_its_whole_id(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    with open_store() as store:
        cat, _, reply = lived(store, virtual_clock)
        store.purge([cat])
        assert kinds(store, memory=cat) == ["purge", "edit", "read"]
        assert kinds(store, memory=cat[:8]) == []
        store.purge([reply])
        assert kinds(store, memory=cat) == ["purge", "edit"]


def test_an_ambiguous_beginning_is_refused(open_store: OpenStore) -> None:
    with open_store(ids=iter(["abcd1", "abcd2"]).__next__) as store:
        store.remember("one")
        store.remember("two")
        with pytest.raises(AmbiguousId):
            store.audit(AuditFilter(memory="abcd"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE acts SET subjects = '[]' WHERE seq = 1",
        "DELETE FROM acts",
        "UPDATE ledger SET memory_id = 'other'",
        "DELETE FROM ledger",
    ],
)
def test_the_database_refuses_to_rewrite_it(
    open_store: OpenStore, virtual_clock: VirtualClock, past_the_store: Callable[..., Any], change: str
) -> None:
    with open_store() as store:
        lived(store, virtual_clock)
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        past_the_store(change)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE acts SET subjects = '[]' WHERE seq = 2", "act 2 of the audit, or the one before it, was altered"),
        ("DELETE FROM acts WHERE seq = 2", "lacks acts 2 to 2"),
        ("DELETE FROM acts WHERE seq = 3", "lacks acts 3 to 3"),
        ("SELECT 1", "is not guarded: the database lacks acts_no_update, acts_no_delete"),
    ],
)
def test_what_was_changed_past_the_store_shows_in_a_check(
    open_store: OpenStore,
    virtual_clock: VirtualClock,
    past_the_store: Callable[..., list[tuple[str]]],
    kind_of_database: str,
    change: str,
    told: str,
) -> None:
    with open_store() as store:
        lived(store, virtual_clock)
        assert store.check().ok
    if kind_of_database == "sqlite":
        guards = past_the_store("SELECT sql FROM sqlite_master WHERE name LIKE 'acts_no_%'")
        off, on = ["DROP TRIGGER acts_no_update", "DROP TRIGGER acts_no_delete"], [sql for (sql,) in guards]
    else:
        off, on = (
            [f"ALTER TABLE acts {how} TRIGGER acts_no_{what}" for what in ("update", "delete")]
            for how in ("DISABLE", "ENABLE")
        )
    past_the_store(*off, change, *([] if "SELECT" in change else on))
    with open_store() as store:
        report = store.check()
        assert not report.ok
        assert any(told in problem for problem in report.problems), report.problems
