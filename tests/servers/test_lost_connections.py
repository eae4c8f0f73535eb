"""Every act gets through a connection that is lost in the middle of it, once: whatever it was lost at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from memory_store import MemoryStore, NewTurn, PrunePolicy, VirtualClock, faults
from memory_store.errors import ConnectionLost, StoreUnavailable
from memory_store.interchange import import_file, importing
from memory_store.postgresql import database as server_database
from memory_store.records import NewDerived
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.postgres import Server, running
from tests.servers.crashing import crashed_under

CUT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'mneme'"
KINDS = (
    "note edit pin unpin forget restore feedback discard rename_conversation branch_conversation archive_conversation"
    " delete_conversation restore_conversation resolve consolidate revoke_derived undo redo retention prune import"
    " export purge"
).split()
BEGUN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAILY = PrunePolicy(older_than=timedelta(days=300))


@pytest.fixture
def kind_of_database() -> str:
    return "postgresql"


@pytest.fixture
def own_server(postgres: Server) -> Iterator[Server]:
    with running() as server:
        yield server


def log_of(file: Path, turns: int) -> Path:
    """A file to import, with two conversations."""
    rows = [{"role": "user", "content": f"line {number}", "conversation": f"c{number % 2}"} for number in range(turns)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def a_life(store: MemoryStore, clock: VirtualClock, tmp_path: Path) -> None:
    """Every kind of act there is, each a transaction or more."""
    store.begin_conversation(id="talk", title="A talk")
    said = [store.remember(f"I live in {town}.", conversation="talk") for town in ("Oslo", "Rome")]
    notes = [store.remember(f"note {number}") for number in range(6)]
    store.index_now()
    reply = store.remember("In Rome.", speaker="assistant", conversation="talk", recalled=store.recall("Where?"))
    store.edit(notes[0].id, "note zero")
    store.pin(notes[1].id)
    store.unpin(notes[1].id)
    store.forget(notes[2].id)
    store.restore(notes[2].id)
    store.feedback(reply.id, said[0].id, "wrong")
    store.discard([notes[3].id])
    store.rename_conversation("talk", "Towns")
    store.branch(said[0].id)
    store.archive_conversation("talk")
    store.delete_conversation("talk")
    store.restore_conversation("talk")
    store.opened("towns", said[1].id)
    if store.conflicts():
        store.resolve(store.conflicts()[0].id, "newer")
    store.keep_derived([NewDerived("fact", "Lives in Rome.", (said[1].id,))], model="m", through=reply.id)
    store.revoke_derived()
    store.consolidate_again()
    store.undo(2)
    store.redo()
    store.remember_many((NewTurn(f"many {number}") for number in range(6)), batch=2)
    clock.advance(timedelta(days=400))
    store.prune_if_due(DAILY)
    store.undo()
    store.apply(store.plan_prune(DAILY))
    import_file(store, log_of(tmp_path / "log.jsonl", 60))
    store.undo()
    store.note_act("export")
    store.purge([notes[4].id])
    store.rebuild()
    store.index_now()


def told(store: MemoryStore) -> list[Any]:
    """What is there, without ids and times."""
    return [
        [(act.kind, len(act.subjects), act.undone) for act in store.acts(limit=None)],
        [(entry.kind, len(entry.subjects)) for entry in store.audit()],
        [(turn.text, turn.speaker, turn.pinned, turn.forgotten) for turn in store.memories(forgotten=None)],
        [(talk.title, talk.turns, talk.deleted) for talk in store.conversations(archived=None, deleted=None)],
        [(one.older.text, one.newer.text, one.state) for one in store.conflicts(("open", "newer"))],
        store.check().problems,
    ]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 25)


@pytest.fixture(scope="module")
def untroubled(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What such a life leaves in a folder."""
    clock, folder = VirtualClock(BEGUN), tmp_path_factory.mktemp("untroubled")
    with (
        pytest.MonkeyPatch.context() as patched,
        MemoryStore.open(folder / "store", clock=clock, embedder=HashedWords(), indexing="manual") as store,
    ):
        patched.setattr(importing, "BATCH", 25)
        a_life(store, clock, folder)
        return told(store)


