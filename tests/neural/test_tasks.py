"""The papers' small tasks: what is drawn is what it says, every machine begins to learn it, and the script says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor

from benchmarks.neural import knowledge, sequences, stories, streams
from benchmarks.neural.answering import QUIZZES, Question, Sheet, Words, hashed
from benchmarks.neural.machines import lstm_as_large_as, parameters, turing
from benchmarks.neural.sequence_tasks import LESSONS
from benchmarks.neural.sequences import BITS
from benchmarks.neural.trials import FAR_BEHIND, NEVER_FREES, RIGHT, Trial, judged, trials_of, tried

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "neural" / "tasks.py"


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def bits(rows: Tensor) -> list[tuple[int, ...]]:
    return [tuple(int(bit) for bit in row) for row in rows]


def test_a_copy_is_what_was_heard() -> None:
    batch = sequences.copied(3, 4, chance())
    assert torch.equal(batch.targets[batch.asked][..., :BITS].view(4, 3, BITS), batch.inputs[1:5, :, :BITS])
    assert not batch.inputs[batch.asked].any(), "nothing is heard while it is said"


def test_a_repeated_copy_ends_with_a_mark() -> None:
    batch = sequences.repeated(3, 4, 5, chance())
    wanted = batch.targets[batch.asked]
    assert len(wanted) == 4 * 5 + 1
    assert torch.equal(wanted[:-1, :, :BITS], batch.inputs[:4, :, :BITS].repeat(5, 1, 1))
    assert bits(wanted[-1]) == [(*[0] * BITS, 1)] * 3
    marks = [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 5]]
    assert batch.inputs[:5, 0, BITS:].tolist() == marks, "the first, the last, how many times"
    assert not batch.inputs[batch.asked].any()


def test_a_first_lesson_asks_nothing_of_the_end() -> None:
    batch = sequences.repeated(3, 4, 2, chance(), ending=0)
    assert batch.weights is not None
    assert int(batch.asked.sum()) == 4 * 2
    assert not batch.weights[..., BITS].any()
    assert batch.weights[..., :BITS].all()


@pytest.mark.parametrize("size", [1, 3])
def test_the_item_after_the_one_asked_for_is_wanted(size: int) -> None:
    batch = sequences.recalled(5, 6, size, chance())
    for row in range(5):
        told = bits(batch.inputs[: 6 * size, row, :BITS])
        query = bits(batch.inputs[6 * size : 7 * size, row, :BITS])
        answer = bits(batch.targets[batch.asked][:, row, :BITS])
        items = [told[place : place + size] for place in range(0, 6 * size, size)]
        assert items[items.index(query) + 1] == answer
        assert len({item[0] for item in items}) == 6


@pytest.mark.parametrize("again", [False, True])
def test_a_stream_never_holds_more_than_it_may_and_asks_for_what_it_holds(again: bool) -> None:
    batch = streams.stored(4, 20, 3, chance(), again=again)
    for row in range(4):
        held: dict[tuple[int, ...], tuple[int, ...]] = {}
        most, keys = 0, list[tuple[int, ...]]()
        for step in range(40):
            heard = bits(batch.inputs[step])[row]
            key, value, storing = heard[:BITS], heard[BITS : 2 * BITS], heard[2 * BITS]
            if storing:
                assert key not in held
                held[key] = value
                keys.append(key)
                most = max(most, len(held))
            else:
                assert held.pop(key) == bits(batch.targets[step])[row]
        assert (len(keys), most, held) == (20, 3, {})
        assert len(set(keys)) == (3 if again else 20)


def test_a_story_answers_its_question() -> None:
    random = Random(1)
    kinds = set()
    for _ in range(300):
        story = stories.told(random, random.randint(1, 10))
        place, holder = {}, {}
        for line in story.sentences:
            who, *_, last = line.split()
            if any(f" {walk} " in line for walk in stories.WALKS):
                place[who] = last
            else:
                holder[last] = who
        asked = story.question.split()[-1]
        answers = {stories.KINDS[0]: place.get(asked), stories.KINDS[1]: holder.get(asked)}
        answers[stories.KINDS[2]] = place.get(holder.get(asked))
        assert answers[story.kind] == story.answer
        kinds.add(story.kind)
    assert kinds == set(stories.KINDS)


def test_the_test_asks_only_what_training_never_asks() -> None:
    """Which subject is asked about with which relations, read off the questions."""
    sides = []
    for held_out in (False, True):
        random = Random(2)
        asked = [knowledge.drawn(random, films=12, held_out=held_out) for _ in range(1500)]
        sides.append({_combination(one.question) for one in asked})
        assert {one.hops for one in asked} == {1, 2}
        assert all(one.answer in {value for _, value in one.facts} for one in asked)
    assert not sides[0] & sides[1]
    assert min(len(side) for side in sides) > 60


def _combination(question: str) -> tuple[str, ...]:
    relation = {phrase: name for name, phrases in knowledge.PHRASES.items() for phrase in phrases}
    *phrases, subject = question.replace(" the one ", "|").rpartition(" ")[::2]
    return (subject, *(relation[phrase] for phrase in phrases[0].split("|")))


def test_key_hashing_finds_what_both_hops_read() -> None:
    words = Words()
    facts = [("film1 directed", "person1"), ("person1 directed-of", "film1"), ("film2 wrote", "person2")]
    known = [(words.ids(key), words.ids(value)) for key, value in facts]
    assert hashed(words.ids("who wrote the one directed by person1"), known, 24) == [0, 1, 2]
    assert hashed(words.ids("by person1"), known, 24) == [0, 1], "the second through what the first reads"
    asked = Question(facts, "by person1", "film1", "one fact")
    sheet = Sheet.of([asked], QUIZZES["knowledge-base"](True), words)
    assert sheet.keys.shape == (1, 2, 2)


def test_the_lstm_is_no_smaller() -> None:
    machine = turing(8, 7, slots=8, hidden=64)
    assert 0 <= parameters(lstm_as_large_as(machine, 8, 7)) - parameters(machine) < 0.05 * parameters(machine)


@pytest.mark.parametrize("task", [*LESSONS, *QUIZZES])
def test_every_machine_begins_to_learn(task: str) -> None:
    for trial in trials_of(task):
        row = tried(trial, quick=True, seed=0, watch=lambda _: None, steps=15)
        first, last = row["losses"]
        assert last < first, trial


def test_the_same_seed_gives_the_same() -> None:
    trial = Trial("copy", "ntm")
    one, other, another = (tried(trial, quick=True, seed=seed, watch=lambda _: None, steps=5) for seed in (3, 3, 4))
    assert (one["losses"], one["tests"]) == (other["losses"], other["tests"])
    assert one["losses"] != another["losses"]


def lesson(right: float) -> dict[str, object]:
    return {"tests": {"long": {"right": right}, "short": {"right": 1.0}}}


def test_passed_means_right_where_an_lstm_fails() -> None:
    behind = 1 - FAR_BEHIND * (1 - RIGHT)
    good = {"ntm": lesson(0.999), "dnc": lesson(RIGHT), "lstm": lesson(behind)}
    assert judged("copy", good)["passed"]
    assert judged("copy", good)["score"] == RIGHT
    assert not judged("copy", {**good, "lstm": lesson(behind + 0.01)})["passed"]
    assert not judged("copy", {**good, "ntm": lesson(0.98)})["passed"]
    freeing = {"dnc": {**lesson(1.0), NEVER_FREES: {"long": {"right": 0.95}}}, "lstm": lesson(0.5)}
    assert not judged("key-value", freeing)["passed"], "it does as well without freeing"


@pytest.mark.slow
def test_the_script_ends_with_one_line_of_json() -> None:
    command = [sys.executable, str(SCRIPT), "--quick", "--task", "knowledge-base", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found) == ["knowledge-base"]
    assert found["knowledge-base"]["passed"] is True
    assert found["knowledge-base"]["score"] >= 0.95
    assert "step 100 of" in done.stderr
