"""What only a server can do to a memory: refuse, restart, go away at the worst moment, be shared by many."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore
from memory_store.database.migrating import HEAD
from memory_store.database.server_urls import is_server, shown
from memory_store.errors import ConnectionLost, InvalidInput, StoreTooNew, StoreUnavailable
from memory_store.postgresql import baseline, words
from memory_store.postgresql import database as server_database
from memory_store.postgresql.database import ServerDatabase, driver
from memory_store.postgresql.place import for_profile, place_of
from memory_store.schema import metadata
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.postgres import PASSWORD, USER, Server, running
from tests.servers.crashing import crashed_under


@pytest.fixture
def kind_of_database() -> str:
    return "postgresql"


@pytest.fixture
def own_server(postgres: Server) -> Iterator[Server]:
    """One that a test may stop."""
    with running() as server:
        yield server


def test_the_declared_tables_are_those_on_the_server(open_store: OpenStore) -> None:
    store = open_store()

    def ours(thing: object, name: str | None, kind: str, reflected: bool, against: object) -> bool:
        return not (kind == "table" and name in {"turns_fts", "alembic_version"})

    with store._database.read() as connection:
        options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda url: url.replace(PASSWORD, "wrong-secret"), r"refuses the user or the password.*PGPASSWORD"),
        (lambda url: url.replace("/postgres?", "/nowhere?"), r"there is no such database"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), r"cannot be (reached|used)"),
        (lambda url: url.replace("+psycopg", "+asyncpg"), r"through psycopg"),
        (lambda url: url.replace("schema=", "schema=%22;drop"), r"A schema's name"),
        (lambda url: f"{url}&pool_size=many", r"pool_size"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:x"), r"no database URL"),
    ],
)
def test_a_url_that_leads_nowhere(
    postgres: Server, caplog: pytest.LogCaptureFixture, change: Callable[[str], str], told: str
) -> None:
    url = change(postgres.url("refused"))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreUnavailable, match=told) as raised:
        MemoryStore.open(url, indexing="off")
    said = str(raised.value)
    assert "\n" not in said
    assert not any(secret in said + caplog.text for secret in (PASSWORD, "wrong-secret"))


def test_an_older_server(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_database, "OLDEST", 99)
    with pytest.raises(StoreUnavailable, match=r"is PostgreSQL \d+; mneme needs 99 or later"):
        MemoryStore.open(postgres.url("older"), indexing="off")


def test_a_database_that_is_not_in_utf_8(postgres: Server) -> None:
    postgres.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreUnavailable, match=r"not in UTF-8.*createdb -E UTF8"):
        MemoryStore.open(postgres.url("x").replace("/postgres?", "/latin?"), indexing="off")


def test_a_newer_schema_is_refused_also_while_it_is_open(
    open_store: OpenStore, past_the_store: Callable[..., Any]
) -> None:
    store = open_store()
    store.remember("before")
    past_the_store("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew, match="schema 9999 while it was open"):
        store.remember("after")
    with pytest.raises(StoreTooNew, match="written by a newer mneme"):
        open_store()
    past_the_store(f"UPDATE alembic_version SET version_num = '{HEAD}'")
    assert [turn.text for turn in store.memories()] == ["before"]


def test_an_older_schema_is_brought_up(
    open_store: OpenStore, store_place: Callable[[str], str], past_the_store: Callable[..., Any]
) -> None:
    """The first that was ever on a server, to what this mneme knows."""
    with closing(ServerDatabase(place_of(store_place("store")))) as database, database.write() as connection:
        baseline.create(connection)
        connection.exec_driver_sql("INSERT INTO speakers (name) VALUES ('user')")
        connection.exec_driver_sql(
            "INSERT INTO turns (id, position, session, speaker_seq, text, said_at, recorded_at, status, standing)"
            " VALUES ('first', 0, 0, 1, 'before', 0, 0, 'complete', 0)"
        )
    store = open_store()
    assert [turn.text for turn in store.memories()] == ["before"]
    assert past_the_store("SELECT version_num FROM alembic_version") == [(HEAD,)]
    store.remember("after")


def test_a_passphrase_is_for_files(postgres: Server) -> None:
    with pytest.raises(InvalidInput, match="does not encrypt what is on a database server"):
        MemoryStore.open(postgres.url("secret"), passphrase="correct horse battery staple")


def test_a_backup_is_the_servers(open_store: OpenStore) -> None:
    with pytest.raises(StoreUnavailable, match="pg_dump"):
        open_store().backup()


def test_what_was_purged_is_in_no_table(open_store: OpenStore, past_the_store: Callable[..., Any]) -> None:
    store = open_store()
    secret = store.remember("the quokka sleeps in the harbour", conversation="c")
    store.remember("something else", conversation="c")
    store.index_now()
    receipt = store.purge([secret.id])
    assert receipt.purged == (secret.id,)
    assert "write-ahead log" in receipt.unsearched
    assert receipt.pending == ()
    for table in ("turns", "turns_fts", "vectors", "revisions"):
        assert "quokka" not in str(past_the_store(f"SELECT * FROM {table}"))
    assert store.recall("quokka harbour") == [] or secret.id not in [hit.memory.id for hit in store.recall("quokka")]
    assert store.check().ok


# The server goes away


def test_a_connection_that_drops_in_a_transaction(open_store: OpenStore, postgres: Server) -> None:
    """Nothing of it is there; a turn is written all the same, once."""
    store = open_store()
    store.remember("first", conversation="c")

    def cut_off() -> None:
        with store._database.write() as connection:
            connection.exec_driver_sql("UPDATE turns SET text = 'changed'")
            _cut(postgres, connection)
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(ConnectionLost, match="Nothing was done or lost"):
        cut_off()
    assert [turn.text for turn in store.memories()] == ["first"]

    cut = iter([True])
    real = store._journal.note

    def noting(connection: Any, *rest: Any) -> int:
        if next(cut, False):
            _cut(postgres, connection)
        return real(connection, *rest)

    store._journal.note = noting  # type: ignore[method-assign,assignment]
    note = store.remember("a note, written down twice by a bad network")
    assert [turn.id for turn in store.memories(notes=True)] == [note.id]
    assert store.check().ok


def test_a_connection_that_drops_at_the_commit(
    open_store: OpenStore, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the answer is lost before or after the server has committed, the turn is there once."""
    store = open_store()
    when = iter(["before", "after"])

    class Cut(psycopg.Connection[Any]):
        def commit(self) -> None:
            at = next(when, "")
            if at == "after":
                super().commit()
            if at:
                self.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            super().commit()

    real = psycopg.connect
    store._database.engine.dispose()
    monkeypatch.setattr(psycopg, "connect", Cut.connect)
    assert store.remember("lost on the way there").text
    assert store.remember("lost on the way back").text
    monkeypatch.setattr(psycopg, "connect", real)
    assert sorted(turn.text for turn in store.memories()) == ["lost on the way back", "lost on the way there"]
    assert next(when, None) is None


