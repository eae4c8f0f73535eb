"""A memory moves to a server and back, row by row the same, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.database import dialects
from memory_store.errors import InvalidInput, StoreDamaged
from memory_store.interchange.moving import move
from memory_store.schema import metadata
from tests.fakes import HashedWords
from tests.postgres import Server

SAID = [
    NewTurn(f"turn {number} about the river, {number % 7} boats 上海", ("user", "ana")[number % 2], f"c{number % 3}")
    for number in range(60)
]


def opened(place: str | Path, clock: VirtualClock) -> MemoryStore:
    return MemoryStore.open(place, clock=clock, embedder=HashedWords(), indexing="manual")


def lived_in(place: str | Path, clock: VirtualClock) -> None:
    """Every table has rows in it, and numbers are missing everywhere."""
    with opened(place, clock) as store:
        store.remember_many(SAID)
        store.index_now()
        second, *_, first = store.memories(newest_first=False)[1:40]
        store.edit(first.id, "edited 'once' \\ ferry \0")
        store.pin(second.id)
        store.forget(second.id)
        hits = store.recall("river boats")
        reply = store.remember(
            "They said so.", speaker="assistant", conversation="c1", recalled=hits, in_prompt=[first.id]
        )
        store.feedback(reply.id, hits[0].memory.id, "helpful")
        store.rename_conversation("c1", "Boats")
        store.rename_conversation("c1", "More boats")
        store.branch(store.history("c2")[3].id)
        last = store.remember("a secret said last")
        store.purge([last.id])
        store.remember("never embedded", said_at=datetime(2020, 1, 1))
        store.undo()
        clock.advance(timedelta(hours=1))


def shown(place: str | Path, clock: VirtualClock) -> object:
    """What a person can see of it all; but for the move itself."""
    with opened(place, clock) as store:
        store.embed_now()
        memories = store.memories(forgotten=None)
        acts = [act for act in store.acts(None) if act.kind != "migrate"]
        found = [(hit.memory, pytest.approx(hit.score, rel=1e-6)) for hit in store.recall("river boats 上海")]
        assert store.check().ok, store.check().problems
        return (
            memories,
            [store.revisions(one.id) for one in memories],
            [store.recalled_for(one.id) for one in memories],
            store.conversations(archived=None, deleted=None),
            store.feedback_given(),
            acts,
            found,
        )


def test_there_and_back(postgres: Server, tmp_path: Path, virtual_clock: VirtualClock) -> None:
    home, server, back = tmp_path / "home", postgres.url("moving_there"), tmp_path / "back"
    lived_in(home, virtual_clock)
    with opened(home, virtual_clock) as store, store._database.read() as connection:
        counts = {table.name: _count(connection, table.name) for table in metadata.sorted_tables}
    told: list[tuple[int, int]] = []
    with opened(server, virtual_clock) as store:  # an empty one, in use
        store.begin_conversation(title="begun")
        store.index_now()
    there = move(home, server, actor="memory migrate", progress=lambda *at: told.append(at))
    returned = move(server, back)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0
    assert "s3cret" not in there.target
    tables = {one.table: one for one in there.tables}
    assert {name: tables[name].rows for name in counts if name != "meta"} == {
        n: c for n, c in counts.items() if n != "meta"
    }
    assert (
        min(tables[name].rows for name in ("turns", "revisions", "ledger", "vectors", "titles", "feedback", "acts")) > 0
    )
    same = [one for one in returned.tables if one.table not in {"acts", "meta"}]
    assert {one.table: one.sha256 for one in same} == {one.table: tables[one.table].sha256 for one in same}
    first = shown(home, virtual_clock)
    assert first == shown(server, virtual_clock)
    assert first == shown(back, virtual_clock)
    given = []
    for place in (home, server, back):
        with opened(place, virtual_clock) as store:
            given.append(_numbered(store, store.remember("the next one").id))
            assert [act.kind for act in store.audit(limit=2)][-1] in {"undo", "migrate", "note"}
    assert len(set(given)) == 1, "no number is given again anywhere"


def test_into_what_is_not_empty_nothing_moves(postgres: Server, tmp_path: Path, virtual_clock: VirtualClock) -> None:
    for place in (tmp_path / "one", tmp_path / "two"):
        with opened(place, virtual_clock) as store:
            store.remember("words")
    with pytest.raises(InvalidInput, match="holds memories already"):
        move(tmp_path / "one", tmp_path / "two")
    with pytest.raises(InvalidInput, match="where the memory is already"):
        move(tmp_path / "one", tmp_path / "one")


def test_what_breaks_off_leaves_an_empty_target_and_can_be_done_again(
    postgres: Server, tmp_path: Path, virtual_clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, server = tmp_path / "home", postgres.url("moving_again")
    lived_in(home, virtual_clock)
    before = (home / "memory.db").read_bytes()

    def stop(done: int, total: int) -> None:
        if done > total // 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(home, server, progress=stop)
    with opened(server, virtual_clock) as store:
        assert store.memories() == []

    with monkeypatch.context() as patched:
        real = dialects.of

        class Losing:
            """A server that changes a word on its way."""

            def __init__(self, inner: Any) -> None:
                self._inner = inner

            def __getattr__(self, name: str) -> Any:
                return getattr(self._inner, name)

            def fill(self, connection: Connection, table: str, columns: Any, rows: Any) -> None:
                changed = [(*row[:-1], 7) if table == "turns" and row[0] == 20 else row for row in rows]
                self._inner.fill(connection, table, columns, changed)

        patched.setattr(dialects, "of", lambda connection: Losing(real(connection)))
        with pytest.raises(StoreDamaged, match="of turns did not arrive"):
            move(home, server)
    move(home, server)
    assert (home / "memory.db").read_bytes() == before
    assert shown(home, virtual_clock) == shown(server, virtual_clock)


def _count(connection: Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def _numbered(store: MemoryStore, id: str) -> int:
    with store._database.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT seq FROM turns WHERE id = '{id}'").scalar_one())
