"""mneme's own format, line by line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from memory_store.errors import ImportFailed
from memory_store.interchange.entries import Heading, Remark, Skipped, Spared
from memory_store.interchange.jsonl import read_jsonl
from memory_store.interchange.ties.kinds import (
    Consolidated,
    Contradiction,
    DerivedFrom,
    Given,
    Mark,
    Recalled,
    Search,
)
from memory_store.records import NewTurn, Revision

HEADER: dict[str, Any] = {"format": "mneme-memory", "version": 3}
THREAD: dict[str, Any] = {"type": "conversation", "id": "c", "title": "Tea", "created_at": "2026-01-01T00:00:00Z"}
MEMORY: dict[str, Any] = {
    "type": "memory", "id": "k3f9aaaa", "conversation": "c", "speaker": "Ana", "text": "I like tea",
    "said_at": "2026-01-02T00:00:00Z",
}  # fmt: skip
END: dict[str, Any] = {"type": "end", "conversations": 1, "memories": 1}
AT = {"at": "2026-01-03T00:00:00Z"}
MARK: dict[str, Any] = {"type": "mark", "reply": "a", "memory": "b", "signal": "wrong", **AT}
SEARCH: dict[str, Any] = {"type": "search", "memory": "b", "query": "tea", **AT}
AGAINST: dict[str, Any] = {
    "type": "contradiction", "older": "a", "newer": "b", "state": "open", "why": "home", "found_at": AT["at"],
}  # fmt: skip
DRAWN: dict[str, Any] = {"type": "derived", "note": "a", "kind": "fact", "model": "m", "sources": ["b"], **AT}
GIVEN: dict[str, Any] = {"id": "b", "rank": 1, "score": 0.5}
RECALLED: dict[str, Any] = {"type": "recalled", "reply": "a", "memories": [GIVEN], **AT}
SAID = datetime(2026, 1, 2, tzinfo=UTC)


def test_everything_a_line_can_say(read: Any) -> None:
    revisions = [{"text": "I like coffee", "superseded_at": "2026-01-02T00:00:00Z"}]
    full = MEMORY | {
        "source_id": "D1:1",
        "status": "partial",
        "pinned": True,
        "forgotten": True,
        "revisions": revisions,
    }
    assert read(read_jsonl, [HEADER, THREAD, full, END], lines=True) == [
        Heading("c", "Tea", datetime(2026, 1, 1, tzinfo=UTC)),
        NewTurn(
            "I like tea", "Ana", "c", SAID, "D1:1", "partial", "k3f9aaaa", pinned=True, forgotten=True,
            revisions=(Revision(0, "I like coffee", SAID),),
        ),
    ]  # fmt: skip


def test_ties_and_what_of_them_may_be_left_out(read: Any) -> None:
    at = datetime(2026, 1, 3, tzinfo=UTC)
    rows = [RECALLED, MARK, SEARCH, AGAINST, DRAWN, {"type": "consolidated", "through": "a", **AT}]
    assert read(read_jsonl, [HEADER, *rows, {"type": "end"}], lines=True) == [
        Recalled("a", at, (Given("b", 1, 0.5, {}),)),
        Mark("a", "b", "wrong", at),
        Search("b", "tea", at),
        Contradiction("a", "b", "open", "home", None, None, at),
        DerivedFrom("a", "fact", "m", at, ("b",)),
        Consolidated("a", at),
    ]


def test_lines_of_a_kind_that_is_not_known_are_passed_over_and_counted(read: Any) -> None:
    rows = [HEADER, {"type": "dream", "of": "sheep"}, MEMORY | {"conversation": None}, {"type": "end"}]
    skipped, turn = read(read_jsonl, rows, lines=True)
    assert skipped == Skipped("line of a kind this mneme does not know ('dream')")
    assert turn.id == "k3f9aaaa"


def test_what_may_be_left_out(read: Any) -> None:
    note = MEMORY | {"conversation": None, "source_id": None, "pinned": False, "forgotten": None, "revisions": None}
    turn = NewTurn("I like tea", "Ana", None, SAID, id="k3f9aaaa")
    assert read(read_jsonl, [HEADER, note, {"type": "end"}], lines=True) == [turn]


@pytest.mark.parametrize(
    ("deleted", "state", "forgotten", "spared"),
    [
        (True, "conversation", False, False),
        (True, True, True, False),
        (True, None, False, True),
        (False, "conversation", True, False),
        (False, None, False, False),
    ],
)
def test_a_conversation_that_was_deleted(
    read: Any, deleted: bool, state: object, forgotten: bool, spared: bool
) -> None:
    """What went with it is written as present: deleting the conversation again takes it along."""
    rows = [HEADER, THREAD | {"deleted": deleted}, MEMORY | {"forgotten": state}, END]
    heading, turn, *rest = read(read_jsonl, rows, lines=True)
    assert (heading.deleted, heading.archived) == (deleted, False)
    assert turn.forgotten is forgotten
    assert rest == ([Spared("c", "k3f9aaaa")] if spared else [])


def test_in_the_first_version_archived_meant_deleted(read: Any) -> None:
    rows = [HEADER | {"version": 1}, THREAD | {"archived": True}, MEMORY | {"forgotten": "conversation"}, END]
    heading, turn = read(read_jsonl, rows, lines=True)
    assert (heading.deleted, heading.archived, turn.forgotten) == (True, False, False)


@pytest.mark.parametrize(
    ("rows", "remark"),
    [
        ([HEADER, THREAD, MEMORY], "no end line"),
        ([HEADER, THREAD, END], "promises 1 memories, the file holds 0"),
        ([HEADER, MEMORY, END], "promises 1 conversations, the file holds 0"),
    ],
)
def test_a_file_that_was_cut_says_so(read: Any, rows: Any, remark: str) -> None:
    (found,) = (entry for entry in read(read_jsonl, rows, lines=True) if isinstance(entry, Remark))
    assert remark in found.text


@pytest.mark.parametrize(
    ("rows", "line", "problem"),
    [
        ([MEMORY], 1, 'its first line must be {"format": "mneme-memory", "version": 3}'),
        ([{"format": "other", "version": 1}], 1, "not a mneme export"),
        ([HEADER | {"version": 4}], 1, "newer mneme (format version 4, this one reads 3): update mneme"),
        ([HEADER | {"version": True}], 1, '"version" must be a whole number'),
        ([HEADER | {"version": "1"}], 1, '"version" must be a whole number'),
        ([HEADER | {"extra": 1}], 1, 'unknown field "extra"'),
        ([[HEADER]], 1, "a line must be a JSON object, not an array"),
        ([HEADER, 7], 2, "a line must be a JSON object, not a number"),
        ([HEADER | {"version": 2}, {"type": "turn"}], 2, '"type" must be'),
        ([HEADER, {"type": 7}], 2, '"type" must be'),
        ([HEADER, HEADER], 2, '"type" must be'),
        ([HEADER, THREAD, THREAD], 3, 'the id "c" is already used on line 2'),
        ([HEADER, MEMORY, MEMORY | {"text": "x"}], 3, 'the id "k3f9aaaa" is already used on line 2'),
        ([HEADER, THREAD | {"titel": "x"}], 2, 'unknown field "titel"'),
        ([HEADER, THREAD | {"title": 5}], 2, '"title" must be text, not a number'),
        ([HEADER, THREAD | {"id": None}], 2, '"id" is missing'),
        ([HEADER, THREAD | {"archived": "yes"}], 2, '"archived" must be true or false, not text'),
        ([HEADER, THREAD | {"created_at": "soon"}], 2, "\"created_at\": 'soon' is not a date"),
        ([HEADER, MEMORY | {"pined": True}], 2, 'unknown field "pined"'),
        ([HEADER, MEMORY | {"id": None}], 2, '"id" is missing'),
        ([HEADER, MEMORY | {"id": "a\x1b[0mb"}], 2, '"id" must be 1 to 200 printable characters'),
        ([HEADER, MEMORY | {"id": "x" * 201}], 2, '"id" must be 1 to 200 printable characters'),
        ([HEADER, MEMORY | {"text": None}], 2, '"text" is missing'),
        ([HEADER, MEMORY | {"text": " \n"}], 2, '"text" is empty'),
        ([HEADER, MEMORY | {"text": ["x"]}], 2, '"text" must be text, not an array'),
        ([HEADER, MEMORY | {"text": "\ud800"}], 2, "surrogate"),
        ([HEADER, MEMORY | {"source_id": "\ud800"}], 2, "(a lone surrogate)"),
        ([HEADER, MEMORY | {"text": "x" * 4_194_305}], 2, "4,194,305 bytes"),
        ([HEADER, MEMORY | {"speaker": ""}], 2, '"speaker" must be 1 to 200'),
        ([HEADER, MEMORY | {"speaker": None}], 2, '"speaker" is missing'),
        ([HEADER, MEMORY | {"said_at": None}], 2, '"said_at" is missing'),
        ([HEADER, MEMORY | {"said_at": "2026-02-30"}], 2, "is not a date"),
        ([HEADER, MEMORY | {"said_at": 1e30}], 2, "out of range"),
        ([HEADER, MEMORY | {"status": "done"}], 2, '"status" must be "complete" or "partial"'),
        ([HEADER, MEMORY | {"pinned": 1}], 2, '"pinned" must be true or false, not a number'),
        ([HEADER, MEMORY | {"forgotten": "maybe"}], 2, '"forgotten" must be true or false, not text'),
        ([HEADER, MEMORY | {"revisions": {}}], 2, '"revisions" must be a JSON array'),
        ([HEADER, MEMORY | {"revisions": [1]}], 2, "a revision must be a JSON object"),
        ([HEADER, MEMORY | {"revisions": [{"text": "x"}]}], 2, 'without "superseded_at"'),
        ([HEADER, MEMORY | {"revisions": [{"superseded_at": 0}]}], 2, '"text" is missing'),
        ([HEADER, MEMORY | {"revisions": [{"text": "x", "superseded_at": 0, "by": 1}]}], 2, 'unknown field "by"'),
        ([HEADER, MEMORY | {"pinned_at": "soon"}], 2, "\"pinned_at\": 'soon' is not a date"),
        ([HEADER, MARK | {"signal": "good"}], 2, '"signal" must be helpful or wrong'),
        ([HEADER, MARK | {"signal": ["wrong"]}], 2, '"signal" must be helpful or wrong'),
        ([HEADER, MARK | {"at": None}], 2, '"at" is missing'),
        ([HEADER, MARK | {"reply": None}], 2, '"reply" is missing'),
        ([HEADER, MARK | {"by": 1}], 2, 'unknown field "by"'),
        ([HEADER, SEARCH | {"query": "x" * 401}], 2, '"query" must have at most 400'),
        ([HEADER, SEARCH | {"query": " "}], 2, '"query" is empty'),
        ([HEADER, AGAINST | {"newer": "a"}], 2, "does not contradict itself"),
        ([HEADER, AGAINST | {"state": "maybe"}], 2, '"state" must be open or both'),
        ([HEADER, AGAINST | {"older_part": [1]}], 2, '"older_part" must be two whole numbers'),
        ([HEADER, AGAINST | {"older_part": [1, -2]}], 2, '"older_part" must be a whole number'),
        ([HEADER, AGAINST | {"older_part": [1, None]}], 2, '"older_part" must be two whole numbers'),
        ([HEADER, DRAWN | {"kind": "rumour"}], 2, '"kind" must be fact or'),
        ([HEADER, DRAWN | {"sources": "b"}], 2, '"sources" must be a JSON array'),
        ([HEADER, DRAWN | {"sources": [None]}], 2, '"sources" is missing'),
        ([HEADER, RECALLED | {"memories": None}], 2, '"memories" must be a JSON array'),
        ([HEADER, RECALLED | {"memories": [{"id": "b", "rank": 1}]}], 2, '"score" must be a number'),
        ([HEADER, RECALLED | {"memories": [GIVEN, GIVEN]}], 2, "has a rank twice"),
        ([HEADER, RECALLED | {"memories": [GIVEN | {"rank": True}]}], 2, '"rank" must be a whole number'),
        ([HEADER, RECALLED | {"memories": [GIVEN | {"score": 10**400}]}], 2, '"score" must be a number'),
        ([HEADER, RECALLED | {"memories": [GIVEN | {"reasons": {"words": "x"}}]}], 2, '"reasons" must be a number'),
        ([HEADER, {"type": "consolidated", "through": "a"}], 2, '"at" is missing'),
    ],
)
def test_a_bad_line_is_named(read: Any, rows: Any, line: int, problem: str) -> None:
    with pytest.raises(ImportFailed) as failure:
        read(read_jsonl, rows, lines=True)
    assert problem in failure.value.problem
    assert failure.value.line == line
    assert "\n" not in str(failure.value)
    assert "\x1b" not in str(failure.value)
