"""Any sequence of acts keeps the laws: nothing is lost, every copy is in step, what is hidden stays hidden."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from memory_store import MemoryStore, Turn, VirtualClock
from memory_store.ids import seeded_ids
from memory_store.language.words import terms
from tests.fakes import HashedWords

START = datetime(2026, 11, 22, tzinfo=UTC)
VALID = st.characters(exclude_categories=["Cs"])
WORDS = st.one_of(
    st.sampled_from(
        ["My cat is called Miso.", "I sold the blue bicycle", "猫叫味噌", "js apology", "What is it?", "a\0b\x1b[31m"]
    ),
    st.text(VALID, min_size=1, max_size=30).filter(str.strip),
)


class Life(RuleBasedStateMachine):
    """A store beside a plain dictionary of what it should hold."""

    memories = Bundle("memories")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="life-")
        self.clock = VirtualClock(START)
        self.ids = seeded_ids(7)
        self.expected: dict[str, Turn] = {}
        self.store = self.opened()

    def opened(self) -> MemoryStore:
        return MemoryStore.open(
            Path(self.folder.name) / "s", clock=self.clock, embedder=HashedWords(), indexing="manual", ids=self.ids
        )

    @rule(
        target=memories, words=WORDS, thread=st.sampled_from([None, "a", "b"]), speaker=st.sampled_from(["user", "Ana"])
    )
    def remember(self, words: str, thread: str | None, speaker: str) -> str:
        self.clock.advance(timedelta(minutes=1))
        turn = self.store.remember(words, conversation=thread, speaker=speaker)
        assert (turn.text, turn.conversation_id, turn.speaker) == (words, thread, speaker)
        assert turn.id not in self.expected
        self.expected[turn.id] = turn
        return turn.id

    @rule(id=memories, words=WORDS)
    def edit(self, id: str, words: str) -> None:
        if id in self.expected:
            before = self.expected[id]
            self.expected[id] = after = self.store.edit(id, words)
            assert after.text == words
            assert after.revision == before.revision + (before.text != words)
            assert len(self.store.revisions(id)) == after.revision

    @rule(id=memories, act=st.sampled_from(["pin", "unpin", "forget", "restore"]))
    def flag(self, id: str, act: str) -> None:
        if id in self.expected:
            self.expected[id] = turn = getattr(self.store, act)(id)
            assert (turn.pinned if "pin" in act else turn.forgotten) is (act in {"pin", "forget"})

    @rule(id=consumes(memories))
    def purge(self, id: str) -> None:
        if id in self.expected:
            receipt = self.store.purge([id])
            assert (receipt.purged, receipt.traces, receipt.pending) == ((id,), (), ())
            del self.expected[id]

    @rule()
    def index(self) -> None:
        state = self.store.index_now()
        assert (state.queued, state.problem) == (0, "")
        report = self.store.check()
        assert report.ok, report.problems
        assert report.words == report.vectors == report.indexed == len(self.expected)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.opened()

    @rule(id=memories)
    def recall_by_its_own_words(self, id: str) -> None:
        if id not in self.expected:
            return
        turn = self.expected[id]
        shown = {item.memory.id: item.memory for item in self.store.recall(turn.text, limit=1000)}
        assert all(self.expected[known] == memory and not memory.forgotten for known, memory in shown.items())
        if any(terms(turn.text)):
            assert (id in shown) is not turn.forgotten
            assert id in {item.memory.id for item in self.store.recall(turn.text, limit=1000, include_forgotten=True)}

    @invariant()
    def every_turn_is_there_word_for_word(self) -> None:
        assert {turn.id: turn for turn in self.store.memories(forgotten=None)} == self.expected
        for known, turn in self.expected.items():
            assert self.store.get(known[:6]) == turn

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


Life.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase
