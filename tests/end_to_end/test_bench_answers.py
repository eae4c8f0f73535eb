"""``mneme bench answers`` with a real language model: memory beside none, and the output-layer memory beside both."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.command import run_here
from tests.end_to_end.questions import write_questions

NAMES, NUMBERS = 40, 25
LONGEST_S = 600
pytestmark = [pytest.mark.slow, pytest.mark.timeout(LONGEST_S)]

CITES_RIGHT = 0.9
"""Of other questions: 95.3 % of the 384 replies that cite, of 400; 90.4 % of 94, of the 100 in docs/models.md."""


def fewest(count: int, rate: float) -> int:
    """The number of hits of ``count`` that less than one sound model in a thousand falls short of (binomial)."""
    below = 0.0
    for hits in range(count + 1):
        below += math.comb(count, hits) * rate**hits * (1 - rate) ** (count - hits)
        if below >= 0.001:
            return hits
    return count


def asked(folder: Path, model: Path, kind: str, count: int, *modes: str) -> dict[str, Any]:
    write_questions(folder / f"{kind}.jsonl", kind, count)
    chosen = [word for mode in modes for word in ("--mode", mode)]
    words = ["bench", "answers", f"{kind}.jsonl", "--model", model, "--json", *chosen]
    [data] = run_here(folder)(*words, cwd=folder).done().json["sets"]
    assert data["questions"] == count
    found: dict[str, Any] = data["modes"]
    return found


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, tiny_model_path: Path) -> dict[str, Any]:
    return asked(tmp_path_factory.mktemp("names"), tiny_model_path, "names", NAMES)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory, tiny_model_path: Path) -> dict[str, Any]:
    return asked(tmp_path_factory.mktemp("numbers"), tiny_model_path, "numbers", NUMBERS, "memory", "output")


def score(modes: dict[str, Any], mode: str, name: str = "exact_match") -> float:
    return float(modes[mode][name]["value"])


def test_memory_is_what_makes_it_right(names: dict[str, Any]) -> None:
    assert score(names, "memory", "contains") >= 0.8
    assert score(names, "memory") >= 0.8
    assert score(names, "none", "contains") <= 0.1
    assert names["memory"]["ahead_of_none"]["f1"]["low"] > 0.2
    assert set(names) == {"memory", "none", "history", "output", "output-only"}


def test_what_it_cites_is_where_the_answer_is(names: dict[str, Any]) -> None:
    """By chance one in ten would be right: that many memories are recalled. Replies cite one memory each, mostly."""
    citing = names["memory"]["replies_that_cite"]
    assert citing >= 0.8 * NAMES
    assert names["memory"]["citation_precision"] >= fewest(citing, CITES_RIGHT) / citing


def test_output_layer_memory_does_no_harm_where_the_model_reads_well(names: dict[str, Any]) -> None:
    assert names["output"]["prompt_tokens"] == names["memory"]["prompt_tokens"]
    assert score(names, "output") >= score(names, "memory") - 1.5 / NAMES, "at most one question"
    assert score(names, "output-only") > score(names, "none"), "though nothing recalled is in its prompt"


def test_output_layer_memory_keeps_numbers_that_the_model_alone_loses(numbers: dict[str, Any]) -> None:
    """Same questions, same prompts."""
    assert numbers["output"]["prompt_tokens"] == numbers["memory"]["prompt_tokens"]
    assert score(numbers, "output") >= score(numbers, "memory") + 0.2
    assert score(numbers, "output", "contains") >= score(numbers, "memory", "contains") + 0.2