def test_a_server_that_restarts_under_many(own_server: Server) -> None:
    """Four write, one asks, the server crashes twice and comes back: what was acknowledged is there, once."""
    told: list[str] = []

    with MemoryStore.open(own_server.url("restart", pool_size="4"), indexing="off", embedder=HashedWords()) as store:

        def write(writer: int, enough: Callable[[], bool]) -> None:
            number = 0
            while not enough():
                number += 1
                told.append(store.remember(f"writer {writer} said {number}", conversation=f"c{writer}").text)

        def ask(enough: Callable[[], bool]) -> None:
            while not enough():
                store.recall("what did the writer say?")

        crashed_under(own_server, [*(partial(write, writer) for writer in range(4)), ask], told, between=20)
        there = [turn.text for turn in store.memories()]
        assert len(there) == len(set(there))
        assert set(told) == set(there)


def test_a_server_that_stays_away(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_database, "PATIENCE_S", 0.3)
    monkeypatch.setattr(server_database, "MOST_ATTEMPTS", 1)
    with MemoryStore.open(own_server.url("away"), indexing="off") as store:
        store.remember("before")
        own_server.stop()
        for act in (lambda: store.remember("meanwhile"), lambda: store.recall("before")):
            with pytest.raises(ConnectionLost, match=r"cannot be reached .*try again") as raised:
                act()
            assert PASSWORD not in str(raised.value)
        own_server.start()
        assert [turn.text for turn in store.memories()] == ["before"]


# Many at once


