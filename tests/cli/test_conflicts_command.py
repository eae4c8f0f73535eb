"""mneme memory conflicts: listed, decided, undone."""

from __future__ import annotations

from typing import Any

FIELDS = {"id", "state", "why", "older", "newer", "older_value", "newer_value", "found_at", "decided_at"}


def test_listed_decided_and_taken_back(mneme: Any) -> None:
    assert "No memory contradicts" in mneme("memory", "conflicts").done().err
    mneme("memory", "note", "I live in Porto.").done()
    mneme("memory", "note", "I moved to Lisbon.").done()
    [found] = mneme("memory", "conflicts", "--json").done().json
    assert set(found) == FIELDS
    assert (found["older"]["text"], found["newer"]["text"]) == ("I live in Porto.", "I moved to Lisbon.")
    printed = mneme("memory", "conflicts").done().out
    assert found["id"] in printed
    assert "earlier" in printed
    told = mneme("memory", "show", found["older"]["id"]).done().out
    assert "Contradicted by:" in told
    assert "I moved to Lisbon." in told
    assert mneme("memory", "show", found["newer"]["id"], "--json").done().json["contradictions"][0]["id"] == found["id"]
    mneme("memory", "conflicts", "resolve", found["id"]).refused("--keep-both")
    mneme("memory", "conflicts", "--newer").refused("resolve")
    mneme("memory", "conflicts", "resolve", "zzzz", "--newer").refused("zzzz")
    [decided] = mneme("memory", "conflicts", "resolve", found["id"][:6], "--newer", "--json").done().json
    assert decided["state"] == "newer"
    assert mneme("memory", "conflicts", "--json").done().json == []
    assert len(mneme("memory", "conflicts", "--decided", "--json").done().json) == 1
    assert "decided which of 2 memories holds" in mneme("undo", "--yes").done().out
    assert len(mneme("memory", "conflicts", "--json").done().json) == 1


def test_none_is_looked_for_where_the_settings_say_so(mneme: Any) -> None:
    off = {"MNEME_RECALL__CONTRADICTIONS": "false"}
    mneme("memory", "note", "I live in Porto.").done()
    mneme("memory", "note", "I moved to Lisbon.").done()
    assert mneme("memory", "conflicts", "--json", env=off).done().json == []
    assert len(mneme("memory", "conflicts", "--json").done().json) == 1
