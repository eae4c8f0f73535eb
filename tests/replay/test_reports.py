"""Transcripts, comparisons, JSON and JUnit, from runs made by hand."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from agent.replay.events import (
    CameBack,
    Changed,
    Checked,
    InConversation,
    LeftOut,
    Pruned,
    Replied,
    Run,
    Searched,
    Shown,
    Spoken,
    TimePassed,
    WentWrong,
)
from agent.replay.layout import WIDTH, cells
from agent.replay.reports import failure_lines, junit, run_json
from agent.replay.transcript import SHOWN_RECALLED, comparison, transcript

AT = "2026-10-20T09:00:00+00:00"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=120)


def run_of(*events, memory: bool = True) -> Run:
    return Run("talk.yaml", "A talk", "memory_only", memory, 0, list(events))


def shown(label: str = "miso", text: str = "My cat is called Miso.") -> Shown:
    return Shown(label, "A", "user", text, AT, 1.25, {"words": 1.25}, in_prompt=True)


def everything(text: str = "words", *, memory: bool = True) -> Run:
    """One event of every kind, with ``text`` wherever somebody's words may stand."""
    recalled = (shown(text=text),) * 7 if memory else ()
    return run_of(
        TimePassed(1, 1, AT, "3 weeks"),
        InConversation(1, 2, AT, "A", back=True),
        Spoken(1, 2, AT, "#1", "A", "user", text),
        CameBack(1, 2, AT, text, recalled, found=memory, confidence=2.0),
        LeftOut(1, 2, AT, text),
        Replied(1, 2, AT, "#1.reply", text, "length", 10, 2),
        Checked(1, 4, AT, "recalls miso", memory, "" if memory else text or "-"),
        Changed(2, 5, AT, "edit", ("#1",), text),
        Changed(3, 6, AT, "purge", ("#1", "x")),
        Pruned(4, 7, AT, {"#1": text}, 3),
        Searched(5, 8, AT, text, recalled, found=False, confidence=0.1),
        WentWrong(6, 9, AT, text),
        Spoken(7, 10, AT, "#2", None, "user", text),
        memory=memory,
    )


def test_the_transcript_reads_like_a_talk() -> None:
    talk = run_of(
        TimePassed(1, 1, AT, ""),
        InConversation(1, 1, AT, "A", back=False),
        Spoken(1, 1, AT, "miso", "A", "user", "My cat is called Miso."),
        CameBack(1, 1, AT, "q", (), found=False, confidence=0.0),
        Replied(1, 1, AT, "miso.reply", "Noted.", "complete", 10, 2),
        Checked(1, 3, AT, "found: no", True, ""),
        Spoken(2, 4, AT, "#2", None, "Ana", "A note."),
        Checked(2, 5, AT, "recalls x", False, "recalled: nothing"),
    )
    assert transcript(talk).split("\n") == [
        "A talk",
        "talk.yaml · model memory_only · seed 0",
        "",
        "== 2026-10-20 09:00",
        '-- conversation "A"',
        "user [miso]: My cat is called Miso.",
        "    recalled: nothing",
        "assistant: Noted.",
        "    holds: found: no",
        "",
        "note, Ana [#2]: A note.",
        "    FAILS: recalls x (line 5): recalled: nothing",
        "",
        "1 of 2 expectations hold. 2 turns and notes.",
    ]


def test_only_the_best_recalled_are_shown_and_the_rest_counted() -> None:
    text = transcript(everything())
    assert f"{SHOWN_RECALLED}. [miso] 2026-10-20 user: words (1.25)" in text
    assert f"{SHOWN_RECALLED + 1}. [miso]" not in text
    assert "and 2 more" in text


def test_the_comparison_puts_replies_in_the_same_row() -> None:
    with_memory = run_of(
        Spoken(1, 1, AT, "#1", "A", "user", "What is my cat called?"),
        CameBack(1, 1, AT, "q", (shown(),), found=True, confidence=2.0),
        Replied(1, 1, AT, "#1.reply", "Miso.", "complete", 10, 2),
    )
    without = run_of(
        Spoken(1, 1, AT, "#1", "A", "user", "What is my cat called?"),
        Replied(1, 1, AT, "#1.reply", "I do not know.", "complete", 10, 2),
        memory=False,
    )
    lines = comparison(with_memory, without).split("\n")
    row = next(line for line in lines if "I do not know." in line)
    assert row.startswith("assistant: Miso.")
    assert sum("What is my cat called?" in line for line in lines) == 1


@given(text=TEXTS)
def test_no_report_is_wider_than_a_screen_or_holds_what_a_terminal_obeys(text: str) -> None:
    for report in (transcript(everything(text)), comparison(everything(text), everything(text, memory=False))):
        assert all(cells(line) <= WIDTH for line in report.split("\n"))
        assert not set(report) & {"\x1b", "\x07", "\r", "\x9b", "\u202e"}


def test_json_holds_every_event_with_its_kind() -> None:
    document = json.loads(json.dumps(run_json(everything())))
    kinds = [event["event"] for event in document["events"]]
    assert kinds == [
        *("time", "conversation", "spoken", "recalled", "omitted", "replied", "checked"),
        *("changed", "changed", "pruned", "searched", "failed", "spoken"),
    ]
    assert (document["ok"], document["expectations"], document["failed"]) == (False, 1, 1)
    assert document["events"][3]["recalled"][0]["reasons"] == {"words": 1.25}


def test_failures_name_script_line_and_expectation() -> None:
    assert failure_lines([everything(memory=False)]) == [
        "talk.yaml, line 4: recalls miso: words",
        "talk.yaml, line 9: step 6 could not be done: words",
    ]


def test_junit_has_a_case_for_each_expectation() -> None:
    root = ET.fromstring(junit([everything(), everything(memory=False), run_of()]).encode())
    suites = [dict(suite.attrib) for suite in root]
    assert [(s["name"], s["tests"], s["failures"], s["errors"]) for s in suites] == [
        ("talk.yaml", "2", "0", "1"),
        ("talk.yaml (without memory)", "2", "1", "1"),
        ("talk.yaml", "1", "0", "0"),
    ]
    failure = root[1][0].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "words"
    assert root[1][0].attrib["name"] == "line 4: recalls miso"


@given(text=st.text(max_size=120))
def test_junit_is_always_xml(text: str) -> None:
    root = ET.fromstring(junit([everything(text, memory=False)]).encode())
    assert root[0].attrib["tests"] == "2"