@pytest.mark.parametrize("answer", ["before the server has committed", "after it"])
def test_every_act_is_done_once(
    open_store: OpenStore,
    virtual_clock: VirtualClock,
    postgres: Server,
    tmp_path: Path,
    untroubled: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    """The connection is lost at the end of every transaction that writes; each is as it would have been without."""
    store = open_store()
    lost = 0

    class Unlucky(psycopg.Connection[Any]):
        def commit(self) -> None:
            nonlocal lost
            lost += 1
            if answer == "after it":
                super().commit()
            elif lost % 2:
                network.execute(b"SELECT pg_terminate_backend(%s, 5000)", (self.info.backend_pid,))
            if answer == "after it" or lost % 2:
                self.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            super().commit()

    store._database.engine.dispose()
    with postgres.connect() as network, monkeypatch.context() as patched:
        patched.setattr(psycopg, "connect", Unlucky.connect)
        a_life(store, virtual_clock, tmp_path)
        store._database.engine.dispose()
    assert lost > 40
    assert told(store) == untroubled
    assert {kind for kind, *_ in untroubled[0]} >= set(KINDS)


def test_a_server_that_crashes_under_every_kind_of_act(own_server: Server) -> None:
    """Each thread changes notes of its own and takes things back, while the server crashes and comes back, twice. What
    was acknowledged is there, and is in the audit once."""
    done: list[str] = []
    with MemoryStore.open(own_server.url("restart", pool_size="4"), indexing="off", embedder=HashedWords()) as store:

        def change(note: str, enough: Callable[[], bool]) -> None:
            while not enough():
                for kind, act in (
                    ("edit", lambda: store.edit(note, f"wording {len(done)} of {note}")),
                    ("forget", lambda: store.forget(note)),
                    ("restore", lambda: store.restore(note)),
                    ("pin", lambda: store.pin(note)),
                    ("unpin", lambda: store.unpin(note)),
                ):
                    act()
                    done.append(f"{kind} {note}")

        notes = [store.remember(f"note {number}").id for number in range(3)]
        crashed_under(own_server, [partial(change, note) for note in notes], done, between=15)
        audited = [f"{act.kind} {act.subjects[0]}" for act in store.acts(limit=None) if act.kind != "note"]
        assert sorted(audited) == sorted(done)
        assert [len(store.revisions(note)) for note in notes] == [done.count(f"edit {note}") for note in notes]
        assert store.check().ok


def test_an_import_on_which_the_server_crashes(own_server: Server, tmp_path: Path) -> None:
    """It goes on in the middle, and is one act."""
    file = log_of(tmp_path / "log.jsonl", 200)
    with MemoryStore.open(own_server.url("importing"), indexing="off", embedder=HashedWords()) as store:
        crashes = iter([50, 100])
        at = next(crashes)

        def crash(written: int, total: int) -> None:
            nonlocal at
            if written == at:
                at = next(crashes, 0)
                own_server.stop()
                own_server.start()

        assert import_file(store, file, progress=crash).turns_new == 200
        assert len(store.memories()) == 200
        assert [act.kind for act in store.acts()] == ["import"]
        assert import_file(store, file).turns_new == 0


def test_a_purge_that_loses_the_server_says_what_is_done(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_database, "PATIENCE_S", 0.3)
    with MemoryStore.open(own_server.url("purging"), indexing="manual", embedder=HashedWords()) as store:
        gone = store.remember("the quokka sleeps in the harbour")
        store.remember("something else")
        store.index_now()
        reached = faults.reached
        monkeypatch.setattr(faults, "reached", lambda at: own_server.stop() if at == "purge:erased" else reached(at))
        with pytest.raises(StoreUnavailable, match=r"^Erased: 1\. But .* went away before .* clears them\.$"):
            store.purge([gone.id])
        monkeypatch.setattr(faults, "reached", reached)
        own_server.start()
        assert [turn.text for turn in store.memories()] == ["something else"]
    with MemoryStore.open(own_server.url("purging"), indexing="manual", embedder=HashedWords()) as store:
        store.index_now()
        assert own_server.run("SELECT value FROM purging.meta WHERE key = 'index_rebuild_wanted'") == [("0",)]


def test_a_commit_of_which_nobody_can_tell(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is lost in the very commit and stays away: it is not said that nothing was done."""
    monkeypatch.setattr(server_database, "PATIENCE_S", 0.3)
    with MemoryStore.open(own_server.url("unknown"), indexing="off", embedder=HashedWords()) as store:
        note = store.remember("before")
        reached = faults.reached
        monkeypatch.setattr(faults, "reached", lambda at: own_server.stop() if at == "commit:before" else reached(at))
        with pytest.raises(StoreUnavailable, match="may be there or not: look before you do it again") as raised:
            store.edit(note.id, "after")
        assert not isinstance(raised.value, ConnectionLost)
        monkeypatch.setattr(faults, "reached", reached)
        own_server.start()
        assert store.get(note.id).text == "before"
