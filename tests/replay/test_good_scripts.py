"""What a script says, once read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.replay.loading import load_script
from agent.replay.script import DEFAULT_START, Script
from agent.replay.vocabulary import ACTIONS, Hear, Note, Pause, PruneCriteria, Say, Search


def script(tmp_path: Path, text: str, name: str = "script.yaml") -> Script:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_script(path)


def test_steps_know_their_lines_labels_and_instants(tmp_path: Path) -> None:
    read = script(
        tmp_path,
        "title: A month\nstart: 2026-10-20 09:00\nsteps:\n"
        "  - say: My cat is called Miso.\n    label: miso\n"
        "  - after: 1 month\n"
        "  - at: 2026-12-24T18:00+01:00\n    hear: Merry Christmas.\n    speaker: Ana\n"
        "  - note: The key is under the mat.\n",
    )
    assert (read.title, read.start) == ("A month", datetime(2026, 10, 20, 9, tzinfo=UTC))
    assert [type(step.action) for step in read.steps] == [Say, Pause, Hear, Note]
    assert [step.label for step in read.steps] == ["miso", "", "#2", "#3"]
    assert [step.line for step in read.steps] == [4, 6, 7, 10]
    assert [step.at.isoformat()[:16] for step in read.steps[1:]] == ["2026-11-20T09:00", *["2026-12-24T17:00"] * 2]


def test_a_bare_list_of_steps_is_a_script(tmp_path: Path) -> None:
    read = script(tmp_path, "- say: Hello.\n- search: Hello?\n")
    assert read.title == read.source
    assert read.start == DEFAULT_START
    assert [step.line for step in read.steps] == [1, 2]


def test_plain_yaml_words_stay_what_was_written(tmp_path: Path) -> None:
    read = script(tmp_path, "- say: no\n- say: 42\n- say: 2026-10-20\n- say: 0x10\n- say: 'null'\n")
    assert [step.action.say for step in read.steps if isinstance(step.action, Say)] == [
        "no",
        "42",
        "2026-10-20",
        "0x10",
        "null",
    ]


def test_one_or_many(tmp_path: Path) -> None:
    read = script(
        tmp_path,
        "- {note: a, label: a}\n- {note: b, label: b}\n"
        "- search: x\n  limit: 7\n  expect: {recalls: a, does_not_recall: [a, b], within: 2, found: yes}\n",
    )
    action = read.steps[2].action
    assert isinstance(action, Search)
    assert action.expect is not None
    assert (action.limit, action.expect.recalls, action.expect.does_not_recall) == (7, ("a",), ("a", "b"))
    assert (action.expect.within, action.expect.found) == (2, True)


def test_expectations_know_their_own_lines(tmp_path: Path) -> None:
    read = script(
        tmp_path,
        "- {note: a, label: a}\n- {note: b, label: b}\n"
        "- say: x\n  expect:\n    recalls:\n      - a\n      - b\n    reply:\n      contains: c\n",
    )
    step = read.steps[2]
    assert step.line_of("expect", "recalls", 1) == 7
    assert step.line_of("expect", "reply", "contains", 0) == 9
    assert step.line_of("expect", "nothing") == 4


def test_json_lines_and_yaml_say_the_same(tmp_path: Path) -> None:
    lines = script(
        tmp_path,
        '{"title": "T", "start": "2026-10-20"}\n\n{"say": "a", "label": "x"}\n'
        '{"after": "1 day", "search": "b", "limit": 3, "expect": {"recalls": ["x"], "found": false}}\n',
        "script.jsonl",
    )
    yaml = script(
        tmp_path,
        "title: T\nstart: 2026-10-20\nsteps:\n- {say: a, label: x}\n"
        "- {after: 1 day, search: b, limit: 3, expect: {recalls: [x], found: no}}\n",
    )
    assert [(step.action, step.at, step.label) for step in lines.steps] == [
        (step.action, step.at, step.label) for step in yaml.steps
    ]
    assert [step.line for step in lines.steps] == [3, 4]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_and_foreign_line_ends_are_read(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_bytes(("\ufeff" + newline.join(["- say: Hello.", "- say: 你好。", ""])).encode())
    assert [step.line for step in load_script(path).steps] == [1, 2]


def test_a_purged_turn_may_still_be_expected_not_to_come_back(tmp_path: Path) -> None:
    text = "- {note: a, label: x}\n- purge: x\n- search: a\n  expect: {does_not_recall: x}\n"
    assert len(script(tmp_path, text).steps) == 3


def test_a_reply_can_be_named(tmp_path: Path) -> None:
    read = script(tmp_path, "- {say: a, label: x}\n- pin: [x, x.reply]\n- {edit: x.reply, to: b}\n")
    assert len(read.steps) == 3


def test_every_word_of_the_vocabulary_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")
    words = {name for model in (*ACTIONS.values(), PruneCriteria) for name in model.model_fields}
    for model in ACTIONS.values():
        expect = model.model_fields.get("expect")
        for part in getattr(expect.annotation, "__args__", ()) if expect else ():
            words |= set(getattr(part, "model_fields", {}))
    assert {"recalls", "forgets", "older_than", "conversation"} <= words
    assert [word for word in sorted(words) if f"`{word}`" not in text and f"`{word}:" not in text] == []