def test_sixty_four_dialogues_on_four_connections(postgres: Server) -> None:
    url = postgres.url("crowd", pool_size="4")
    with MemoryStore.open(url, indexing="off", embedder=HashedWords()) as store, ThreadPoolExecutor(64) as pool:
        together = threading.Barrier(64)

        def talk(number: int) -> int:
            together.wait()
            store.remember(f"I am number {number}", conversation=f"c{number}")
            found = store.recall(f"who is number {number}?")
            store.remember(f"You are {number}", speaker="assistant", conversation=f"c{number}", recalled=found[:2])
            return len(store.history(f"c{number}"))

        assert set(pool.map(talk, range(64))) == {2}
        assert store.check().ok
        assert len(postgres.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'mneme'")) <= 60


def test_two_processes_take_turns_as_two_stores_do(open_store: OpenStore) -> None:
    """Writers of two stores (as of two machines) at once: numbers rise without a place taken twice."""
    stores = open_store(), open_store()

    def write(store: MemoryStore) -> None:
        for number in range(20):
            store.remember(f"turn {number}", conversation="shared")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, stores))
    assert [turn.position for turn in stores[0].history("shared")] == list(range(40))
    assert stores[1].check().ok


def test_a_user_of_the_server_sees_only_what_is_theirs(postgres: Server) -> None:
    for name in ("anna", "ben"):
        postgres.run(f"CREATE ROLE {name} LOGIN PASSWORD '{name}-password'")
        postgres.run(f"GRANT CREATE ON DATABASE postgres TO {name}")

    def url(user: str, profile: str) -> str:
        bare = postgres.url("x").partition("?")[0].replace(f"{USER}:{PASSWORD}", f"{user}:{user}-password")
        return for_profile(bare, profile)

    with MemoryStore.open(url("anna", "anna"), indexing="off") as hers:
        hers.remember("Anna's own words")
        with pytest.raises(StoreUnavailable, match="belongs to another user") as raised:
            MemoryStore.open(url("ben", "anna"), indexing="off")
        assert "anna-password" not in str(raised.value)
        assert "ben-password" not in str(raised.value)
        with MemoryStore.open(url("ben", "ben"), indexing="off") as his:
            assert his.memories() == []
            assert his.recall("Anna's own words") == []


# Names and words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["a\0b", "\ufdd0", "\ufdd00", "\ufdd0\0"])
)
def test_every_string_comes_back(text: str) -> None:
    assert words.said(words.kept(text)) == text
    assert "\0" not in words.kept(text)


def test_a_nul_is_kept_and_found(open_store: OpenStore) -> None:
    store = open_store()
    for text in ("a\0b\x1b[31m", "\ufdd00 and \ufdd0", "猫叫味噌 \0 ß ΣΑΣ", "It's 'quoted' \\ back"):
        kept = store.remember(text)
        assert store.get(kept.id).text == text
        assert [turn.id for turn in store.memories(matching=text.split()[0].upper())] == [kept.id]
    assert store.check().ok


def test_profiles_have_schemas_of_their_own() -> None:
    url = "postgresql://me:pass%40word@db.example:5433/mneme?sslmode=require&pool_size=3"
    place = place_of(for_profile(url, "work.2"))
    assert (place.schema, place.pool_size, place.url.port) == ("mneme_work.2", 3, 5433)
    assert dict(place.url.query) == {"sslmode": "require"}
    assert place.url.password == "pass@word"
    assert "pass" not in str(place).replace("***", "")
    assert place_of(for_profile(f"{url}&schema=mine", "work")).schema == "mine"
    assert len(place_of(for_profile(url, "é" * 60)).schema.encode()) <= 63
    assert is_server("postgres://h/d")
    assert not is_server("sqlite:///x")


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("postgresql://me:se:c@ret@host/d", "postgresql://me:***@host/d"),
        ("postgresql://me@host/d?password=secret&x=1", "postgresql://me@host/d?password=***&x=1"),
        ("postgresql://host/d", "postgresql://host/d"),
    ],
)
def test_a_password_is_never_shown(url: str, seen: str) -> None:
    assert shown(url) == seen


def _cut(postgres: Server, connection: Any) -> None:
    """End a connection as a network would."""
    postgres.run(f"SELECT pg_terminate_backend({driver(connection).info.backend_pid}, 5000)")
