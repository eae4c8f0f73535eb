"""``mneme bench answers`` with a real language model: memory beside none, and the output-layer memory beside both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.end_to_end.life import held_out_facts

COMMAND = Path(sys.executable).with_name("mneme")
FACTS = 24
LONGEST_S = 600
pytestmark = pytest.mark.xdist_group("bench-answers")


def write_questions(file: Path) -> None:
    """Facts of words that no training has seen, in mneme's own format, each with the value that answers it."""
    random = Random(7)
    rows: list[dict[str, Any]] = [{"format": "mneme-memory", "version": 1}]
    facts = held_out_facts(FACTS, random)
    for number, fact in enumerate(facts):
        said_at = f"2026-10-{1 + number // 4:02}T09:00:{number:02}Z"
        told = {"id": f"m{number}", "conversation": "october", "speaker": "user", "said_at": said_at}
        rows.append({"type": "memory", "text": fact.tell(random), **told})
    for number, fact in enumerate(facts):
        answer = [fact.answer, fact.value]
        rows.append({"type": "question", "text": fact.ask(random), "evidence": [f"m{number}"], "answer": answer})
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.fixture(scope="module")
def modes(tmp_path_factory: pytest.TempPathFactory, tiny_model_path: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("answers")
    write_questions(folder / "facts.jsonl")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MNEME_")} | {"MNEME_HOME": str(folder)}
    command = [COMMAND, "bench", "answers", "facts.jsonl", "--model", str(tiny_model_path), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, timeout=LONGEST_S, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    [data] = json.loads(done.stdout)["sets"]
    assert data["questions"] == FACTS
    found: dict[str, Any] = data["modes"]
    return found


def score(modes: dict[str, Any], mode: str, name: str = "contains") -> float:
    return float(modes[mode][name]["value"])


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_memory_is_what_makes_it_right(modes: dict[str, Any]) -> None:
    assert score(modes, "memory") >= 0.8
    assert score(modes, "memory", "exact_match") >= 0.7
    assert score(modes, "none") <= 0.1
    assert modes["memory"]["ahead_of_none"]["f1"]["low"] > 0.2


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_what_it_cites_is_where_the_answer_is(modes: dict[str, Any]) -> None:
    assert modes["memory"]["citation_precision"] >= 0.65  # .78 of 24, .90 of 40: the model is tiny, chance is about .1
    assert modes["memory"]["replies_that_cite"] >= 0.8 * FACTS


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_output_layer_memory_keeps_exact_names(modes: dict[str, Any]) -> None:
    """Same questions, same prompts. Where the model reads them all by itself, it can only do no harm."""
    assert modes["output"]["prompt_tokens"] == modes["memory"]["prompt_tokens"]
    assert score(modes, "output") >= score(modes, "memory") - 0.05
