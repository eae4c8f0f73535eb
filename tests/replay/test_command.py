"""``mneme replay`` as people and their CI call it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from agent.replay.layout import cells
from memory_store import MemoryStore

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.relative_to(ROOT) for path in (ROOT / "docs" / "examples").iterdir())

GOOD = "- {say: My cat is called Miso., label: miso}\n- {after: 1 month, conversation: later}\n"
ASK = "- say: What is my cat called?\n  expect:\n    recalls: miso\n    reply: {contains: Miso}\n"
WRONG = "- say: What is my cat called?\n  expect:\n    reply:\n      contains: Luna\n"


@pytest.fixture
def script(tmp_path: Path):
    def write(text: str, name: str = "talk.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_there_are_examples_of_every_kind() -> None:
    assert len(EXAMPLES) >= 5
    assert {path.suffix for path in EXAMPLES} == {".yaml", ".jsonl"}


@pytest.mark.slow
@pytest.mark.parametrize("mode", [(), ("--compare", "--json")], ids=["transcript", "both as json"])
def test_the_examples_hold_and_print_the_same_in_any_process(mneme_apart, mode: tuple[str, ...]) -> None:
    # Not in the tests' own process: once torch is imported there, it embeds, and rounds the last figure otherwise.
    results = [mneme_apart("replay", *EXAMPLES, *mode) for _ in range(2)]
    assert [result.code for result in results] == [0, 0], results[0].err
    assert results[0].out
    assert results[0].out == results[1].out
    assert all(f"{path}" in results[0].out for path in EXAMPLES)


def test_a_script_prints_the_same_alone_and_in_company(mneme, script) -> None:
    path, other = script(GOOD + ASK), script("- note: " + "a long note " * 40 + "\n", "other.yaml")
    alone = mneme("replay", path, "--json").json
    after = mneme("replay", other, path, "--json").json
    assert alone[0] == after[1]


def test_a_failed_expectation_is_named_and_exits_1(mneme, script, tmp_path: Path) -> None:
    path = script(GOOD + ASK + WRONG)
    result = mneme("replay", path, "--junit", tmp_path / "report.xml")
    assert result.code == 1
    assert f'FAILED {path}, line 10: reply contains "Luna": the reply was "This is what I remember' in result.err
    assert len(result.err.strip().split("\n")) == 1
    assert "2 of 3 expectations hold" in result.out
    suite = ET.fromstring((tmp_path / "report.xml").read_bytes())[0]
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]) == ("3", "1", "0")


def test_without_memory_the_same_script_fails_and_compare_shows_both(mneme, script) -> None:
    path = script(GOOD + ASK)
    without = mneme("replay", path, "--no-memory", "--json")
    assert without.code == 1
    assert [run["memory"] for run in without.json] == [False]
    both = mneme("replay", path, "--compare")
    assert both.code == 0
    assert both.err == ""
    assert "WITH MEMORY" in both.out
    assert "1 of" not in both.out
    assert "2 of 2 expectations hold" in both.out
    assert "0 of 2 expectations hold" in both.out
    assert max(map(cells, both.out.split("\n"))) <= 100


def test_a_bad_script_stops_all_of_them_before_anything_runs(mneme, script) -> None:
    result = mneme("replay", script(GOOD), script("- sya: Hello.\n", "bad.yaml"), "--json")
    assert result.code == 2
    assert result.out == ""
    assert re.fullmatch(r"mneme: .*bad\.yaml, line 1: unknown key 'sya'; did you mean 'say'\?\n", result.err)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--compare", "--no-memory"), "leave --no-memory out"),
        (("--compare", "--keep"), "leave one out"),
        (("--junit", "/nowhere/at/all.xml"), "a folder that exists"),
        (("--seed", "-1"), "--seed"),
        (("--model", "/no/such/model"), "/no/such/model"),
    ],
)
def test_options_that_cannot_be_used_exit_2(mneme, script, options: tuple[str, ...], problem: str) -> None:
    result = mneme("replay", script(GOOD), *options)
    assert result.code == 2
    assert result.out == ""
    assert problem in " ".join(result.err.replace("│", " ").split())
    assert "Traceback" not in result.err


def test_only_a_kept_replay_touches_the_profile(mneme, script, tmp_path: Path) -> None:
    home, path = tmp_path / "kept", script(GOOD)
    assert mneme("replay", path, "--home", home).code == 0
    assert not (home / "profiles").exists()
    assert mneme("replay", path, "--home", home, "--keep").code == 0
    with MemoryStore.open(home / "profiles" / "default", indexing="off") as store:
        assert [turn.text for turn in store.memories(speaker="user")] == ["My cat is called Miso."]


def test_the_first_example_of_the_documentation_prints_what_it_says(mneme, script, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8")
    source = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    printed = re.search(r"```console\n\$ mneme replay month.yaml\n(.*?)```", text, re.DOTALL)
    assert source is not None
    assert printed is not None
    result = mneme("replay", script(source[1], "month.yaml").name, cwd=tmp_path)

    def without_scores(lines: str) -> str:
        return re.sub(r"\(\d\.\d\d\)", "(score)", lines)

    assert without_scores(result.out) == without_scores(printed[1])


@pytest.mark.slow
def test_several_at_once_print_what_they_print_in_turn(mneme, mneme_apart, script) -> None:
    paths = [script(GOOD + ASK), script(GOOD + ASK + WRONG, "wrong.yaml"), script("- note: tea\n", "note.yaml")]
    in_turn = mneme_apart("replay", *paths, "--json", "--compare")
    at_once = mneme_apart("replay", *paths, "--json", "--compare", "--jobs", "2")
    assert (at_once.code, at_once.out, at_once.err) == (in_turn.code, in_turn.out, in_turn.err)
    assert at_once.code == 1
    both = mneme("replay", paths[0], "--keep", "--jobs", "2")
    assert both.code == 2
    assert "leave --jobs out" in both.err
