"""`mneme bench retention`: prunes are undone, the past gives use, evidence that was forgotten is not found."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.bench.data import Corpus, DataSet, Question
from agent.bench.embedding import CachingEmbedder
from agent.bench.forgetting import RANDOM, UNPRUNED, forgetting_report, measure_forgetting
from memory_store.records import NewTurn
from memory_store.retention.freeing import ORDERS
from tests.bench.making import BagOfWords, silently
from tests.command import Run, run_here

ANIMALS = ("heron", "kingfisher", "bittern", "curlew", "dunlin", "egret", "fulmar", "gannet")


def data() -> DataSet:
    """Of 16 turns the second 8 say who keeps which animal; each is asked about twice."""
    turns = [NewTurn(f"hm yes {n}", conversation="c") for n in range(8)]
    turns += [NewTurn(f"person{n} keeps a {bird} in the garden", conversation="c") for n, bird in enumerate(ANIMALS)]
    keys = tuple(f"k{n}" for n in range(16))
    asked = [
        Question(f"{ask} {bird}?", frozenset({f"k{8 + n}"}))
        for n, bird in enumerate(ANIMALS)
        for ask in ("Who keeps the", "Where is the")
    ]
    return DataSet("birds", "turn", (Corpus("birds", tuple(turns), keys, tuple(asked)),))


def measured(seed: int = 0) -> Any:
    found = measure_forgetting(data(), CachingEmbedder(BagOfWords()), silently, seed=seed, shares=(0.25, 0.5))
    return forgetting_report(found, seed=seed)


def test_what_says_little_can_go_and_what_was_forgotten_is_not_found() -> None:
    report = measured()
    methods = report["methods"]
    assert set(methods) == {UNPRUNED, RANDOM, *ORDERS}
    assert report["questions"] == 16
    whole = methods[UNPRUNED]["0%"]["recall@10"]["value"]
    assert whole == 1.0
    for order in ("information", "balanced"):
        assert methods[order]["50%"]["evidence_left"] == 1.0
        assert methods[order]["50%"]["recall@10"]["value"] == whole
        assert methods[order]["50%"]["ahead_of_random"]["low"] > 0
    for method, shares in methods.items():
        for found in shares.values():
            assert found["recall@10"]["value"] <= found["evidence_left"] + 1e-9, method
    assert methods[RANDOM]["50%"]["ahead_of_random"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert 0.2 < methods[RANDOM]["50%"]["evidence_left"] < 0.8
    assert methods["usage"]["50%"]["evidence_left"] > methods[RANDOM]["50%"]["evidence_left"]


def test_the_same_seed_gives_the_same_figures() -> None:
    assert measured(3) == measured(3)


@pytest.fixture
def mneme(tmp_path: Path) -> Run:
    return partial(run_here(tmp_path / "home"), "bench", "retention", cwd=tmp_path)


def test_the_command(mneme: Run, tmp_path: Path) -> None:
    lines: list[Any] = [{"format": "mneme-memory", "version": 2}]
    for n, bird in enumerate(ANIMALS):
        text = f"person{n} keeps a {bird}"
        said = {"speaker": "user", "said_at": "2026-10-20T18:00:00Z"}
        lines.append({"type": "memory", "id": f"m{n}", "conversation": "c", "text": text, **said})
    lines += [
        {"type": "question", "text": f"Who keeps a {bird}?", "evidence": [f"m{n}"]} for n, bird in enumerate(ANIMALS)
    ]
    (tmp_path / "birds.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = mneme("birds.jsonl").done().out
    assert "R@10 with nothing forgotten: 100.0" in told
    assert {line.split()[0] for line in told.splitlines() if line} >= {*ORDERS, RANDOM}
    assert max(map(len, told.splitlines())) <= 110
    found = mneme("birds.jsonl", "--json", "--seed", "4").done().json
    assert found["seed"] == 4
    assert set(found["sets"][0]["methods"]["usage"]) == {"10%", "25%", "50%", "75%"}
    mneme("nowhere.jsonl").refused("nowhere.jsonl")
    assert not (tmp_path / "home" / "profiles").exists()
