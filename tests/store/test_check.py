"""Each thing damaged by hand: a check says what is wrong in a plain line, and a repair mends it without a word lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from memory_store import MemoryStore, NewTurn, PrunePolicy
from memory_store.database.base import change_rows
from memory_store.postgresql.connecting import connect
from memory_store.postgresql.database import ServerDatabase
from memory_store.sqlite.checking import differing_rows
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import HashedWords

TURNS = 40
PURGING = "INSERT INTO meta (key, value) VALUES ('purging', '1')"
DELETE = "INSERT INTO turns_fts (turns_fts, rowid, key) VALUES ('delete', {}, '22 november 2026 user {}')"


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    store = open_store()
    words = [f"unique{n} about thing{n % 7} 猫{n}" for n in range(TURNS)]
    store.remember_many([NewTurn(text, conversation=f"c{n % 3}") for n, text in enumerate(words)])
    turns = store.memories(newest_first=False)
    store.edit(turns[3].id, "unique3 said otherwise")
    found = store.recall("unique5 thing2")
    store.remember("As you said.", speaker="assistant", conversation="c0", recalled=found, in_prompt=[turns[5].id])
    store.index_now()
    assert store.check().ok
    return store


def raw(store: MemoryStore, *statements: str) -> None:
    """Change the database past mneme, and past what guards its audit."""
    if isinstance(store._database, ServerDatabase):
        with connect(store._database.at) as server:
            for statement in (PURGING, *statements, "DELETE FROM meta WHERE key = 'purging'"):
                server.execute(statement.encode())
        return
    with closing(sqlite3.connect(store.path / "memory.db", isolation_level=None)) as connection:
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('purging', '1')")
        for statement in statements:
            connection.execute(statement)
        connection.execute("DELETE FROM meta WHERE key = 'purging'")


def other_vector(store: MemoryStore, seq: int) -> None:
    row = HashedWords().encode(["nothing like it"])[0].astype(np.float16).tobytes()
    with store._database.write() as connection:
        change_rows(connection, "UPDATE vectors SET vector = ? WHERE turn_seq = ?", [(row, seq)])


def swapped(store: MemoryStore) -> None:
    """Two vectors of the index have changed places: every count is right."""
    index = store._indexer.index.open()
    held = index.vectors([3, 4])
    index.put([3, 4], np.array([held[4], held[3]]))


DAMAGE: dict[str, tuple[Callable[[MemoryStore], object], str, str]] = {
    "full-text row gone": (
        lambda store: raw(store, "INSERT INTO turns_fts (turns_fts) VALUES ('delete-all')"),
        "full-text search does not hold the words of 41 memories",
        "full-text search was made anew",
    ),
    "full-text row of other words": (
        lambda store: raw(
            store,
            DELETE.format(8, "unique7 thing0 猫 7"),
            "INSERT INTO turns_fts (rowid, key) VALUES (8, 'something else')",
        ),
        "full-text search does not hold the words of 1 memory",
        "full-text search was made anew",
    ),
    "full-text row without a turn": (
        lambda store: raw(store, "INSERT INTO turns_fts (rowid, key) VALUES (999, 'a ghost')"),
        "full-text search does not hold the words of 1 memory",
        "full-text search was made anew",
    ),
    "full-text engine's own tables": (
        lambda store: raw(store, "UPDATE turns_fts_data SET block = x'00ff00ff00ff' WHERE id > 10"),
        "full-text search is damaged",
        "full-text search was made anew",
    ),
    "vector gone": (
        lambda store: raw(store, "DELETE FROM vectors WHERE turn_seq IN (5, 6)"),
        "2 memories without a vector or a place in the queue",
        "2 memories embedded",
    ),
    "vector cut short": (
        lambda store: raw(store, "UPDATE vectors SET vector = substr(vector, 1, 10) WHERE turn_seq = 7"),
        "1 damaged vector",
        "1 memory embedded again",
    ),
    "vector not a number": (
        lambda store: raw(store, f"UPDATE vectors SET vector = x'{'00fe' * 32}' WHERE turn_seq = 7"),
        "1 damaged vector",
        "1 memory embedded again",
    ),
    "vector of other words": (
        lambda store: other_vector(store, 1),
        "of 32 stored vectors, 1 not what hashed-32 makes of the words",
        "everything was embedded again",
    ),
    "index lacks a vector": (
        lambda store: store._indexer.index.open().drop([4]),
        "the index of meaning lacks 1 vector and has 0 too many",
        "the index of meaning was built anew",
    ),
    "index has a vector too many": (
        lambda store: store._indexer.index.open().put([777], HashedWords().encode(["a ghost"])),
        "the index of meaning lacks 0 vectors and has 1 too many",
        "the index of meaning was built anew",
    ),
    "index has other vectors": (
        swapped,
        "2 vectors in the index of meaning that differ from the stored ones",
        "the index of meaning was built anew",
    ),
    "conversation miscounted": (
        lambda store: raw(store, "UPDATE conversations SET turns = turns + 5 WHERE id = 'c1'"),
        "1 conversation with a wrong number of turns",
        "counted again",
    ),
    "conversation gone": (
        lambda store: raw(store, "DELETE FROM conversations WHERE id = 'c1'"),
        "13 rows of turns that belong to no conversations",
        "conversations were made for them",
    ),
    "speaker gone": (
        lambda store: raw(store, "DELETE FROM speakers WHERE name = 'assistant'"),
        "1 row of turns that belong to no speakers",
        "speakers were made for them",
    ),
    "edits miscounted": (
        lambda store: raw(store, "UPDATE turns SET revision = 4 WHERE seq = 9"),
        "1 memory with a wrong number of edits",
        "edits were counted again",
    ),
    "ledger row of nobody": (
        lambda store: raw(store, "UPDATE ledger SET reply_seq = 555 WHERE rank = 1"),
        "1 row of ledger that belong to no turns",
        "those rows of ledger were dropped",
    ),
    "ledger row of another": (
        lambda store: raw(store, "UPDATE ledger SET memory_seq = 20 WHERE rank = 1"),
        "1 row of the ledger that name one memory",
        "joined to their memories",
    ),
}


# What can happen to the tables of a server: its own files are the server's to check, and it holds to foreign keys.
ON_A_SERVER: dict[str, Callable[[MemoryStore], object]] = {
    name: DAMAGE[name][0]
    for name in (
        "vector gone",
        "vector cut short",
        "vector of other words",
        "conversation miscounted",
        "edits miscounted",
        "ledger row of another",
    )
} | {
    "full-text row gone": lambda store: raw(store, "DELETE FROM turns_fts"),
    "full-text row of other words": lambda store: raw(
        store, "UPDATE turns_fts SET terms = $$'someth':1$$ WHERE turn_seq = 8"
    ),
    "full-text row without a turn": lambda store: raw(store, "INSERT INTO turns_fts VALUES (999, 0, 1, $$'ghost':1$$)"),
    "vector not a number": lambda store: raw(
        store, rf"UPDATE vectors SET vector = '\x{'00fe' * 32}' WHERE turn_seq = 7"
    ),
}
CASES = [*(("sqlite", name) for name in DAMAGE), *(("postgresql", name) for name in ON_A_SERVER)]


@pytest.mark.parametrize(("kind_of_database", "name"), CASES, indirect=["kind_of_database"])
def test_it_is_seen_and_mended(store: MemoryStore, kind_of_database: str, name: str) -> None:
    damage, problem, mended = DAMAGE[name]
    if kind_of_database == "postgresql":
        damage = ON_A_SERVER[name]
    before = {turn.id: turn.text for turn in store.memories(forgotten=None)}
    wordings = store.revisions(store.memories(newest_first=False)[3].id)
    damage(store)
    if "full-text" not in name:  # it goes on meanwhile
        assert store.recall("unique9")[0].memory.text.startswith("unique9 ")
        assert len(store.memories()) == TURNS + 1
        assert store.plan_prune(PrunePolicy(keep_last=0)).considered == TURNS + 1
    report = store.check()
    assert not report.ok
    assert report.indexed >= TURNS - 1
    assert any(line.startswith(problem) and "--repair" in line for line in report.problems), report.problems
    after = store.check(repair=True)
    assert after.ok, after.problems
    assert any(mended in line for line in after.repaired), after.repaired
    assert (after.words, after.vectors, after.indexed, after.queued) == (TURNS + 1,) * 3 + (0,)
    assert {turn.id: turn.text for turn in store.memories(forgotten=None)} == before
    assert store.revisions(store.memories(newest_first=False)[3].id) == wordings
    assert store.recall("unique7")[0].memory.text.startswith("unique7 ")
    assert store.check() == type(after)(True, after.words, after.vectors, after.indexed, 0)


def test_a_thorough_look_embeds_everything_again(store: MemoryStore) -> None:
    other_vector(store, 3)
    store._indexer.rebuild()
    assert store.check().ok  # it is none of the few that are looked at
    report = store.check(thorough=True)
    assert report.problems[0].startswith("1 stored vector not what hashed-32 makes of the words")
    after = store.check(thorough=True, repair=True)
    assert (after.ok, after.repaired[0]) == (True, "1 memory embedded again")
    assert store.check(thorough=True).ok


def test_the_last_turn_is_among_those_looked_at(store: MemoryStore) -> None:
    other_vector(store, TURNS + 1)
    assert "of 32 stored vectors, 1 not" in store.check().problems[0]


def test_what_was_lost_for_good_is_said_and_left(store: MemoryStore) -> None:
    raw(store, "UPDATE revisions SET turn_seq = 444")
    report = store.check(repair=True)
    assert not report.ok
    [lost] = [line for line in report.problems if "revisions" in line]
    assert "a memory was lost; restore a backup" in lost
    assert "--repair" not in lost
    with closing(sqlite3.connect(store.path / "memory.db")) as connection:
        assert connection.execute("SELECT count(*) FROM revisions").fetchone() == (1,)


def test_an_index_of_the_database_that_lacks_rows(store: MemoryStore) -> None:
    index = "CREATE INDEX ix_turns_said_at ON turns (said_at)"
    for wrong in (" WHERE seq < 0", ""):
        change = f"UPDATE sqlite_master SET sql = '{index}{wrong}' WHERE name = 'ix_turns_said_at'"
        raw(store, "PRAGMA writable_schema=ON", change, f"PRAGMA schema_version={900 + len(wrong)}")
        store.remember("said while the index did not look")
    store.index_now()
    report = store.check()
    assert not report.ok
    assert "an index of the database lacks rows" in report.problems[0]
    after = store.check(repair=True)
    assert (after.ok, after.repaired) == (True, ("the database's indexes were built anew",))


def test_a_file_that_is_damaged_sends_to_the_backups(tmp_path: Path, open_store: OpenStore) -> None:
    with open_store() as store:
        store.remember_many([NewTurn(f"turn {number} about nothing much") for number in range(300)])
        store.index_now()
    file = tmp_path / "store" / "memory.db"
    content = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_turns_said_at'")
    content[(page - 1) * 4096 : page * 4096] = b"\x0a" + b"\0" * 4095  # an empty leaf where an index should be
    file.write_bytes(content)
    with open_store() as store:
        report = store.check(repair=True)
        assert not report.ok
        assert "restore a backup" in report.problems[0]


@ON_BOTH
def test_a_start_looks_lightly(store: MemoryStore, open_store: OpenStore, kind_of_database: str) -> None:
    assert store.index_state().advice == ""
    name = "full-text row gone"
    (DAMAGE[name][0] if kind_of_database == "sqlite" else ON_A_SERVER[name])(store)
    store.close()
    with open_store() as again:
        again.index_now()
        advice = again.index_state().advice
        assert advice.startswith("full-text search has 0 rows for 41 memories: `mneme memory check --repair`")
        assert again.check(repair=True).ok
        again.index_now()
        assert again.index_state().advice == ""


def test_every_term_counts(store: MemoryStore) -> None:
    """The comparison is of terms and places, not of counts."""
    with store._database.read() as connection:
        assert differing_rows(connection) == []
    raw(
        store,
        DELETE.format(9, "unique8 thing1 猫 8"),
        "INSERT INTO turns_fts (rowid, key) VALUES (9, '22 november 2026 user thing1 unique8 猫 8')",
    )
    with store._database.read() as connection:
        assert differing_rows(connection) == [9]
