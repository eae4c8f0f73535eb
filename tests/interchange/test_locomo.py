"""LoCoMo's schema, made up here: the data itself may not be shipped. test_locomo_file.py reads the real thing."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from memory_store.errors import ImportFailed
from memory_store.interchange.entries import Entry, Heading, Skipped
from memory_store.interchange.locomo import is_locomo, read_locomo
from memory_store.records import NewTurn

FIRST = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
SECOND = datetime(2023, 5, 25, 0, 14, tzinfo=UTC)
SAMPLE: dict[str, Any] = {
    "sample_id": "conv-7",
    "qa": [{"question": "?", "evidence": ["D1:1"]}],
    "conversation": {
        "speaker_a": "Ana",
        "speaker_b": "Bo",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Ana", "dia_id": "D1:1", "text": "Hi Bo!"},
            {"speaker": "Bo", "dia_id": "D1:2", "text": "Look.", "blip_caption": "a red kite", "query": "kite beach"},
            {"speaker": "Bo", "dia_id": "D1:3", "text": "", "blip_caption": "a dog"},
            {"speaker": "Bo", "dia_id": "D1:4", "blip_caption": "a cat"},
        ],
        "session_10_date_time": "12:14 am on 25 May, 2023",
        "session_10": [{"speaker": "Bo", "dia_id": "D10:1", "text": "Ana?"}],
        "session_2_date_time": "12:14 am on 25 May, 2023",
        "session_2": [{"speaker": "Ana", "dia_id": "D2:1", "text": " Yes. "}],
        "session_11_date_time": "1:00 pm on 1 June, 2023",
        "session_12_date_time": "1:00 pm on 2 June, 2023",
        "session_12": [],
    },
}  # fmt: skip


def at(second: int) -> datetime:
    return FIRST.replace(second=second)


EXPECTED: list[Entry] = [
    Heading("conv-7/session_1", "Ana & Bo, session 1 (conv-7)", FIRST),
    NewTurn("Hi Bo!", "Ana", "conv-7/session_1", at(0), "D1:1"),
    NewTurn("Look. [caption: a red kite]", "Bo", "conv-7/session_1", at(1), "D1:2"),
    NewTurn("[caption: a dog]", "Bo", "conv-7/session_1", at(2), "D1:3"),
    NewTurn("[caption: a cat]", "Bo", "conv-7/session_1", at(3), "D1:4"),
    Heading("conv-7/session_2", "Ana & Bo, session 2 (conv-7)", SECOND),
    NewTurn(" Yes. ", "Ana", "conv-7/session_2", SECOND, "D2:1"),
    Heading("conv-7/session_10", "Ana & Bo, session 10 (conv-7)", SECOND),
    NewTurn("Ana?", "Bo", "conv-7/session_10", SECOND, "D10:1"),
]


def test_a_list_of_samples_and_one_sample_read_alike(read: Any) -> None:
    assert read(read_locomo, [SAMPLE]) == EXPECTED
    assert read(read_locomo, SAMPLE) == EXPECTED
    assert read(read_locomo, json.dumps(SAMPLE)) == EXPECTED


def test_the_annotators_words_are_left_out(read: Any) -> None:
    assert "beach" not in repr(read(read_locomo, SAMPLE))


def test_without_an_id_the_file_gives_one(read: Any) -> None:
    nameless = {"conversation": SAMPLE["conversation"]}
    assert read(read_locomo, nameless)[0].id == "log/session_1"
    assert read(read_locomo, SAMPLE["conversation"])[0].id == "log/session_1"
    several = [entry.id for entry in read(read_locomo, [nameless, nameless]) if isinstance(entry, Heading)]
    assert several[0], several[3] == ("log-1/session_1", "log-2/session_1")


def test_without_named_speakers_those_who_speak_make_the_title(read: Any) -> None:
    sample = copy.deepcopy(SAMPLE)
    del sample["conversation"]["speaker_b"]
    assert read(read_locomo, sample)[0].title == "Ana & Bo, session 1 (conv-7)"


def test_a_turn_without_words_or_picture_is_skipped_and_takes_its_second(read: Any) -> None:
    sample = copy.deepcopy(SAMPLE)
    sample["conversation"]["session_1"][1] = {"speaker": "Bo", "dia_id": "D1:2", "text": " "}
    entries = read(read_locomo, sample)
    assert entries[2] == Skipped("turn without words")
    assert entries[3] == EXPECTED[3]


def broken(*path: Any, value: Any = None, remove: bool = False) -> dict[str, Any]:
    sample = copy.deepcopy(SAMPLE)
    inner = sample
    for step in path[:-1]:
        inner = inner[step]
    if remove:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return sample


TURN = ("conversation", "session_1", 1)


@pytest.mark.parametrize(
    ("sample", "problem", "near"),
    [
        (broken(*TURN, "speaker", remove=True), 'without "speaker"', '"dia_id": "D1:2"'),
        (broken(*TURN, "dia_id", remove=True), 'without "dia_id"', '"text": "Look."'),
        (broken(*TURN, "dia_id", value=[]), '"dia_id" must be text', '"dia_id": []'),
        (broken(*TURN, "text", value=5), '"text" must be text, not a number', '"text": 5'),
        (broken(*TURN, "blip_caption", value={}), '"blip_caption" must be text', '"blip_caption": {}'),
        (broken(*TURN, "text", value="\udc80"), "surrogate", '"\\udc80"'),
        (broken(*TURN, value="words"), "a turn must be a JSON object", '"words"'),
        (broken(*TURN, value={"speaker": "Bo", "dia_id": "D"}), '"text" is missing', '"dia_id": "D"'),
        (broken("conversation", "session_2", value={}), '"session_2" must be a JSON array', '"session_2": {}'),
        (broken("conversation", "session_2_date_time", remove=True), "have no date", '"session_2"'),
        (broken("conversation", "session_2_date_time", value="soon"), "is not a date", '"soon"'),
        (broken("conversation", value=[]), '"conversation" must be a JSON object', '"conversation": []'),
        (broken("conversation", value={"a": 1}), 'no "session_1"', '"conversation"'),
        (broken("sample_id", value=True), '"sample_id" must be text', '"sample_id"'),
        (3, "a LoCoMo sample must be a JSON object", "3"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("many", [False, True])
def test_a_bad_sample_names_its_line(read: Any, sample: Any, problem: str, near: str, many: bool) -> None:
    good = broken("sample_id", value="conv-1")
    words = json.dumps([good, sample] if many else sample, indent=1)
    with pytest.raises(ImportFailed, match=problem) as failure:
        read(read_locomo, words)
    line = failure.value.line
    assert line is not None
    lines = words.split("\n")
    assert near in "\n".join(lines[line - 1 : line + 2])
    assert not many or line > len(json.dumps(good, indent=1).split("\n"))


def test_the_same_sample_twice_is_refused(read: Any) -> None:
    with pytest.raises(ImportFailed, match="conv-7 is used twice"):
        read(read_locomo, [SAMPLE, SAMPLE])


@pytest.mark.parametrize(
    ("value", "is_it"),
    [
        (SAMPLE, True),
        ([SAMPLE], True),
        (SAMPLE["conversation"], True),
        ([], False),
        ({"conversation": "c"}, False),
        (1, False),
    ],
)
def test_recognised(value: Any, is_it: bool) -> None:
    assert is_locomo(value) is is_it
