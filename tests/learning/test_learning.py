"""Learning as its owner would see it: what is adopted, what is refused, and what recall then does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch

from agent.learning.common import Outcome, Wish
from agent.learning.learn import learn
from agent.learning.trial import FEWEST
from memory_store import MemoryStore, NewTurn
from memory_store.errors import NotLearned, StoreUnavailable
from memory_store.learning import files, training
from memory_store.learning.head import REASON
from memory_store.learning.labels import CITED, HELPFUL, OPENED, PINNED, WRONG, Label
from memory_store.records import Recollections, Turn
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import HashedWords
from tests.learning.making import BEGAN, filled

QUERY = "When was sailing with rosa?"


@contextmanager
def silent(_what: str) -> Iterator[object]:
    yield lambda _done, _total: None


def learned(store: MemoryStore, *paths: Path, dry_run: bool = False) -> Outcome:
    return learn(store, HashedWords(), silent, Wish(paths, dry_run=dry_run))  # type: ignore[arg-type]


def told(found: Recollections) -> list[tuple[str, float, dict[str, float]]]:
    return [(item.memory.id, item.score, dict(item.reasons)) for item in found]


def marked(store: MemoryStore, labels: list[Label], signal: str = "helpful") -> None:
    """The owner asks each question, a reply is made, and what it wanted is marked."""
    for number, label in enumerate(labels):
        thread, at = f"asking {number}", BEGAN + timedelta(days=400, minutes=number)
        store.remember_many([NewTurn(label.text, "user", thread, at)])
        reply = store.remember("Let me see.", speaker="assistant", conversation=thread, said_at=at)
        for memory in label.gold:
            store.feedback(reply.id, memory, signal)  # type: ignore[arg-type]


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store()


def test_what_is_learned_finds_more_explains_itself_and_can_be_undone(store: MemoryStore) -> None:
    labels = filled(store, 120)
    marked(store, labels)
    before = told(store.recall(QUERY))
    tried = learned(store, dry_run=True)
    assert tried.trial is not None
    assert tried.trial.better
    assert not tried.adopted
    assert told(store.recall(QUERY)) == before
    outcome = learned(store)
    assert outcome.adopted, outcome.reason
    assert outcome.trial is not None
    assert outcome.trial.compared["ndcg@10"].gain.low > 0
    assert outcome.sources == {HELPFUL: 120}
    after = store.recall(QUERY)
    assert any(REASON in item.reasons for item in after)
    for item in after:
        assert item.score == pytest.approx(sum(item.reasons.values()))
    assert [item.score for item in after] == sorted((item.score for item in after), reverse=True)
    assert told(after) != before
    assert store.undo_head()
    assert told(store.recall(QUERY)) == before
    assert not store.undo_head()
    assert [act.kind for act in store.acts(limit=2)] == ["unlearn", "learn"]


def test_another_process_sees_it_and_a_switch_turns_it_off(store: MemoryStore, open_store: OpenStore) -> None:
    labels = filled(store, 60)
    other, off = open_store(), open_store(learned=False)
    fixed = told(other.recall(QUERY))
    store.adopt_head(training.train(store.examples_of(labels)).head(), provenance())
    assert told(other.recall(QUERY)) == told(store.recall(QUERY)) != fixed
    assert told(off.recall(QUERY)) == fixed
    with store._database.read() as connection:  # what mneme asks itself, to find contradictions, say
        own = store._recaller.recall(connection, QUERY, limit=10, now=store.clock(), second_looks=False)
    assert told(own) == fixed


def test_ten_examples_do_no_harm(store: MemoryStore) -> None:
    labels = filled(store, 60)
    marked(store, labels[:10])
    before = told(store.recall(QUERY))
    outcome = learned(store)
    assert not outcome.adopted
    assert f"of the {FEWEST} queries needed" in outcome.reason
    assert told(store.recall(QUERY)) == before
    # and if they were learned from all the same, nothing that was found is lost
    head = training.train(store.examples_of(labels[:10])).head()
    found = [{item.memory.id for item in store.recall(one.text, limit=5)} for one in labels[10:]]
    store.adopt_head(head, provenance())
    again = [{item.memory.id for item in store.recall(one.text, limit=5)} for one in labels[10:]]
    lost = sum(
        len(one.gold & was) - len(one.gold & now) for one, was, now in zip(labels[10:], found, again, strict=True)
    )
    assert lost <= 0


def test_questions_embedded_together_find_what_each_finds_alone(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory_store.learning.looks.TOGETHER", 3)
    asked = filled(store, 8)
    with store._database.read() as connection:
        recaller = store._recaller
        alone = HashedWords().encode(recaller.meant(connection, [(one.text, "") for one in asked]))
        for one, vector in zip(asked, alone, strict=True):
            assert np.allclose(vector, recaller.look(connection, one.text, now=store.clock()).evidence.meaning.vector)
    told: list[tuple[int, int]] = []
    found = store.examples_of(asked, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 8) for done in range(1, 9)]
    one_by_one = [store.examples_of([one])[0] for one in asked]
    assert all(np.allclose(left.rows, right.rows) for left, right in zip(found, one_by_one, strict=True))


def test_what_a_turn_asked_is_not_embedded_again(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    marked(store, filled(store, 8))
    store.embed_now()
    labels = store.labels_given().items
    fresh = store.examples_of([replace(one, turn=None) for one in labels])
    embedded: list[str] = []
    encode = HashedWords.encode
    monkeypatch.setattr(HashedWords, "encode", lambda self, texts: (embedded.extend(texts), encode(self, texts))[1])
    stored = store.examples_of(labels)
    assert not embedded
    assert all(np.allclose(left.rows, right.rows, atol=2e-3) for left, right in zip(stored, fresh, strict=True))
    store.edit(store.history("asking 0")[0].id, "What about the sailing?")
    store.examples_of(store.labels_given().items)
    assert embedded == ["What about the sailing?"]


def test_one_class_only_is_refused_with_the_reason(store: MemoryStore) -> None:
    marked(store, filled(store, 45), "wrong")
    outcome = learned(store)
    assert not outcome.adopted
    assert "nothing what was wanted" in outcome.reason
    assert outcome.sources == {WRONG: 45}


def test_noise_is_not_adopted(store: MemoryStore) -> None:
    labels = filled(store, 80)
    lots = np.random.default_rng(5)
    every = [next(iter(one.gold)) for one in labels]
    turns = {one.id: one for one in store.memories()}
    beside = [
        [one.id for one in turns.values() if one.conversation_id == turns[gold].conversation_id] for gold in every
    ]
    noise = [Label(one.text, frozenset({str(lots.choice(near))})) for one, near in zip(labels, beside, strict=True)]
    marked(store, noise)
    before = told(store.recall(QUERY))
    outcome = learned(store)
    assert not outcome.adopted
    assert "beyond chance" in outcome.reason
    assert told(store.recall(QUERY)) == before


def test_nothing_to_learn_from_says_what_to_do(store: MemoryStore) -> None:
    outcome = learned(store)
    assert "--from" in outcome.reason


def reply_to(store: MemoryStore, words: str, thread: str, memory: Turn, *, cited: bool = False) -> Turn:
    store.remember(words, conversation=thread)
    found = [item for item in store.recall(words, limit=50) if item.memory.id == memory.id]
    return store.remember(
        "So I recall.",
        speaker="assistant",
        conversation=thread,
        recalled=found,
        in_prompt=[memory.id],
        numbers={memory.id: 1},
        cited=[memory.id] if cited else (),
    )


@ON_BOTH
def test_signals_are_cited_pinned_and_marked(store: MemoryStore) -> None:
    one, two, three = (store.remember(f"The {thing} is in the shed.") for thing in ("ladder", "spade", "hammer"))
    reply_to(store, "Where is the ladder?", "a", one, cited=True)
    reply_to(store, "Where is the spade?", "b", two)
    store.pin(two.id)
    marked_reply = reply_to(store, "Where is the hammer?", "c", three, cited=True)
    store.feedback(marked_reply.id, three.id, "wrong")
    labels = store.labels_given()
    assert labels.sources == {CITED: 1, PINNED: 1, WRONG: 1}
    by_text = {one.text: one for one in labels.items}
    assert by_text["Where is the ladder?"].gold == {one.id}
    assert by_text["Where is the spade?"].gold == {two.id}
    assert by_text["Where is the hammer?"].wrong == {three.id}
    assert not by_text["Where is the hammer?"].gold


@ON_BOTH
def test_labels_of_what_was_purged_forgotten_discarded_or_contradicted_are_left_out(store: MemoryStore) -> None:
    notes = [store.remember(f"The {thing} is in the shed.") for thing in ("ladder", "spade", "hammer", "saw", "axe")]
    reply_to(store, "Where is the ladder?", "a", notes[0], cited=True)
    reply_to(store, "Where is the spade?", "b", notes[1], cited=True)
    discarded = reply_to(store, "Where is the hammer?", "c", notes[2], cited=True)
    for signal, thread in (("helpful", "d"), ("wrong", "e")):
        reply = reply_to(store, "Where is the saw?", thread, notes[3])
        store.feedback(reply.id, notes[3].id, signal)  # type: ignore[arg-type]
    reply_to(store, "Where is the axe?", "f", notes[4], cited=True)
    store.purge([notes[0].id])
    store.forget(notes[1].id)
    store.discard([discarded.id])
    labels = store.labels_given()
    assert [one.text for one in labels.items] == ["Where is the axe?"]
    assert labels.skipped == {
        "label of a memory that was purged": 1,
        "label of a memory that is forgotten": 1,
        "label in a reply that was discarded": 1,
        "label contradicted elsewhere": 1,
    }


def test_a_loss_that_is_no_number_leaves_the_working_head(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = filled(store, 60)
    store.adopt_head(training.train(store.examples_of(labels)).head(), provenance())
    marked(store, labels)
    before = told(store.recall(QUERY))
    monkeypatch.setattr(training, "smooth_recall", lambda scores, *_: (scores * torch.nan).sum())
    with pytest.raises(NotLearned, match="no number"):
        learned(store)
    assert told(store.recall(QUERY)) == before


def test_a_disk_that_is_full_leaves_the_working_head(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = filled(store, 60)
    head = training.train(store.examples_of(labels)).head()
    store.adopt_head(head, provenance())
    before = told(store.recall(QUERY))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        store.adopt_head(head, provenance())
    monkeypatch.undo()
    assert told(store.recall(QUERY)) == before
    assert len(list((store.path / files.FOLDER).iterdir())) == 1


def test_a_head_has_no_say_on_another_kind_of_memory(store: MemoryStore, open_store: OpenStore) -> None:
    labels = filled(store, 60)  # the user's own words: chat
    head = training.train(store.examples_of(labels)).head()
    people = open_store("people")
    people.remember_many([NewTurn(f"I went sailing on {day} May.", "Rosa", "talk", BEGAN) for day in range(3, 9)])
    people.embed_now()
    before = told(people.recall(QUERY))
    people.adopt_head(head, provenance())
    assert told(people.recall(QUERY)) == before


def provenance(embedder: str = "hashed-32") -> files.Provenance:
    return files.Provenance("2026-11-25T12:00:00+00:00", embedder, embedder, {HELPFUL: 60}, 60, 60)


@ON_BOTH
def test_what_was_opened_from_a_search_was_wanted_and_a_purge_takes_the_search_along(
    store: MemoryStore, left_behind: Callable[[], bytes]
) -> None:
    ladder, spade, other = (store.remember(f"The {thing} is in the shed.") for thing in ("ladder", "spade", "axe"))
    store.opened("where is my  spade", spade.id)
    store.opened("where is my spade", spade.id)
    store.opened("shed", ladder.id)
    [one, two] = store.labels_given().items
    assert (one.text, one.gold, one.sources) == ("where is my spade", {spade.id}, (OPENED,))
    assert (two.text, two.gold) == ("shed", {ladder.id})
    store.purge([other.id])  # it said "shed" too
    assert [one.text for one in store.labels_given().items] == ["where is my spade"]
    store.purge([spade.id])
    assert not store.labels_given().items
    assert b"my spade" not in left_behind()


def test_a_search_with_a_secret_in_it_is_not_kept(open_store: OpenStore) -> None:
    store = open_store(secrets="ask")
    memory = store.remember("The key is in the vault.")
    store.opened("AKIAIOSFODNN7EXAMPLE", memory.id)
    assert not store.labels_given().items
