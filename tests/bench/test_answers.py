"""``bench answers``: what each mode puts before the model, and what is made of its replies."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.bench.answers.answering import MODES, NAMES
from agent.bench.answers.report import report
from agent.bench.answers.running import answer
from agent.bench.data import DataError
from agent.bench.embedding import CachingEmbedder
from agent.bench.formats.loading import load
from agent.models.base import Prompt, Sampling
from agent.settings import Settings
from tests.agent.making import Counting
from tests.bench.making import HEADER, Write, locomo_sample, memory, question, silently

ROWS = [
    HEADER,
    memory("m1", "My cat is called Miso."),
    memory("m2", "My dog is called Rex.", said_at="2026-10-21T18:00:00Z"),
    memory("m3", "It rained all day.", said_at="2026-10-22T18:00:00Z"),
    question("What is my cat called?", "m1", answer="Miso"),
    question("What is my dog called?", "m2", answer=["Rex", "Your dog is called Rex."]),
]


class Reader(Counting):
    """Says what the prompt tells of the animal that is asked for, and cites it by its number; else that it cannot."""

    name = "reader"

    def __init__(self, context_size: int = 4096) -> None:
        super().__init__(context_size)
        self.prompts: list[Prompt] = []
        self.temperatures: list[float] = []

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        self.prompts.append(prompt)
        self.temperatures.append(sampling.temperature)
        asked = re.search(r"my (\w+) called", prompt.words)
        assert asked is not None
        for message in prompt.messages:
            if told := re.search(rf"(?:\[(\d+)\] [^\n]*)?My {asked[1]} is called (\w+)", message.content):
                yield told[2] + (f" [{told[1]}]" if told[1] else "")
                return
        yield "I don't know."


@pytest.fixture
def file(write: Write) -> Path:
    return write("pets.jsonl", ROWS, lines=True)


def asked(file: Path, embedder: CachingEmbedder, model: Any, *modes: str, **settings: Any) -> dict[str, Any]:
    [data] = load([file], answers=True)
    return report(answer(data, embedder, model, Settings(**settings), modes, silently), seed=0)  # type: ignore[arg-type]


def test_memory_answers_what_nothing_else_can(file: Path, embedder: CachingEmbedder) -> None:
    model = Reader()
    found = asked(file, embedder, model, "memory", "none", "history")
    modes = found["modes"]
    assert [modes[mode]["exact_match"]["value"] for mode in modes] == [1.0, 0.0, 1.0]
    assert modes["memory"]["ahead_of_none"]["f1"]["value"] == 1.0
    assert "ahead_of_none" not in modes["none"]
    assert (modes["memory"]["citation_precision"], modes["memory"]["replies_that_cite"]) == (1.0, 2)
    assert (modes["none"]["citation_precision"], modes["none"]["replies_that_cite"]) == (None, 0)
    assert modes["history"]["history_read"] == 1.0
    assert found["replies"][0] == {
        "question": "What is my cat called?",
        "answers": ["Miso"],
        "category": "",
        "said": {"memory": found["replies"][0]["said"]["memory"], "none": "I don't know.", "history": "Miso"},
    }
    assert re.fullmatch(r"Miso \[\d\]", found["replies"][0]["said"]["memory"])
    assert set(model.temperatures) == {0.0}
    with_memory, without, history = model.prompts[0], model.prompts[2], model.prompts[4]
    assert "m1" in [memory.id for memory in with_memory.memories]
    assert without.memories == history.memories == ()
    assert [message.content for message in history.messages[1:-1]] == [row["text"] for row in ROWS[1:4]]


def test_the_history_goes_in_as_far_as_it_fits(write: Write, embedder: CachingEmbedder) -> None:
    chatter = [memory(f"c{n}", f"Chatter number {n}. " + "words " * 40) for n in range(40)]
    rows = [HEADER, memory("m1", "My cat is called Miso."), *chatter, ROWS[4]]
    found = asked(write("long.jsonl", rows, lines=True), embedder, Reader(1500), "memory", "history")
    assert 0 < found["modes"]["history"]["history_read"] < 0.6
    assert found["modes"]["history"]["exact_match"]["value"] == 0.0, "the cat was too long ago"
    assert found["modes"]["memory"]["exact_match"]["value"] == 1.0


def test_citing_what_does_not_answer_is_counted_against_it(write: Write, embedder: CachingEmbedder) -> None:
    rows = [*ROWS[:4], question("What is my cat called?", "m3", answer="Miso")]
    found = asked(write("wrong.jsonl", rows, lines=True), embedder, Reader(), "memory")
    assert found["modes"]["memory"]["citation_precision"] == 0.0


def test_a_question_needs_an_answer_here_and_evidence_there(write: Write) -> None:
    unmarked = question("What is my dog called?", "m2")
    unfound = {"type": "question", "text": "And my cat?", "answer": "Miso"}
    file = write("both.jsonl", [*ROWS[:4], unmarked, unfound], lines=True)
    [marked] = load([file], answers=True)
    [found] = load([file])
    assert [one.text for one in marked.questions] == ["And my cat?"]
    assert [one.text for one in found.questions] == ["What is my dog called?"]
    assert marked.remarks == ["1 question without an answer left out"]
    assert found.remarks == ["1 question without evidence left out"]
    with pytest.raises(DataError, match="no question with an answer in it"):
        load([write("none.jsonl", [*ROWS[:4], unmarked], lines=True)], answers=True)


@pytest.mark.parametrize("answer", ["", [], ["Miso", 7], 7, [" "]])
def test_an_answer_that_is_none_is_refused_with_its_line(write: Write, answer: object) -> None:
    file = write("bad.jsonl", [*ROWS[:4], question("What?", "m1", answer=answer)], lines=True)
    with pytest.raises(DataError, match='line 5: "answer" must be a text'):
        load([file], answers=True)


def test_locomo_brings_its_answers(write: Write) -> None:
    asked = [
        {"question": "Whose cat?", "answer": "Ana's", "evidence": ["D1:2"], "category": 4},
        {"question": "How many?", "answer": 2, "evidence": ["D1:2"], "category": 1},
        {"question": "Unanswerable?", "adversarial_answer": "x", "evidence": ["D1:2"], "category": 5},
    ]
    file = write("locomo.json", [locomo_sample("conv-1", "Ana", "Ben", ["Hi.", "Your two cats!"], qa=asked)])
    [data] = load([file], answers=True)
    assert [one.answers for one in data.questions] == [("Ana's",), ("2",)]


def test_every_mode_has_a_name() -> None:
    assert set(NAMES) == set(MODES)
    assert json.dumps(list(MODES)) == '["memory", "none", "history", "output", "output-only"]'
