"""``mneme ask``: one turn, and what a script gets of it."""

from __future__ import annotations

from typing import Any


def test_what_was_told_yesterday_is_answered_with_today(mneme: Any) -> None:
    told = mneme("ask", "My cat is called Miso.").done()
    assert "memory_only" in told.err
    asked = mneme("ask", "What is my cat called?", "--json").done().json
    assert set(asked) == {"reply", "model", "recalled", "citations", "conversation", "remarks"}
    assert "Miso" in asked["reply"]
    assert asked["model"] == "memory_only"
    [best, *_] = asked["recalled"]
    assert set(best) == {
        *("id", "source_id", "conversation", "speaker", "text", "said_at"),
        *("score", "reasons", "standing", "folded", "explains", "superseded", "in_prompt"),
    }
    assert best["text"] == "My cat is called Miso."
    assert best["in_prompt"] is True
    assert best["conversation"] != asked["conversation"]


def test_why_a_reply_said_what_it_said(mneme: Any) -> None:
    mneme("ask", "My cat is called Miso.").done()
    asked = mneme("ask", "What is my cat called?").done()
    [reply] = [word for word in asked.err.replace(")", " ").split() if len(word) == 12 and word.isalnum()]
    [entry, *_] = mneme("memory", "why", reply, "--json").done().json
    assert entry["text"] == "My cat is called Miso."
    assert entry["in_prompt"] is True
    assert "in the prompt" in mneme("memory", "why", reply).done().out


def test_without_memory_it_does_not_know(mneme: Any) -> None:
    mneme("ask", "My cat is called Miso.").done()
    asked = mneme("ask", "What is my cat called?", "--no-memory", "--json").done().json
    assert "Miso" not in asked["reply"]
    assert asked["recalled"] == []


def test_standard_input_when_piped(mneme: Any) -> None:
    mneme("ask", input="My boat is\ncalled Ondine.\n").done()
    assert "called Ondine." in mneme("ask", "-", "--json", input="What is my boat called?").done().json["reply"]


def test_words_without_quotes_are_one_turn(mneme: Any) -> None:
    mneme("ask", "My", "bird", "is", "called", "Pip.").done()
    assert mneme("memory", "list", "--speaker", "user", "--json").done().json[0]["text"] == "My bird is called Pip."


def test_a_conversation_goes_on(mneme: Any) -> None:
    first = mneme("ask", "Hello there.", "--json").done().json["conversation"]
    assert mneme("ask", "And again.", "--continue", "--json").done().json["conversation"] == first
    assert mneme("ask", "Once more.", "-c", first[:6], "--json").done().json["conversation"] == first
    assert mneme("ask", "Something new.", "--json").done().json["conversation"] != first
    assert [one["turns"] for one in mneme("conversations", "list", "--json").done().json] == [2, 6]


def test_what_is_not_to_be_remembered_is_not(mneme: Any) -> None:
    mneme("ask", "My secret is 1234.", "--no-remember").done()
    assert mneme("memory", "list", "--all", "--json").done().json == []


def test_conversations_are_renamed_deleted_and_restored(mneme: Any) -> None:
    trip = mneme("ask", "Let us plan the trip to Lisbon.", "--json").done().json["conversation"]
    assert "Lisbon" in mneme("conversations", "list").done().out
    assert mneme("conversations", "rename", trip, "Portugal", "--json").done().json["title"] == "Portugal"
    said = mneme("conversations", "show", trip, "--json").done().json["said"]
    assert [turn["speaker"] for turn in said] == ["user", "assistant"]
    assert "trip to Lisbon" in mneme("conversations", "show", trip).done().out
    declined = mneme("conversations", "delete", trip)
    assert (declined.code, "add --yes" in declined.err) == (1, True)
    assert len(mneme("conversations", "list", "--json").done().json) == 1
    mneme("conversations", "delete", trip, "--yes").done()
    assert mneme("conversations", "list", "--json").done().json == []
    assert mneme("memory", "list", "--json").done().json == []
    mneme("conversations", "restore", trip).done()
    assert len(mneme("memory", "list", "--json").done().json) == 2


def test_going_on_with_nothing_says_so(mneme: Any) -> None:
    mneme("ask", "--continue", "Hello.").refused("--continue")


def test_words_that_no_model_can_answer_are_kept(mneme: Any) -> None:
    mneme("ask", "My cat is called Miso.", "--model", "./nowhere").refused("no folder", "Your words are kept.")
    assert [one["text"] for one in mneme("memory", "list", "--json").done().json] == ["My cat is called Miso."]
