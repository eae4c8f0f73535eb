"""`mneme memory policy` says what is in force; `memory prune` keeps to a capacity in a named order."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from agent.policies import Kind, policies
from agent.settings import load_settings
from memory_store.retention.freeing import ORDERS


def test_what_is_in_force_follows_the_settings(mneme: Any) -> None:
    told = mneme("memory", "policy", "--json").done().json
    by_name = {(one["kind"], one["decides"]): one for one in told["policies"]}
    assert {one["kind"] for one in told["policies"]} == set(get_args(Kind))
    assert by_name["write", "secrets"]["strategy"] == "ask"
    assert by_name["free", "when"]["strategy"] == "by hand"
    assert [one["order"] for one in told["orders"]] == list(ORDERS)
    set_now = {
        "MNEME_PRIVACY__SECRETS": "redact",
        "MNEME_RETENTION__AUTOMATIC": "true",
        "MNEME_RETENTION__AT_MOST": "1000",
        "MNEME_RETENTION__ORDER": "usage",
        "MNEME_RECALL__LEARNED": "false",
        "MNEME_RECALL__LATE_INTERACTION": "0.3",
    }
    out = mneme("memory", "policy", env=set_now).done().out
    for words in ("secrets: redact", "when: daily", "over 1,000 memories", "order: usage", "formula", "weight 0.3"):
        assert words in out


def test_a_note_said_again_is_kept_once_where_that_is_wanted(mneme: Any) -> None:
    first = mneme("memory", "note", "Miso is a cat", "--json").done().json[0]["id"]
    assert mneme("memory", "note", "Miso is a cat", "--json").done().json[0]["id"] != first
    mneme("memory", "forget", first).done()
    merged = {"MNEME_WRITING__MERGE": "notes"}
    [left] = mneme("memory", "list", "--json").done().json
    again = mneme("memory", "note", "--pin", "Miso is a cat", "--json", env=merged).done().json[0]
    assert (again["id"], again["pinned"]) == (left["id"], True)
    assert mneme("memory", "note", "Miso is a dog", "--json", env=merged).done().json[0]["id"] != left["id"]
    assert len(mneme("memory", "list", "--json").done().json) == 2
    assert "notes" in mneme("memory", "policy", env=merged).done().out


def test_every_setting_that_is_named_is_one(mneme: Any) -> None:
    known = {key for key, _, _ in load_settings(None, None).rows()}
    named = {key for one in policies(load_settings(None, None)) for key in one.setting.split(", ") if key}
    assert named <= known


def test_a_capacity_by_hand_and_by_the_settings(mneme: Any) -> None:
    for words in ("yes", "quicksilver barometers foretell thunderstorms", "I like green tea from Uji"):
        mneme("memory", "note", words).done()
    plan = mneme("memory", "prune", "--at-most", "2", "--order", "information", "--json").done().json
    assert [row["text"] for row in plan["rows"]] == ["yes"]
    by_settings = {"MNEME_RETENTION__AT_MOST": "2", "MNEME_RETENTION__ORDER": "information"}
    done = mneme("memory", "prune", "--yes", env=by_settings).done()
    assert "by information" in done.out
    assert len(mneme("memory", "list", "--json").done().json) == 2
    mneme("undo", "--yes").done()
    assert len(mneme("memory", "list", "--json").done().json) == 3
    mneme("memory", "prune", "--at-most-mb", "0.0001", "--yes").done()
    assert mneme("memory", "list", "--json").done().json == []


@pytest.mark.parametrize("wrong", [["--order", "luck"], ["--at-most", "0"], ["--at-most-mb", "x"]])
def test_what_cannot_be_meant_is_refused(mneme: Any, wrong: list[str]) -> None:
    assert mneme("memory", "prune", *wrong).code == 2
