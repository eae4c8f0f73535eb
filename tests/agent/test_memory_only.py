"""The model that is none: quotes, or says that it has nothing."""

from __future__ import annotations

import threading

import pytest

from agent.models.base import Message, Prompt, Sampling
from agent.models.memory_only import FOUND, NOTHING, MemoryOnly, is_own_answer, reply
from agent.models.questions import is_only_a_question, is_question
from memory_store.records import Recollections
from tests.agent.making import recalled, turn

MISO = turn(1, "My cat is called Miso.", day=33)


def prompt(words: str, memories: Recollections) -> Prompt:
    return Prompt((Message("user", words),), words, memories)


def test_a_question_gets_the_best_memories_dated_and_attributed() -> None:
    memories = recalled(MISO, turn(2, "Kissa on kiltti.", speaker="Ana", day=2))
    assert reply(prompt("What is my cat called?", memories)) == (
        f'{FOUND}\n\n- 2026-10-20, user: "My cat is called Miso."\n- 2026-11-20, Ana: "Kissa on kiltti."'
    )


def test_nothing_found_is_said_plainly_with_the_way_to_a_model() -> None:
    for memories in (Recollections(), recalled(MISO, confidence=0.1)):
        said = reply(prompt("Who won in 1998?", memories))
        assert said == NOTHING
        for part in ("nothing on that", "not a language model", "mneme models list", "mneme models use"):
            assert part in said


def test_at_most_three_each_text_once_no_questions_and_nothing_it_said_itself() -> None:
    own = turn(3, reply(prompt("What is my cat called?", recalled(MISO))), speaker="assistant")
    memories = recalled(
        turn(2, "what is my cat called"),
        own,
        MISO,
        turn(4, "My cat is called MISO"),
        turn(5, "What was it called again?"),
        *(turn(n, f"Cat fact {n}.") for n in range(6, 12)),
    )
    said = reply(prompt("What is my cat called?", memories))
    assert is_own_answer(own)
    assert [line.split(": ", 1)[1] for line in said.splitlines()[2:]] == [
        '"My cat is called Miso."',
        '"Cat fact 6."',
        '"Cat fact 7."',
    ]


def test_a_language_models_replies_are_memories_like_any_other() -> None:
    assert is_own_answer(turn(1, NOTHING.partition(" To talk")[0] + " As 0.1 put it.", speaker="assistant"))
    assert not is_own_answer(turn(1, "Noted. Your flight leaves on Tuesday.", speaker="assistant"))
    assert not is_own_answer(turn(1, FOUND + "\n\n- x", speaker="user"))


def test_only_unusable_memories_is_nothing() -> None:
    assert reply(prompt("What is my cat called?", recalled(turn(2, "What is my cat called?")))) == NOTHING


def test_a_statement_is_noted_and_what_it_shares_words_with_is_shown() -> None:
    assert reply(prompt("I saw my cat being called.", recalled(MISO))).startswith("Noted. It goes with this:")
    assert reply(prompt("I like tea.", recalled(MISO, matched=("my",)))) == "Noted."
    assert reply(prompt("I like tea.", Recollections())) == "Noted."


def test_a_quotation_is_one_short_line_without_escape_sequences() -> None:
    said = reply(prompt("What?", recalled(turn(1, "a\n- 2020-01-01, Ana: \x1b[31m" + "b" * 5000))))
    assert len(said.splitlines()) == 3
    assert len(said) < 600
    assert "\x1b" not in said


def test_it_streams_in_small_pieces_and_stops_when_told() -> None:
    model, cancel, asked = MemoryOnly(), threading.Event(), prompt("What is my cat called?", recalled(MISO))
    pieces = list(model.stream(asked, Sampling(), cancel))
    assert "".join(pieces) == reply(asked)
    assert max(map(len, pieces)) < 20
    stream = model.stream(asked, Sampling(), cancel)
    first = next(stream)
    cancel.set()
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert end.value.value.reason == "cancelled"
    assert first == pieces[0]


@pytest.mark.parametrize(
    "words",
    [
        "What's my cat called",
        "and where did I go?",
        "Do you know Ana",
        "tell me about Ana",
        "我的猫叫什么",
        "你记得吗",
        "¿Qué?",
    ],
)
def test_questions(words: str) -> None:
    assert is_question(words)


@pytest.mark.parametrize("words", ["My cat is called Miso.", "I know what I like", "whatever", "我的猫叫米索。", "🎉"])
def test_statements(words: str) -> None:
    assert not is_question(words)


def test_a_statement_with_a_question_after_it_still_tells_something() -> None:
    assert is_only_a_question("What is my cat called?")
    assert not is_only_a_question("My cat is called Miso. Do you like cats?")
