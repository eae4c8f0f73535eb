"""An edit is followed by everything that was made of the words, in this process and in others."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, VirtualClock
from memory_store.database.base import plain_rows
from memory_store.interchange import export_jsonl
from memory_store.records import PrunePolicy
from memory_store.reranking import LateInteraction, Stage
from memory_store.semantic.index_folder import IndexFolder
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import HashedWords
from tests.reranking.test_second_look import HashedTokens

pytestmark = ON_BOTH

OLD, NEW = "I always feed the quokka at nine.", "The wombat eats whenever it likes."


def found(store: MemoryStore, words: str) -> list[str]:
    return [hit.memory.text for hit in store.recall(words)]


@pytest.mark.parametrize("indexed", [False, True])
def test_recall_finds_the_present_words_and_shows_them(open_store: OpenStore, indexed: bool) -> None:
    """At once by its words; by its meaning when its vector is made; and in a store that another process has open."""
    with open_store() as store, open_store() as other:
        turn = store.remember(OLD, conversation="c")
        store.index_now()
        assert found(other, "quokka") == [OLD]  # whatever it keeps in memory, it keeps now
        store.edit(turn.id, NEW)
        if indexed:
            store.index_now()
        for one in (store, other):
            assert found(one, "wombat") == [NEW]
            assert OLD not in found(one, "feed the quokka")
            assert one.memories(matching="quokka") == []
            assert [turn.text for turn in one.memories(matching="wombat")] == [NEW]
        assert [hit.matched for hit in store.recall("feed the quokka")] in ([], [()])


def test_no_vector_of_the_old_words_is_left(open_store: OpenStore) -> None:
    with open_store() as store:
        turn = store.remember(OLD)
        store.index_now()
        store.edit(turn.id, NEW)
        with store._database.read() as connection:
            assert plain_rows(connection, "SELECT * FROM vectors") == []
        store.index_now()
        with store._database.read() as connection:
            [(kept,)] = plain_rows(connection, "SELECT vector FROM vectors")
        assert kept == HashedWords().encode([NEW])[0].astype(np.float16).tobytes()
        if isinstance(store._indexer.index, IndexFolder):
            [indexed] = store._indexer.index.open().vectors([1]).values()
            assert indexed == pytest.approx(HashedWords().encode([NEW])[0], abs=1e-3)
        assert store.check().ok


DERIVED: dict[str, Callable[[MemoryStore, str], object]] = {
    "standing": lambda store, known: store.get(known).standing,
    "the standing flag of the table": lambda store, _: _column(store, "standing"),
    "lasting": lambda store, _: store.plan_prune(PrunePolicy(weaker_than=1.0)).rows[0].strength,
    "the title that first words serve as": lambda store, _: store.conversation("c").title,
    "the title of a branch": lambda store, _: [thread.title for thread in store.conversations()],
    "an export": lambda store, _: _exported(store),
}


def _column(store: MemoryStore, name: str) -> object:
    with store._database.read() as connection:
        return plain_rows(connection, f"SELECT {name} FROM turns")[0][0]


def _exported(store: MemoryStore) -> object:
    stream = io.StringIO()
    export_jsonl(store, stream)
    [memory] = [line for line in map(json.loads, stream.getvalue().splitlines()) if line.get("type") == "memory"]
    return memory["text"]


@pytest.mark.parametrize("derived", DERIVED)
def test_what_is_derived_follows_there_and_back(
    open_store: OpenStore, virtual_clock: VirtualClock, derived: str
) -> None:
    with open_store() as store:
        turn = store.remember(OLD, conversation="c")
        store.branch(turn.id)
        virtual_clock.advance(timedelta(days=200))
        before = DERIVED[derived](store, turn.id)
        store.edit(turn.id, NEW)
        after = DERIVED[derived](store, turn.id)
        assert after != before
        store.undo()
        assert DERIVED[derived](store, turn.id) == before
        store.redo()
        assert DERIVED[derived](store, turn.id) == after


def test_what_a_second_look_keeps_of_old_words_does_not_speak_for_new_ones(open_store: OpenStore) -> None:
    with open_store(stages=[Stage(LateInteraction(HashedTokens()), 1.0)]) as store:
        turn = store.remember("the quokka sleeps", conversation="c")
        other = store.remember("the badger sleeps", conversation="d")
        store.index_now()

        def second_look(query: str, id: str) -> float:
            return {hit.memory.id: hit.reasons.get("late interaction", 0.0) for hit in store.recall(query)}[id]

        assert second_look("quokka sleeps", turn.id) > second_look("quokka sleeps", other.id)
        store.edit(turn.id, "the wombat sleeps")
        store.index_now()
        assert second_look("wombat sleeps", turn.id) > second_look("wombat sleeps", other.id)
        assert second_look("badger sleeps", other.id) > second_look("badger sleeps", turn.id)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["edit", "undo", "redo", "wait"])), max_size=10))
def test_as_of_any_day_it_is_found_by_the_words_of_that_day(acts: list[tuple[int, str]]) -> None:
    """Whatever was edited, undone and done again: each day has its wording, and recall of that day shows it alone."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock = VirtualClock(start)
    with tempfile.TemporaryDirectory(prefix="as-of-") as place:
        options = {"clock": clock, "embedder": HashedWords(), "indexing": "manual"}
        with MemoryStore.open(Path(place) / "s", **options) as store:  # type: ignore[arg-type]
            turns = [store.remember(f"subject{n} is word{n}zero", conversation="c") for n in range(3)]
            worded: list[tuple[datetime, list[str]]] = []
            for number, (which, act) in enumerate(acts):
                worded.append((clock(), [store.get(turn.id).text for turn in turns]))
                clock.advance(timedelta(days=1))
                if act == "edit":
                    store.edit(turns[which].id, f"subject{which} is word{which}day{number}")
                elif act != "wait":
                    (store.undo if act == "undo" else store.redo)()
            for instant, texts in worded:
                for turn, text in zip(turns, texts, strict=True):
                    hits = {hit.memory.id: hit.memory.text for hit in store.recall(text.split()[-1], as_of=instant)}
                    assert hits.get(turn.id) == text
