"""What an external memory is for, through the product's own commands, with a real language model.

Two hundred facts about people and things that no training has seen are told in one conversation and asked for a month
later in others. Everything is real: replay command, SQLite, embeddings, recall, prompt, transformers, greedy decoding.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.command import run_apart, run_here
from tests.end_to_end.life import held_out_facts, write_script
from tests.tiny_model.words import FRAME_WORDS, held_out
from tests.tiny_model.world import Fact

FACTS = 200
WANTED = 0.95
"""Of the facts."""
ASKED_WITHOUT = 40
BY_CHANCE = 1
"""Guessing one of the 200 values gets a fifth of one right on average, and more than one in under 2 cases of 100."""


LONGEST_S = 1200


GREEDY = {"MNEME_MODEL__TEMPERATURE": "0"}


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    return held_out_facts(FACTS, Random(42))


@pytest.fixture(scope="module")
def runs(facts: list[Fact], tmp_path_factory: pytest.TempPathFactory, tiny_model_path: Path) -> dict[bool, Any]:
    """Memory or not -> what the replay command did."""
    home = tmp_path_factory.mktemp("life")
    script = home / "life.jsonl"

    def played(asked: int, *options: str) -> Any:
        write_script(script, facts, Random(43), asked)
        done = run_here(home)("replay", script, "--model", tiny_model_path, "--json", *options, env=GREEDY)
        assert done.code in (0, 1), done.err
        return done.json[0]

    return {True: played(FACTS), False: played(ASKED_WITHOUT, "--no-memory")}


def right(run: dict[str, Any], asked: int) -> int:
    checks = [event for event in run["events"] if event["event"] == "checked"]
    assert len(checks) == run["expectations"] == asked
    return sum(check["holds"] for check in checks)


def replies(run: dict[str, Any]) -> list[str]:
    return [event["text"] for event in run["events"] if event["event"] == "replied"]


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_with_memory_nearly_all_is_known_a_month_later(runs: dict[bool, Any]) -> None:
    wrong = [event["detail"] for event in runs[True]["events"] if not event.get("holds", True)]
    assert right(runs[True], FACTS) >= WANTED * FACTS, wrong


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S)
def test_without_memory_it_is_no_better_than_chance(runs: dict[bool, Any]) -> None:
    assert right(runs[False], ASKED_WITHOUT) <= BY_CHANCE
    assert len(replies(runs[False])) == ASKED_WITHOUT


@pytest.mark.slow
def test_what_one_process_is_told_another_knows(facts: list[Fact], tmp_path: Path, tiny_model_path: Path) -> None:
    told = [fact for fact in facts if fact.person is None][:2]
    here, apart = run_here(tmp_path), run_apart(tmp_path)
    model = ["--model", tiny_model_path]
    for number, (fact, run) in enumerate(zip(told, (here, apart), strict=True)):
        run("ask", fact.tell(Random(number)), *model, env=GREEDY).done()
    asked = zip(told, (apart, here), strict=True)
    replies = [run("ask", fact.ask(Random(7)), *model, env=GREEDY).done().out for fact, run in asked]
    assert [fact.value for fact, reply in zip(told, replies, strict=True) if fact.value in reply] == [
        fact.value for fact in told
    ]


def test_what_is_asked_was_never_trained(facts: list[Fact]) -> None:
    for fact in facts:
        invented = [word for word in fact.value.split() if word not in FRAME_WORDS]
        assert all(held_out(word) for word in invented), fact.value
