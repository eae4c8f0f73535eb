"""What is done for every turn and every recall finds its rows by an index: no statement reads a whole table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.recall.dense import DenseChannel
from memory_store.sqlite.database import driver
from tests.conftest import OpenStore

OF_ITSELF = re.compile(r"SCAN (?:speakers|j|json_each|CONSTANT ROW|turns_fts VIRTUAL|turns_terms VIRTUAL|f VIRTUAL)")
"""Scans that do not grow with the store: its few speakers, lists that were handed in, and full-text, which answers a
MATCH by its own index."""
PARTIAL = re.compile(r"SCAN (?:turns USING (?:COVERING )?INDEX ix_turns_forgotten_at|derived)")
"""The forgotten ones alone are in this index, and what a model wrote on demand alone in that table."""
STOPS = re.compile(r"SELECT 1 FROM conflicts LIMIT 1|SELECT DISTINCT turn_seq FROM index_queue .* LIMIT 64")
"""Stops at its first row, or at so many of an index."""

ALL_OF_ONE = re.compile(r"ix_vectors_embedder_seq \(embedder_seq=\?\)$")
"""A search that finds every vector: nearly all are of one embedder."""


@contextmanager
def statements(store: MemoryStore) -> Iterator[list[str]]:
    """The SQL that is run inside, on any of the store's connections opened from now on."""
    seen: list[str] = []
    store._database.close()  # so that every connection is a new one, and traced
    event.listen(store._database.engine, "connect", lambda opened, _: opened.set_trace_callback(seen.append))
    yield seen


def scans(store: MemoryStore, seen: list[str]) -> list[str]:
    """Steps of the plans of ``seen`` that read a table from end to end."""
    found = []
    with store._database.read() as connection:
        for statement in dict.fromkeys(seen):
            if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT INTO TURNS ")):
                continue
            own = "fts" in statement and "MATCH" not in statement  # full-text's own tables
            if own or STOPS.fullmatch(statement):
                continue
            steps = driver(connection).execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            lines = [step[3] for step in steps if step[3].startswith("SCAN") or ALL_OF_ONE.search(step[3])]
            found += [line for line in lines if not OF_ITSELF.match(line) and not PARTIAL.match(line)]
    return found


def filled(open_store: OpenStore) -> MemoryStore:
    store = open_store()
    store.remember_many([NewTurn(f"the garden of number {place}", conversation=f"c{place % 7}") for place in range(60)])
    store.index_now()
    return store


def test_a_turn_reads_no_whole_table(open_store: OpenStore) -> None:
    store = filled(open_store)
    with statements(store) as seen:
        store.remember("in the garden", conversation="c1", source_id="x")
    assert any("INSERT INTO turns " in statement for statement in seen)
    assert scans(store, seen) == []


def test_a_recall_reads_no_whole_table(open_store: OpenStore) -> None:
    store = filled(open_store)
    dense = store._recaller.dense
    store._recaller.dense = DenseChannel(dense.embedder, store._indexer.index.opened, exact_up_to=0)
    assert store.stats().search == "chroma"
    store.recall("garden")  # once per process: the mean of a sample of the vectors
    with statements(store) as seen:
        assert store.recall("which garden was last week?")
    assert any("MATCH" in statement for statement in seen)
    assert scans(store, seen) == []


def test_a_scan_would_be_seen(open_store: OpenStore) -> None:
    store = filled(open_store)
    with statements(store) as seen, store._database.read() as connection:
        driver(connection).execute("SELECT count(*) FROM turns WHERE text LIKE '%garden%'").fetchall()
    assert len(scans(store, seen)) == 1


def test_many_at_once_are_kept_as_one_by_one(open_store: OpenStore, virtual_clock: VirtualClock) -> None:
    """Places, sessions, counts and dates: a batch remembers what it has looked up, and it must be what is there."""
    now = virtual_clock()
    turns = [
        NewTurn(
            f"words {place}",
            "ana" if place % 3 else "ben",
            (None, "a", "b")[place % 3],
            now + timedelta(hours=place * (place % 5)),
            source_id=f"s{place % 20}" if place % 2 else None,
        )
        for place in range(40)
    ]
    one, other = open_store("one"), open_store("other")
    kept = one.remember_many([*turns, *turns[1::2]], batch=7)
    for turn in [*turns, *turns[1::2]]:
        other.remember(
            turn.text,
            speaker=turn.speaker,
            conversation=turn.conversation,
            said_at=turn.said_at,
            source_id=turn.source_id,
        )
    assert len(kept) == 60
    rows = "SELECT conversation_seq, position, session, speaker_seq, text, said_at, source_id FROM turns ORDER BY seq"
    grown = "SELECT id, turns, created_at, updated_at FROM conversations ORDER BY seq"
    queued = "SELECT turn_seq, op FROM index_queue ORDER BY seq"
    found = "SELECT rowid FROM turns_fts WHERE turns_fts MATCH 'words'"
    for query in (rows, grown, queued, found):
        with one._database.read() as first, other._database.read() as second:
            assert driver(first).execute(query).fetchall() == driver(second).execute(query).fetchall()
            assert driver(first).execute(query).fetchall()
