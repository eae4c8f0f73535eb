"""Known-item queries: made the same way each time, from words that do not give the answer away."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agent.bench.embedding import CachingEmbedder
from agent.bench.mine import known_items, measure_mine, snapshot
from agent.bench.running import OURS, Wanted
from memory_store.errors import InvalidInput, StoreDamaged, UnknownId
from memory_store.language.words import stem, terms
from memory_store.records import Turn
from memory_store.store import MemoryStore
from tests.bench.making import BagOfWords, silently

SAID = [
    ("user", "I planted tomatoes beside the garden shed."),
    ("assistant", "Tomatoes beside a shed need plenty of water."),
    ("user", "Yes."),
    ("user", "The garden shed needs paint and water damage repaired."),
    ("Ana", "Paint the garden shed green, never brown."),
    ("user", "我每天早上喝咖啡，然后去公园跑步。"),
    ("user", "Forget the garden shed paint brown."),
]


@pytest.fixture
def profile(tmp_path: Path, words: BagOfWords) -> Path:
    folder = tmp_path / "profile"
    with MemoryStore.open(folder, embedder=words, indexing="manual") as store:
        kept = [store.remember(text, speaker=speaker, conversation="garden") for speaker, text in SAID]
        store.forget(kept[-1].id)
    return folder


def remembered(profile: Path, words: BagOfWords) -> list[Turn]:
    with MemoryStore.open(profile, embedder=words, indexing="off") as store:
        return store.memories(newest_first=False)


def test_a_query_is_three_words_of_its_answer_or_a_question_made_of_them(profile: Path, words: BagOfWords) -> None:
    corpus = known_items(remembered(profile, words), 50, seed=0)
    assert len(corpus.questions) == 5
    for question in corpus.questions:
        [answer] = question.evidence
        said = {stem(word) for word in terms(answer)}
        asked = [word for word in terms(question.text) if stem(word) in said]
        assert len(asked) >= 3
        if question.category == "keywords":
            assert len(question.text.split()) == 3
    assert [question.category for question in corpus.questions] == ["keywords", "question"] * 2 + ["keywords"]


@pytest.mark.parametrize(
    ("speaker", "text", "form"),
    [
        ("user", "purple turnips grow", "What did I say about "),
        ("assistant", "purple turnips grow", "What did you say about "),
        ("Ana", "purple turnips grow", "What did Ana say about "),
        ("user", "喝咖啡跑步", "我说过什么？"),
    ],
)
def test_questions_say_whose_words_they_ask_for(speaker: str, text: str, form: str) -> None:
    from memory_store.clock import utc_now

    turns = [Turn(str(place), None, 0, speaker, f"{text} {text}", utc_now()) for place in range(2)]
    asked = known_items(turns, 2, seed=1).questions[1]
    assert form in asked.text
    assert asked.category == "question"


def test_words_that_only_one_memory_has_are_used_last(profile: Path, words: BagOfWords) -> None:
    turns = [turn for turn in remembered(profile, words) if turn.speaker == "Ana"]
    shared = [*turns, *(turn for turn in remembered(profile, words) if "paint" in turn.text)]
    [question] = [one for one in known_items(shared, 9, seed=0).questions if "green" in next(iter(one.evidence))][:1]
    assert {"paint", "garden", "shed"} == {word for word in terms(question.text) if word != "ana"} - {"say"}


def test_the_same_memory_and_seed_ask_the_same(profile: Path, words: BagOfWords) -> None:
    turns = remembered(profile, words)
    assert known_items(turns, 3, seed=5) == known_items(turns, 3, seed=5)
    assert known_items(turns, 3, seed=5).questions != known_items(turns, 3, seed=6).questions


def test_memories_of_the_same_words_answer_each_other() -> None:
    from memory_store.clock import utc_now

    turns = [Turn(str(place), None, 0, "user", "Paint the  garden shed", utc_now()) for place in range(2)]
    assert len(set(known_items(turns, 9, seed=0).keys)) == 1


def fingerprints(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file): f"{file.stat().st_mtime_ns} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files}


def test_the_profile_is_not_written(profile: Path, tmp_path: Path, embedder: CachingEmbedder) -> None:
    before = fingerprints(profile)
    (tmp_path / "copy").mkdir()
    snapshot(profile, tmp_path / "copy")
    measured = measure_mine(
        tmp_path / "copy", embedder, count=10, seed=0, wanted=Wanted(terms=False), progress=silently
    )
    assert fingerprints(profile) == before
    assert len(measured.answers[OURS].ranked) == 5
    for ranked, question in zip(measured.answers[OURS].ranked, measured.data.questions, strict=True):
        assert question.evidence <= set(ranked[:5])


def test_a_copy_holds_what_another_process_has_only_just_said(profile: Path, tmp_path: Path, words: BagOfWords) -> None:
    (tmp_path / "copy").mkdir()
    with MemoryStore.open(profile, embedder=words, indexing="off") as store:
        store.remember("Said a moment ago, still in the log.")
        snapshot(profile, tmp_path / "copy")
    assert remembered(tmp_path / "copy", words)[-1].text.startswith("Said a moment ago")


def test_nothing_to_ask_about(tmp_path: Path, words: BagOfWords, embedder: CachingEmbedder) -> None:
    with pytest.raises(UnknownId, match="Nothing is remembered in this profile yet"):
        snapshot(tmp_path / "nowhere", tmp_path)
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "few").mkdir()
    with MemoryStore.open(tmp_path / "few", embedder=words, indexing="off") as store:
        store.remember("Yes.")
    with pytest.raises(InvalidInput, match="None of 1 turn here has 3 words to ask for"):
        measure_mine(tmp_path / "few", embedder, count=10, seed=0, wanted=Wanted(), progress=silently)


def test_a_damaged_database(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "copy").mkdir()
    (tmp_path / "bad" / "memory.db").write_bytes(b"not a database" * 500)
    with pytest.raises(StoreDamaged, match="cannot be read"):
        snapshot(tmp_path / "bad", tmp_path / "copy")
