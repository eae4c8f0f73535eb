"""A file that cannot be used is refused with its name, the line where there is one, and what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from agent.bench.data import DataError
from agent.bench.formats.loading import load
from memory_store.errors import InvalidInput
from tests.bench.making import HEADER, Write, locomo_sample, memory, question


def test_no_such_file_and_no_such_format(write: Write) -> None:
    file = write("x.json", {})
    with pytest.raises(DataError, match=r"missing\.json: there is no such file"):
        load([file.with_name("missing.json")])
    with pytest.raises(InvalidInput, match="locomo, realmem, madial, beam, jsonl"):
        load([file], "csv")


@pytest.mark.parametrize("value", [{}, [], [1, 2], "text", None, {"dialogues": []}])
def test_none_of_the_formats(write: Write, value: Any) -> None:
    with pytest.raises(DataError, match=r"none of locomo, .*--format"):
        load([write("x.json", value)])


def test_broken_json_names_the_line(write: Write) -> None:
    file = write("x.json", {})
    file.write_text('{\n "a": 1,\n}', "utf-8")
    with pytest.raises(DataError, match=r"x\.json, line 3: not valid JSON"):
        load([file])


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (question("Who?", "m9"), '"m9" is the id or source id of no memory, or of several'),
        (question("Who?", "twice"), '"twice" is the id or source id of no memory, or of several'),
        (question("Who?"), '"evidence" is empty'),
        (question("Who?", "m1", evidnce=[]), 'unknown field "evidnce"'),
        (question(" ", "m1"), '"text" is empty'),
        ({"type": "question", "text": "Who?"}, '"evidence" must be a JSON array, not null'),
        (question("Who?", "m1", as_of="soon"), "'soon' is not a date"),
        ({"type": "memory", "id": "m9"}, "is missing"),
        ({"type": "riddle"}, '"type" must be'),
    ],
)
def test_our_own_format_names_the_line(write: Write, wrong: dict[str, Any], problem: str) -> None:
    rows = [HEADER, memory("m1", "One.", source_id="twice"), memory("m2", "Two.", source_id="twice"), wrong]
    with pytest.raises(DataError) as refused:
        load([write("mine.jsonl", rows, lines=True)])
    assert refused.value.line == 4
    assert problem in str(refused.value)
    assert "imported" not in str(refused.value)


def test_nothing_to_ask(write: Write) -> None:
    with pytest.raises(DataError, match='no line with "type": "question"'):
        load([write("mine.jsonl", [HEADER, memory("m1", "One.")], lines=True)])
    with pytest.raises(DataError, match="no question with evidence"):
        load([write("locomo.json", locomo_sample("c", "Ana", "Bo", ["Hi.", "Ho."]))])


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({}, '"qa" of c must be a JSON array'),
        ([1], "question 1 of c must be a JSON object"),
        ([{"category": 1, "evidence": ["D1:1"]}], '"question" is missing'),
    ],
)
def test_locomo(write: Write, asked: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        load([write("locomo.json", [locomo_sample("c", "Ana", "Bo", ["Hi.", "Ho."], qa=asked)])])


@pytest.mark.parametrize(
    ("session", "problem"),
    [
        ({"dialogue_turns": []}, 'session 1: "session_uuid" is missing'),
        ({"dialogue_turns": [], "session_uuid": "s", "current_time": "Friday"}, "must begin with a day"),
        (
            {"dialogue_turns": [{"speaker": "User"}], "session_uuid": "s", "current_time": "2025-01-01"},
            '"content" is missing',
        ),
    ],
)
def test_realmem(write: Write, session: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        load([write("r.json", {"dialogues": [session]})])


@pytest.mark.parametrize(
    ("dialogue", "problem"),
    [
        ({}, '"dialogue" in line 1 must be a JSON array'),
        ({"dialogue": ["<BOD>", "a", "b"], "test-turn": [9], "relevant-id": [1]}, "must name a turn of the dialogue"),
        ({"dialogue": ["<BOD>", "a", "b"], "test-turn": [2], "relevant-id": [5]}, "is no memory"),
        ({"dialogue": ["<BOD>", "a", "b"], "test-turn": [2], "relevant-id": []}, "is no memory"),
    ],
)
def test_madial(write: Write, dialogue: Any, problem: str) -> None:
    write("en-memories.jsonl", [{"1": {"event": "Bart danced."}}], lines=True)
    file = write("en-dialogues.jsonl", [dialogue], lines=True)
    with pytest.raises(DataError, match=problem):
        load([file.parent])


def test_madial_without_its_dialogues(write: Write) -> None:
    with pytest.raises(DataError, match=r"en-dialogues\.jsonl: this file is missing"):
        load([write("en-memories.jsonl", [{"1": {"event": "Bart danced."}}], lines=True)])


@pytest.mark.parametrize(
    ("chat", "probes", "problem"),
    [
        ([], {}, 'no message with "role" and "content"'),
        ([{"turns": [{"role": "user", "content": "Hi.", "id": 1}]}], None, r"no probing_questions\.json in it"),
        ([{"turns": [{"role": "user", "content": "Hi.", "id": 1}]}], {"a": {}}, '"a" must be a JSON array'),
        (
            [{"turns": [{"role": "user", "content": "Hi.", "id": 1}]}],
            {"a": [{"question": "Q", "source_chat_ids": [True]}]},
            'a 1: "source_chat_ids" must hold message ids, not true or false',
        ),
    ],
)
def test_beam(write: Write, chat: Any, probes: Any, problem: str) -> None:
    file = write("1/chat.json", chat)
    if probes is not None:
        write("1/probing_questions.json", probes)
    with pytest.raises(DataError, match=problem):
        load([file.parent])
