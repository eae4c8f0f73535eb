"""`mneme bench` as a person runs it; and docs/bench.md as it stands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from agent.bench.formats.loading import load
from agent.bench.metrics import SHOWN
from tests.command import Run, environment, run_here

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "bench.md").read_text("utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def mneme(home: Path, tmp_path: Path) -> Run:
    """``mneme bench``, in the test's folder."""
    return partial(run_here(home), "bench", cwd=tmp_path)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example of docs/bench.md."""
    [lines] = re.findall(r"^```jsonl\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE)
    file = tmp_path / "questions.jsonl"
    file.write_text(lines, "utf-8")
    return file


def test_the_documented_example_is_valid(example: Path) -> None:
    [data] = load([example])
    assert [question.text for question in data.questions] == ["What is my cat called?", "Who has the spare key?"]


def test_the_tables(mneme: Run, example: Path, home: Path) -> None:
    ran = mneme("recall", example, "--budget", "--plot", "recall.png")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("questions: 2 questions, 3 turns, 1 store; evidence is turns\n")
    rows = [line.split()[0] for line in ran.out.splitlines() if line]
    assert {"mneme", "vectors", "BM25", "RRF", "without", "pets", "Milliseconds"} <= set(rows)
    assert max(map(len, ran.out.splitlines())) <= 100
    assert ran.err == "Drawn: recall.png\n"
    assert (example.parent / "recall.png").read_bytes().startswith(b"\x89PNG")
    assert not (home / "profiles").exists()


def test_json_has_the_documented_fields(mneme: Run, example: Path) -> None:
    ran = mneme("recall", example, "--json", "--no-terms", "--budget", "--seed", "4")
    document = ran.json
    assert (set(document), document["seed"]) == ({"embedder", "seed", "sets"}, 4)
    [found] = document["sets"]
    assert set(found["methods"]) == {"mneme", "vectors only", "BM25 only", "RRF k=60"}
    table = DOCS.split("## JSON")[1].split("`bench answers --json`")[0]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert set(found) | {"nothing_on_that"} | set(found["methods"]["mneme"]) == named
    assert set(found["methods"]["mneme"]["figures"]) == set(SHOWN)
    assert all(f"`{name}`" in table for name in SHOWN)


def test_the_wrapper_for_a_checkout(example: Path, home: Path, tmp_path: Path) -> None:
    """In a process of its own, as whoever starts it does."""
    command = [
        sys.executable,
        ROOT / "benchmarks" / "recall.py",
        example,
        "--json",
        "--no-terms",
        "--limit-questions",
        "1",
    ]
    ran = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, env=environment(home), timeout=240)
    assert json.loads(ran.stdout)["sets"][0]["questions"] == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("recall", "missing.json"), "there is no such file or folder"),
        (("recall", "questions.jsonl", "--plot", "no/where.png"), "is not the name of a .png file"),
        (("mine",), "Nothing is remembered in this profile yet"),
    ],
)
def test_refused_in_one_line(mneme: Run, example: Path, words: tuple[str, ...], problem: str) -> None:
    ran = mneme(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("mneme: ")
    assert ran.err.count("\n") == 1
    assert problem in ran.err


def test_a_format_that_does_not_exist(mneme: Run, example: Path) -> None:
    ran = mneme("recall", example, "--format", "csv")
    assert ran.code == 2
    assert "locomo, realmem, madial, beam, jsonl" in ran.err


def test_ones_own_memory(mneme: Run, home: Path) -> None:
    from memory_store.store import MemoryStore

    with MemoryStore.open(home / "profiles" / "default", indexing="off") as store:
        for speaker, text in (
            ("user", "The spare key of the shed is with Ana."),
            ("user", "Ana painted her shed green."),
        ):
            store.remember(text, speaker=speaker, conversation="garden")
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    ran = mneme("mine", "--no-terms", "--json")
    assert ran.code == 0, ran.err
    [found] = ran.json["sets"]
    assert (found["name"], found["questions"]) == ("your memory", 2)
    assert found["methods"]["mneme"]["figures"]["recall@10"]["value"] == 1
    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == before
