"""What goes in, what is left out, and that it always fits."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ModelError
from agent.models.base import Sampling
from agent.prompt import Assembled, assemble, room
from agent.quoting import CUT_MARK
from memory_store.records import Recollections, Turn
from tests.agent.making import NOON, Counting, recalled, turn

SYSTEM = "Be kind."
SAMPLING = Sampling(max_new_tokens=100)
LINES = re.compile(r"\n\[\d+\] 20")


def put(words: str = "What is my cat called?", *, context: int = 4096, **parts: object) -> Assembled:
    given: dict = {"history": [], "recollections": Recollections(), "pinned": [], "system": SYSTEM} | parts
    return assemble(words, now=NOON, model=Counting(context), sampling=SAMPLING, **given)


def talk(turns: int, length: int = 40) -> list[Turn]:
    speakers = itertools.cycle(["user", "assistant"])
    return [turn(n, f"turn {n} " + "x" * length, speaker=next(speakers), conversation="now") for n in range(turns)]


def texts(assembled: Assembled) -> str:
    return "\n".join(message.content for message in assembled.prompt.messages)


def test_everything_in_its_place() -> None:
    memories = recalled(turn(12, "She sleeps on the piano.", day=1), turn(11, "My cat is Miso.", day=33))
    assembled = put(history=talk(2, 0), recollections=memories, pinned=[turn(9, "Answer in French.", day=5)])
    system, first, second, last = assembled.prompt.messages
    assert [m.role for m in assembled.prompt.messages] == ["system", "user", "assistant", "user"]
    assert system.content.startswith("Be kind.\n\nPinned memories")
    assert system.content.endswith('[1] 2026-11-17, user: "Answer in French."')
    assert (first.content, second.content) == ("turn 0 ", "turn 1 ")
    assert last.content.index("Miso") < last.content.index("piano"), "memories stand in time order"
    assert [item.memory.id for item in assembled.prompt.recalled] == ["turn0012", "turn0011"], "best first"
    assert assembled.in_prompt == {"turn0011", "turn0012"}
    assert assembled.omitted is None


def test_other_people_are_named_in_the_history() -> None:
    said = put(history=[turn(1, "Hello!", speaker="Ana")]).prompt.messages[1]
    assert (said.role, said.content) == ("user", "Ana: Hello!")


def test_no_system_message_when_there_is_nothing_to_say() -> None:
    assert [message.role for message in put(system=" ").prompt.messages] == ["user"]


def test_what_history_or_pins_show_is_not_repeated_but_counts_as_shown() -> None:
    said, pin, new = turn(1, "I am in the history"), turn(2, "I am pinned"), turn(3, "I am only recalled")
    assembled = put(history=[said], pinned=[pin], recollections=recalled(said, pin, new))
    assert texts(assembled).count("I am in the history") == 1
    assert texts(assembled).count("I am pinned") == 1
    assert assembled.in_prompt == {said.id, pin.id, new.id}


def test_history_keeps_the_recent_half_and_memories_the_rest() -> None:
    memories = recalled(*(turn(100 + n, f"memory {n} " + "y" * 60, day=n) for n in range(30)))
    assembled = put(context=600, history=talk(30), recollections=memories)
    kept = [n for n in range(30) if f"turn {n} " in texts(assembled)]
    shown = [n for n in range(30) if f"memory {n} " in texts(assembled)]
    assert kept
    assert kept == list(range(kept[0], 30)), "the newest, without gaps"
    assert shown == list(range(len(shown))), "the best"
    assert len(shown) >= 3
    assert assembled.omitted is not None
    assert (assembled.omitted.history_turns, assembled.omitted.memories) == (30 - len(kept), 30 - len(shown))
    assert "earlier turns" in assembled.omitted.detail
    assert "recalled memories" in assembled.omitted.detail


def test_older_history_takes_what_memories_leave() -> None:
    alone = put(context=600, history=talk(30))
    with_memory = put(context=600, history=talk(30), recollections=recalled(turn(99, "y" * 400)))
    assert len(alone.prompt.messages) > len(with_memory.prompt.messages)


def test_one_long_memory_is_shortened_instead_of_crowding_out_the_rest() -> None:
    long = turn(1, "It begins so. " + "z" * 100_000 + " And so it ends.")
    assembled = put(context=800, recollections=recalled(long, turn(2, "My cat is called Miso.")))
    assert assembled.in_prompt == {"turn0001", "turn0002"}
    for part in ("It begins so.", CUT_MARK, "And so it ends.", "Miso"):
        assert part in texts(assembled)
    assert assembled.omitted is not None
    assert "1 long text shortened" in assembled.omitted.detail
    assert assembled.prompt.recalled[0].memory.text == long.text


def test_words_are_cut_last_and_visibly() -> None:
    paste = "BEGIN " + "w" * 1_000_000 + " END"
    assembled = put(
        paste, context=512, history=talk(4), recollections=recalled(turn(1, "memory")), pinned=[turn(9, "pin")]
    )
    words = assembled.prompt.words
    assert words.startswith("BEGIN")
    assert words.endswith("END")
    assert CUT_MARK in words
    assert '"pin"' in texts(assembled)
    assert assembled.omitted is not None
    assert assembled.omitted.words_cut


def test_pins_yield_when_they_alone_would_fill_the_prompt() -> None:
    pins = [turn(n, f"pin {n} " + "p" * 100, day=50 - n) for n in range(50)]
    assembled = put("w" * 3000, context=1000, pinned=pins)
    kept = [n for n in range(50) if f"pin {n} " in texts(assembled)]
    assert kept
    assert kept == list(range(kept[0], 50)), "the newest pins stay"
    assert assembled.omitted is not None
    assert "pinned memories" in assembled.omitted.detail


def test_a_context_too_small_for_the_system_text_is_an_error_in_one_line() -> None:
    with pytest.raises(ModelError, match=r"reads 64 tokens at once.*Shorten chat\.system") as caught:
        put(context=64, system="long " * 200)
    assert "\n" not in str(caught.value)


def test_the_beginning_is_the_same_from_turn_to_turn() -> None:
    before = put("First?", history=talk(4), recollections=recalled(turn(50, "one"))).prompt.messages
    after = put("Second?", history=talk(6), recollections=recalled(turn(51, "two"))).prompt.messages
    assert before[:-1] == after[: len(before) - 1]


@given(
    words=st.text(min_size=1, max_size=2000),
    context=st.integers(150, 3000),
    history=st.lists(st.text(min_size=1, max_size=600), max_size=12),
    memories=st.lists(st.text(min_size=1, max_size=600), max_size=12),
    pins=st.lists(st.text(min_size=1, max_size=600), max_size=4),
)
def test_the_budget_is_never_exceeded_and_nothing_goes_missing_unsaid(
    words: str, context: int, history: list[str], memories: list[str], pins: list[str]
) -> None:
    assembled = put(
        words,
        context=context,
        history=[turn(n, text, conversation="now") for n, text in enumerate(history)],
        recollections=recalled(*(turn(100 + n, text, day=n) for n, text in enumerate(memories))),
        pinned=[turn(200 + n, text) for n, text in enumerate(pins)],
    )
    model = Counting(context)
    assert model.count_prompt(assembled.prompt.messages) <= room(model, SAMPLING) <= context - min(100, context // 3)
    left_out = assembled.omitted
    assert assembled.prompt.words == words or (left_out is not None and left_out.words_cut)
    shown = len(assembled.prompt.messages) - 2
    assert shown + (left_out.history_turns if left_out else 0) == len(history)
    listed = len(LINES.findall(assembled.prompt.messages[-1].content))
    pinned = len(LINES.findall(assembled.prompt.messages[0].content))
    assert assembled.prompt.messages[-1].content.endswith(assembled.prompt.words)
    in_words = len(LINES.findall("\n" + assembled.prompt.words))
    assert listed - in_words + pinned + (left_out.memories if left_out else 0) == len(memories) + len(pins)
