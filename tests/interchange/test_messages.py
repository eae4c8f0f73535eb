"""Role/content logs of every shape we know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from memory_store.errors import ImportFailed
from memory_store.interchange.entries import Entry, Heading, Skipped
from memory_store.interchange.messages import is_messages, read_document, read_lines
from memory_store.records import NewTurn

HELLO = {"role": "user", "content": "Hello"}
HI = {"role": "assistant", "content": "Hi"}


def turns(entries: list[Entry]) -> list[NewTurn]:
    return [entry for entry in entries if isinstance(entry, NewTurn)]


def said(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in turns(entries)]


def headings(entries: list[Entry]) -> list[Heading]:
    return [entry for entry in entries if isinstance(entry, Heading)]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ([HELLO, HI], True),
        ([HELLO, HI], False),
        ({"messages": [HELLO, HI]}, False),
        ([{"messages": [HELLO, HI]}], False),
        ([{"messages": [HELLO, HI]}], True),
        ([[HELLO, HI]], True),
    ],
)
def test_every_shape_gives_one_conversation(read: Any, content: Any, lines: bool) -> None:
    entries = read(read_lines if lines else read_document, content, lines=lines)
    (heading,) = headings(entries)
    assert heading.title == "log"
    assert heading.id.startswith("log-")
    assert turns(entries) == [
        NewTurn("Hello", "user", heading.id, None, "1"),
        NewTurn("Hi", "assistant", heading.id, None, "2"),
    ]


def test_what_a_message_says_about_itself_is_kept(read: Any) -> None:
    row = HELLO | {"name": "Ana", "timestamp": 1683554160, "conversation": "c7", "id": 12}
    entries = read(read_lines, [row], lines=True)
    assert entries == [
        Heading("c7"),
        NewTurn("Hello", "Ana", "c7", datetime(2023, 5, 8, 13, 56, tzinfo=UTC), "12"),
    ]


@pytest.mark.parametrize("key", ["timestamp", "said_at", "created_at", "create_time", "time", "date"])
def test_every_spelling_of_when(read: Any, key: str) -> None:
    (turn,) = turns(read(read_lines, [HELLO | {key: "2023-05-08"}], lines=True))
    assert turn.said_at == datetime(2023, 5, 8, tzinfo=UTC)


def test_speaker_and_text_are_taken_too(read: Any) -> None:
    assert said(read(read_lines, [{"speaker": "Ana", "text": "Hello"}], lines=True)) == [("Ana", "Hello")]


def test_a_conversation_keeps_its_id_title_and_date(read: Any) -> None:
    entries = read(read_document, {"id": "x", "title": "Tea", "create_time": 0, "messages": [HELLO]})
    assert headings(entries) == [Heading("x", "Tea", datetime(1970, 1, 1, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("role", "speaker"), [("human", "user"), ("AI", "assistant"), ("model", "assistant"), ("Ana", "Ana")]
)
def test_roles_by_other_names(read: Any, role: str, speaker: str) -> None:
    assert said(read(read_lines, [{"role": role, "content": "x"}], lines=True)) == [(speaker, "x")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "one"}, {"type": "image_url"}, {"type": "text", "text": "two"}], "one\ntwo"),
        ([{"type": "input_text", "text": "one"}, "two"], "one\ntwo"),
        ({"content_type": "text", "parts": ["one", {"asset_pointer": "x", "content_type": "image"}]}, "one"),
        ("  kept as it is \n", "  kept as it is \n"),
    ],
)  # fmt: skip
def test_parts_of_text(read: Any, content: Any, text: str) -> None:
    assert said(read(read_lines, [{"role": "user", "content": content}], lines=True)) == [("user", text)]


def test_what_is_not_a_memory_is_counted_and_keeps_its_place(read: Any) -> None:
    rows = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        HELLO,
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "content": "42"},
        {"role": "assistant", "content": " "},
        {"role": "user", "content": [{"type": "image_url"}]},
        HI,
    ]
    entries = read(read_lines, rows, lines=True)
    assert [entry.reason for entry in entries if isinstance(entry, Skipped)] == [
        "system message", "system message", "message without text", "tool message",
        "message without text", "message without text",
    ]  # fmt: skip
    assert [turn.source_id for turn in turns(entries)] == ["3", "8"]


def test_ids_stay_when_the_log_grows(read: Any) -> None:
    before, after = read(read_lines, [HELLO], lines=True), read(read_lines, [HELLO, HI, HELLO], lines=True)
    assert before == after[: len(before)]
    assert len({(turn.conversation, turn.source_id) for turn in turns(after)}) == 3


def test_conversations_that_begin_alike_stay_apart(read: Any) -> None:
    entries = read(read_lines, [{"messages": [HELLO, HI]}, {"messages": [HELLO]}], lines=True)
    first, second = headings(entries)
    assert second.id == f"{first.id}-2"


def test_messages_of_several_conversations_may_alternate(read: Any) -> None:
    rows = [HELLO | {"conversation": "a"}, HELLO | {"conversation": "b"}, HI | {"conversation": "a"}]
    assert [(turn.conversation, turn.source_id) for turn in turns(read(read_lines, rows, lines=True))] == [
        ("a", "1"), ("b", "1"), ("a", "2"),
    ]  # fmt: skip


BAD = [
    ({"content": "x"}, 'without "role"'),
    ({"role": "user"}, 'without "content"'),
    ({"role": "", "content": "x"}, '"role" must be 1 to'),
    ({"role": 3.5, "content": "x"}, '"role" must be text, not a number'),
    ({"role": "user", "content": 7}, "must be text or an array of parts, not a number"),
    ({"role": "user", "content": [3]}, "a part of .* must be a JSON object, not a number"),
    ({"role": "user", "content": "\ud800"}, "surrogate"),
    ({"role": "user", "content": [{"type": "text", "text": "\udfff"}]}, "surrogate"),
    ({"role": "us\x1b[31mer", "content": "x"}, "printable"),
    ({"role": "user", "content": "x" * (4 * 1024 * 1024 + 1)}, "4,194,304"),
    ({"role": "user", "content": "x", "timestamp": "soon"}, "is not a date"),
    ({"role": "user", "content": "x", "conversation": ["c"]}, '"conversation" must be text, not an array'),
    ("hello", "a message must be a JSON object, not text"),
    (None, "a message must be a JSON object, not null"),
]


@pytest.mark.parametrize(("row", "problem"), BAD)
def test_a_bad_line_is_named(read: Any, row: Any, problem: str) -> None:
    with pytest.raises(ImportFailed, match=problem) as failure:
        read(read_lines, [HELLO, HI, row], lines=True)
    assert failure.value.line == 3


@pytest.mark.parametrize(("row", "problem"), BAD)
def test_a_bad_message_in_a_document_is_named(read: Any, row: Any, problem: str) -> None:
    with pytest.raises(ImportFailed, match=problem) as failure:
        read(read_document, [HELLO, row])
    assert failure.value.line is not None
    assert failure.value.line >= 6  # "[", then four lines for HELLO; a bad field is named by its own line


def test_a_bad_message_inside_a_conversation_is_named(read: Any) -> None:
    with pytest.raises(ImportFailed, match='"role" must be text') as failure:
        read(read_document, [{"messages": [HELLO]}, {"messages": [HI, {"content": "x", "role": []}]}])
    assert failure.value.line == 18


@pytest.mark.parametrize("document", [{"messages": {}}, [{"messages": 3}]])
def test_messages_must_be_an_array(read: Any, document: Any) -> None:
    with pytest.raises(ImportFailed, match='"messages" must be a JSON array'):
        read(read_document, document)


@pytest.mark.parametrize(
    ("value", "is_log"),
    [
        (HELLO, True),
        ([HELLO], True),
        ({"messages": []}, True),
        ([], False),
        ({}, False),
        ("x", False),
        ({"role": "x"}, False),
    ],
)
def test_recognised(value: Any, is_log: bool) -> None:
    assert is_messages(value) is is_log
