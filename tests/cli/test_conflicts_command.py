"""mneme memory conflicts: listed, decided, undone."""

from __future__ import annotations

from typing import Any

FIELDS = {"id", "state", "why", "values", "statements", "links"}
LINK = {"id", "state", "why", "older", "newer", "older_value", "newer_value", "found_at", "decided_at"}


def test_listed_decided_and_taken_back(mneme: Any) -> None:
    assert "No memory contradicts" in mneme("memory", "conflicts").done().err
    mneme("memory", "note", "I live in Porto.").done()
    mneme("memory", "note", "I moved to Lisbon.").done()
    [found] = mneme("memory", "conflicts", "--json").done().json
    assert set(found) == FIELDS
    assert found["values"] == ["Porto", "Lisbon"]
    older, newer = found["statements"]
    assert (older["text"], newer["text"]) == ("I live in Porto.", "I moved to Lisbon.")
    assert [set(link) for link in found["links"]] == [LINK]
    printed = mneme("memory", "conflicts").done().out
    assert found["id"] in printed
    assert "earlier" in printed
    told = mneme("memory", "show", older["id"]).done().out
    assert "Contradicted by:" in told
    assert "I moved to Lisbon." in told
    assert mneme("memory", "show", newer["id"], "--json").done().json["contradictions"][0]["id"] == found["id"]
    mneme("memory", "conflicts", "resolve", found["id"]).refused("--keep-both")
    mneme("memory", "conflicts", "--newer").refused("resolve")
    mneme("memory", "conflicts", "resolve", "zzzz", "--newer").refused("zzzz")
    [decided] = mneme("memory", "conflicts", "resolve", found["id"][:6], "--newer", "--json").done().json
    assert decided["state"] == "newer"
    assert mneme("memory", "conflicts", "--json").done().json == []
    assert len(mneme("memory", "conflicts", "--decided", "--json").done().json) == 1
    assert "decided which of 2 memories holds" in mneme("undo", "--yes").done().out
    assert len(mneme("memory", "conflicts", "--json").done().json) == 1


def test_a_chain_is_one_question_and_a_pair_of_it_can_be_told_apart(mneme: Any) -> None:
    for words in ("I live in Porto.", "I moved to Lisbon.", "I moved to Faro."):
        mneme("memory", "note", words).done()
    [chain] = mneme("memory", "conflicts", "--json").done().json
    assert chain["values"] == ["Porto", "Lisbon", "Faro"]
    printed = mneme("memory", "conflicts").done()
    assert f"{chain['id']}  to decide  Porto → Lisbon → Faro" in printed.out
    assert "1 contradiction to decide" in printed.err
    first, last = chain["links"]
    assert f"pair     {first['id']}  to decide  Porto → Lisbon" in printed.out
    [decided] = mneme("memory", "conflicts", "resolve", first["id"], "--newer", "--json").done().json
    assert [link["state"] for link in decided["links"]] == ["newer", "newer"]
    assert "decided which of 3 memories holds" in mneme("undo", "--yes").done().out
    mneme("memory", "conflicts", "resolve", last["id"], "--dismiss", "--pair").done()
    [left] = mneme("memory", "conflicts", "--json").done().json
    assert left["values"] == ["Porto", "Lisbon"]
    mneme("memory", "conflicts", "--pair").refused("resolve")


def test_none_is_looked_for_where_the_settings_say_so(mneme: Any) -> None:
    off = {"MNEME_RECALL__CONTRADICTIONS": "false"}
    mneme("memory", "note", "I live in Porto.").done()
    mneme("memory", "note", "I moved to Lisbon.").done()
    assert mneme("memory", "conflicts", "--json", env=off).done().json == []
    assert len(mneme("memory", "conflicts", "--json").done().json) == 1
