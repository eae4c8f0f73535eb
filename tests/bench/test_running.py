"""A whole run on a tiny set: import, recall, baselines, switches, budgets; and what the report makes of it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from agent.bench.baselines import FUSED, VECTORS, WORDS
from agent.bench.data import DataSet
from agent.bench.embedding import CachingEmbedder
from agent.bench.formats.loading import load
from agent.bench.metrics import FIGURES, SHOWN
from agent.bench.report import report
from agent.bench.running import OURS, Measured, Wanted, measure
from agent.bench.switches import switched_off
from memory_store.addressing import Weights
from memory_store.reranking import Stage
from memory_store.store import MemoryStore
from tests.bench.making import HEADER, BagOfWords, Write, locomo_sample, memory, question, silently
from tests.fakes import Liking

ROWS = [
    HEADER,
    memory("m1", "My cat is called Miso."),
    memory("m2", "We walked along the river.", said_at="2026-10-21T18:00:00Z"),
    memory("m3", "The spare key is with Ana.", speaker="Bo", said_at="2026-10-22T18:00:00Z"),
    question("What is my cat called?", "m1", category="pets"),
    question("Where is the spare key?", "m3", category="things"),
    question("Where is the spare key?", "m3", category="things", as_of="2026-10-21"),
]


@pytest.fixture
def tiny(write: Write) -> DataSet:
    return load([write("tiny.jsonl", ROWS, lines=True)])[0]


def test_what_is_recalled_in_the_order_of_the_questions(tiny: DataSet, embedder: CachingEmbedder) -> None:
    measured = measure(tiny, embedder, Wanted(terms=False), silently)
    ours = measured.answers[OURS]
    assert [ranked[:1] for ranked in ours.ranked] == [["0"], ["2"], ["0"]] or ours.ranked[2] == []
    assert "2" not in ours.ranked[2]
    assert set(measured.answers) == {OURS, VECTORS, WORDS, FUSED}
    for name in (VECTORS, WORDS, FUSED):
        assert [ranked[:1] for ranked in measured.answers[name].ranked[:2]] == [["0"], ["2"]]
        assert "2" not in measured.answers[name].ranked[2]


def test_no_text_is_embedded_twice_and_queries_are_timed(
    tiny: DataSet, embedder: CachingEmbedder, words: BagOfWords
) -> None:
    measured = measure(tiny, embedder, Wanted(budgets=True), silently)
    assert len(words.encoded) == len(set(words.encoded))
    assert {f"{turn.speaker}: {turn.text}" for turn in tiny.corpora[0].turns} <= set(words.encoded)
    assert len(measured.embedding) == 2
    assert len(measured.answers[OURS].seconds) == 3


def test_every_weight_belongs_to_a_term_that_is_switched_off() -> None:
    off = switched_off()
    names = {field.name for field in fields(Weights) if getattr(Weights(), field.name)}  # what is off stays off
    zeroed = [{name for name in names if getattr(weights, name) == 0} for weights in off.values()]
    assert set.union(*zeroed) == names
    assert sum(map(len, zeroed)) == len(names)
    assert {"meaning", "neighbours", "session", "speaker"} <= off.keys()


def test_a_term_that_is_switched_off_is_no_reason_any_more(tmp_path: Path, words: BagOfWords) -> None:
    with MemoryStore.open(tmp_path, embedder=words, indexing="manual") as store:
        store.remember("My cat is called Miso.")
        store.remember("A dog ran.")
        store.index_now()
        assert store.recall("cat")[0].reasons["meaning"] > 0
    with MemoryStore.open(tmp_path, embedder=words, indexing="off", weights=switched_off()["meaning"]) as store:
        assert "meaning" not in store.recall("cat")[0].reasons


@pytest.mark.parametrize(("liked", "first"), [("fish", 1), ("Miso", 0)])
def test_a_second_look_has_a_row_of_its_own(write: Write, embedder: CachingEmbedder, liked: str, first: int) -> None:
    cats = [memory("m1", "My cat is called Miso."), memory("m2", "My cat likes fish.")]
    rows = [HEADER, *cats, question("Tell me of the cat.", "m2")]
    [data] = load([write("cats.jsonl", rows, lines=True)])
    looks = (Stage(Liking(liked), 9.0),)
    found = report(measure(data, embedder, Wanted(terms=False, second_looks=looks), silently), seed=0)
    assert found["methods"]["with taste"]["figures"]["recall@1"]["value"] == first
    assert found["ms"]["second_looks"]["with taste"]["median"] > 0


def test_the_report(tiny: DataSet, embedder: CachingEmbedder) -> None:
    found = report(measure(tiny, embedder, Wanted(terms=False, budgets=True), silently), seed=0)
    assert (found["name"], found["unit"], found["stores"], found["turns"], found["questions"]) == (
        "tiny",
        "turn",
        1,
        3,
        3,
    )
    ours = found["methods"][OURS]
    assert set(ours["figures"]) == set(SHOWN) < set(FIGURES)
    assert ours["figures"]["recall@1"]["value"] == round(2 / 3, 4)
    assert ours["mneme_ahead_by"]["recall@10"] == {"value": 0, "low": 0, "high": 0}
    assert ours["recall_at_k"] == [round(2 / 3, 4)] * 25
    assert found["categories"]["pets"]["questions"] == 1
    assert found["categories"]["pets"]["methods"][WORDS]["recall@1"] == 1
    assert found["categories"]["things"]["methods"][OURS]["recall@1"] == 0.5
    assert found["budgets"][OURS]["2000"]["value"] == round(2 / 3, 4)
    assert found["budgets"][WORDS]["250"]["value"] == round(2 / 3, 4)
    assert found["ms"]["recall"]["median"] > 0


def test_the_same_run_gives_the_same_figures(tiny: DataSet) -> None:
    def once() -> dict[str, Any]:
        found = report(measure(tiny, CachingEmbedder(BagOfWords()), Wanted(), silently), seed=3)
        del found["ms"]
        return found

    assert once() == once()


def two_stores(write: Write) -> DataSet:
    cats = ["My cat is called Miso.", "What a name for a cat."]
    keys = ["The spare key is with Zoe.", "Good to know, that spare key."]
    asked = [{"question": "What is the cat called?", "evidence": ["D1:1"], "category": 4}]
    also = [{"question": "Who has the spare key?", "evidence": ["D1:1"], "category": 1}]
    samples = [locomo_sample("c1", "Ana", "Bo", cats, qa=asked), locomo_sample("c2", "Cy", "Di", keys, qa=also)]
    return load([write("locomo.json", samples)])[0]


def test_a_store_without_questions_is_passed_over(write: Write, embedder: CachingEmbedder) -> None:
    data = two_stores(write)
    silent = replace(data, corpora=(replace(data.corpora[0], questions=()), data.corpora[1]))
    found = report(measure(silent, embedder, Wanted(terms=False), silently), seed=0)
    assert (found["questions"], found["methods"][OURS]["figures"]["recall@1"]["value"]) == (1, 1)


def test_with_one_store_there_is_no_elsewhere(write: Write, embedder: CachingEmbedder) -> None:
    measured = measure(two_stores(write).pooled(), embedder, Wanted(terms=False, elsewhere=True), silently)
    assert report(measured, seed=0)["remarks"][-1:] == ["there is no other store to put the questions to"]


def test_questions_put_elsewhere(write: Write, embedder: CachingEmbedder) -> None:
    measured = measure(two_stores(write), embedder, Wanted(terms=False, elsewhere=True), silently)
    found = report(measured, seed=0)["nothing_on_that"]
    assert (found["questions"], found["auroc"]) == (2, 1)


def test_pooled_questions_find_their_own(write: Write, embedder: CachingEmbedder) -> None:
    measured: Measured = measure(two_stores(write).pooled(), embedder, Wanted(terms=False), silently)
    assert [ranked[0] for ranked in measured.answers[OURS].ranked] == ["c1\0D1:1", "c2\0D1:1"]
    assert report(measured, seed=0)["stores"] == 1


def test_scratch_stores_are_thrown_away(
    tiny: DataSet, embedder: CachingEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    measure(tiny, embedder, Wanted(terms=False), silently)
    assert list((tmp_path / "scratch").iterdir()) == []
