"""A model's notes: out of whatever it writes, only what its turns say; stopped and gone on with at any time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.consolidation import parsing
from agent.consolidation.running import consolidate
from agent.errors import ModelError
from agent.models.base import Prompt, Sampling
from memory_store import MemoryStore, VirtualClock
from tests.agent.making import NOON, Counting, turn
from tests.fakes import HashedWords

SAID = [turn(1, "Ida moved to Lisbon."), turn(2, "She prefers tea to coffee.", speaker="Ana")]
FACT = {"kind": "fact", "text": "Ida moved to Lisbon.", "from": [1]}
TEA = {"kind": "preference", "text": "Ana prefers tea to coffee.", "from": [2]}


class Answers(Counting):
    """Says one thing after the other, a whole answer at a time; a ModelError is raised."""

    name = "answers"

    def __init__(self, *answers: str | ModelError, context_size: int = 4096) -> None:
        super().__init__(context_size)
        self.answers = list(answers)
        self.prompts: list[Prompt] = []

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        assert sampling.temperature == 0
        self.prompts.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, ModelError):
            raise answer
        yield answer


@pytest.mark.parametrize(
    "answer",
    [
        f"{json.dumps(FACT)}\n{json.dumps(TEA)}",
        json.dumps([FACT, TEA]),
        json.dumps({"notes": [FACT, TEA]}),
        f"Here are the notes:\n```json\n{json.dumps(FACT, indent=1)}\n,\n{json.dumps(TEA)}\n```\nAnything else?",
        f'{json.dumps(FACT)} {json.dumps(FACT)} {{broken {json.dumps(TEA)} {{"kind": "fact", "te',
    ],
)
def test_notes_are_read_however_they_are_wrapped(answer: str) -> None:
    found = parsing.read(answer, SAID)
    assert [(note.kind, note.text, note.sources) for note in found.notes] == [
        ("fact", FACT["text"], (SAID[0].id,)),
        ("preference", TEA["text"], (SAID[1].id,)),
    ]
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", parsing.UNREADABLE),
        ("I am sorry, I cannot do that.", parsing.UNREADABLE),
        ("{" * 5000, parsing.UNREADABLE),
        ("{}", parsing.MALFORMED),
        (json.dumps(FACT | {"kind": "rumour"}), parsing.MALFORMED),
        (json.dumps(FACT | {"text": 7}), parsing.MALFORMED),
        (json.dumps(FACT | {"text": "x" * 401}), parsing.MALFORMED),
        (json.dumps(FACT | {"text": "Ida\x1b[31m moved to Lisbon."}), parsing.MALFORMED),
        (json.dumps(FACT | {"from": [9]}), parsing.WITHOUT_SOURCE),
        (json.dumps(FACT | {"from": [True]}), parsing.WITHOUT_SOURCE),
        (json.dumps(FACT | {"text": "John Doe works as a lawyer in Boston."}), parsing.MADE_UP),
    ],
)
def test_what_is_no_note_is_skipped_and_said(answer: str, why: str) -> None:
    found = parsing.read(answer, SAID)
    assert (found.notes, found.skipped) == ((), (why,))


@given(st.text(st.sampled_from('{}[]":,kindtextfromfact1 \\\n'), max_size=200))
def test_any_answer_is_read(answer: str) -> None:
    parsing.read(answer, SAID)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    clock = VirtualClock(NOON)
    with MemoryStore.open(tmp_path / "s", clock=clock, embedder=HashedWords(), indexing="manual") as opened:
        opened.remember("Ida moved to Lisbon.", conversation="one")
        opened.remember("Nice.", speaker="assistant", conversation="one")
        opened.remember("Ana prefers tea to coffee.", conversation="two")
        yield opened


SUMMARY = json.dumps({"kind": "summary", "text": "Ana prefers tea to coffee."})
SAMPLING = Sampling(max_new_tokens=100)


def test_each_conversation_is_read_once_and_its_notes_are_linked(store: MemoryStore) -> None:
    model = Answers(json.dumps(FACT), SUMMARY)
    outcome = consolidate(store, model, SAMPLING)
    assert (outcome.parts, outcome.left, outcome.skipped) == (2, 0, {})
    assert [(one.note.text, [s.text for s in one.sources]) for one in store.derived()] == [
        ("Ana prefers tea to coffee.", ["Ana prefers tea to coffee."]),
        ("Ida moved to Lisbon.", ["Ida moved to Lisbon."]),
    ]
    lines = model.prompts[0].messages[1].content
    assert '[1] 2026-11-22, user: "Ida moved to Lisbon."' in lines
    assert consolidate(store, Answers(), SAMPLING).parts == 0
    [act] = [act for act in store.acts() if act.kind == "consolidate"]
    assert len(act.subjects) == 2, "a run is one act"
    store.undo()
    assert store.derived() == []


def test_a_failure_keeps_what_was_done_and_the_next_run_goes_on(store: MemoryStore) -> None:
    with pytest.raises(ModelError):
        consolidate(store, Answers(json.dumps(FACT), ModelError("it broke")), SAMPLING)
    assert len(store.derived()) == 1
    outcome = consolidate(store, Answers("nonsense"), SAMPLING)
    assert (outcome.parts, outcome.skipped) == (1, {parsing.UNREADABLE: 1})
    assert store.unconsolidated() == []


def test_a_limit_and_a_small_model(store: MemoryStore) -> None:
    small = Answers(json.dumps(FACT), context_size=420)
    outcome = consolidate(store, small, SAMPLING, limit=1)
    assert (outcome.parts, outcome.left) == (1, 1)
    assert small.count_prompt(small.prompts[0].messages) <= 420


def test_cancelled_nothing_of_the_part_is_kept(store: MemoryStore) -> None:
    cancel = threading.Event()
    cancel.set()
    assert consolidate(store, Answers(json.dumps(FACT)), SAMPLING, cancel=cancel).parts == 0
    assert store.derived() == []
