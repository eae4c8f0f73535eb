"""The generated set is what it says it is, and what is found of its development portion is right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.updates.making import people
from benchmarks.updates.talk import CHANGES, KEPT
from benchmarks.updates.wording import CHAT, CHINESE, ENGLISH


def test_the_portions_share_no_template() -> None:
    for relation in (*ENGLISH, *CHINESE):
        for words in (relation.older, relation.newer, relation.kept, relation.corrections):
            assert not set(words.get("dev", ())) & set(words.get("test", ()))
    for words in CHAT.values():
        assert not set(words["dev"]) & set(words["test"])
    for pairs in (*CHANGES.values(), *KEPT.values()):
        assert not {pair.newer for pair in pairs["dev"]} & {pair.newer for pair in pairs["test"]}


def test_a_person_is_the_same_for_the_same_seed() -> None:
    assert people("en", "dev", 3, 1) == people("en", "dev", 3, 1) != people("en", "dev", 3, 2)


def test_nearly_all_is_found_and_nothing_else() -> None:
    command = [sys.executable, "-m", "benchmarks.updates", "--portion", "dev", "--people", "3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    measured = json.loads(done.stdout.splitlines()[-1])
    for found in measured["talk"]:
        assert found["false"] == 0
        assert found["found"] >= 0.8 * found["changes"]
    for found in measured["sets"]:
        assert found["precision"] == 1.0
        assert found["recall"] > 0.8
        assert found["newer_first"] > found["newer_first_without"]
