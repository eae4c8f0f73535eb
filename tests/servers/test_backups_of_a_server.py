"""What is there instead of `mneme backup` where the words are on a server: the server's own dump, brought back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memory_store import MemoryStore, VirtualClock
from memory_store.postgresql.place import place_of
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.postgres import PASSWORD, USER, Server, program


@pytest.fixture
def kind_of_database() -> str:
    return "postgresql"


def test_a_dump_comes_back_whole(
    open_store: OpenStore,
    virtual_clock: VirtualClock,
    store_place: Callable[..., Any],
    postgres: Server,
    tmp_path: Path,
) -> None:
    dump = program("pg_dump")
    if dump is None:
        pytest.skip("pg_dump is not installed")
    with open_store() as store:
        turn = store.remember("the quokka sleeps\0 in the harbour", conversation="c")
        store.edit(turn.id, "the quokka sleeps in 猫 harbour")
        store.remember("So it does.", speaker="assistant", conversation="c", recalled=store.recall("quokka"))
        store.index_now()
    schema = place_of(store_place("store")).schema
    server = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", USER]
    secret = os.environ | {"PGPASSWORD": PASSWORD}
    file = tmp_path / "dump.sql"
    subprocess.run([dump, *server, "-n", schema, "-f", file, "postgres"], check=True, env=secret)
    postgres.run("CREATE DATABASE brought_back TEMPLATE template0 ENCODING 'UTF8'")
    psql = [program("psql") or "psql", *server, "-q", "-v", "ON_ERROR_STOP=1", "-f", file, "brought_back"]
    subprocess.run(psql, check=True, env=secret, stdout=subprocess.DEVNULL)
    url = postgres.url(schema).replace("/postgres?", "/brought_back?")
    same: dict[str, Any] = {"clock": virtual_clock, "embedder": HashedWords(), "indexing": "manual"}
    with MemoryStore.open(url, **same) as back, open_store() as store:
        assert back.memories() == store.memories()
        assert back.revisions(turn.id) == store.revisions(turn.id)
        assert back.audit() == store.audit()
        assert [hit.score for hit in back.recall("quokka")] == [hit.score for hit in store.recall("quokka")]
        assert back.check().ok
        more = back.remember("and goes on")
        assert back.history("c", limit=1)[0].text == "So it does."
        back.purge([more.id])
        assert back.check().ok
