"""A second look at the best: its arithmetic by hand, and its place in recall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from memory_store.embedding import MiniLM
from memory_store.language.words import terms
from memory_store.reranking import LateInteraction, Stage
from memory_store.reranking.base import between
from memory_store.reranking.late_interaction import maxsim
from tests.conftest import OpenStore
from tests.fakes import HashedWords, Liking


def rows(*values: Sequence[float]) -> np.ndarray:
    return np.array(values, np.float32).reshape(-1, 2)


def test_maxsim_by_hand() -> None:
    query = rows((1, 0), (0, 1))
    texts = [rows((1, 0)), rows(), rows((0.6, 0.8), (0.8, 0.6)), rows((0, 1), (1, 0), (-1, 0)), rows((-1, 0))]
    assert maxsim(query, texts) == pytest.approx([0.5, -1, 0.8, 1, -0.5])


def test_maxsim_of_nothing() -> None:
    assert maxsim(rows(), [rows((1, 0))]).tolist() == [-1]
    assert maxsim(rows((1, 0)), [rows(), rows()]).tolist() == [-1, -1]
    assert maxsim(rows((1, 0)), []).shape == (0,)


def test_between_the_worst_and_the_best() -> None:
    assert between(np.array([-3.0, 7.0, 2.0])).tolist() == [0, 1, 0.5]
    assert between(np.array([2.0, 2.0])).tolist() == [0, 0]
    assert between(np.array([np.nan, 2.0])).tolist() == [0, 0]


class HashedTokens(HashedWords):
    """Each word is a token: what was asked for is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def tokens(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.asked += texts
        return [self.encode([*terms(text)]) for text in texts]


def test_what_was_read_once_is_kept_as_far_as_there_is_room() -> None:
    texts = ["a red kite", "two green kites", "a tin drum"]
    embedder = HashedTokens()
    roomy = LateInteraction(embedder)
    first = roomy.scores("red drum", texts)
    assert roomy.scores("red drum", [*texts, "nothing red"])[:3] == pytest.approx(first, abs=2e-3)
    assert embedder.asked == ["red drum", *texts, "red drum", "nothing red"]
    embedder.asked.clear()
    cramped = LateInteraction(embedder, kept_bytes=2 * 32 * 2)
    for _ in range(2):
        assert cramped.scores("red drum", texts) == pytest.approx(first, abs=2e-3)
    assert embedder.asked == ["red drum", *texts, "red drum", *texts[:2]]
    assert cramped._bytes == sum(kept.nbytes for kept in cramped._kept.values()) <= 128


KITES = [f"The kite number {number} is red." for number in range(8)]


def filled(open_store: OpenStore, *stages: Stage) -> list[tuple[str, dict[str, float]]]:
    store = open_store(stages=stages)
    if not store.stats().memories:
        for text in KITES:
            store.remember(text, speaker="Ana")
        store.index_now()
    found = store.recall("Which kite of Ana is red?", limit=50)
    assert all(item.score == pytest.approx(sum(item.reasons.values())) for item in found)
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    return [(item.memory.text, dict(item.reasons)) for item in found]


def test_only_the_best_are_looked_at_and_the_rest_stay_behind(open_store: OpenStore) -> None:
    plain = [text for text, _ in filled(open_store)]
    taste = Liking(plain[2])
    changed = filled(open_store, Stage(taste, 2.0, top=3))
    assert [text for text, _ in changed] == [plain[2], plain[0], plain[1], *plain[3:]]
    assert [reasons.get("taste") for _, reasons in changed] == [2.0] + [None] * 7
    assert taste.seen == [("Which kite of is red?", plain[:3])]


def test_the_second_stage_sees_what_the_first_made(open_store: OpenStore) -> None:
    plain = [text for text, _ in filled(open_store)]
    last, taste = Liking(plain[1]), Liking(plain[4])
    last.reason, last.sees_speakers = "last word", True
    changed = filled(open_store, Stage(taste, 2.0, top=5), Stage(last, 3.0, top=2))
    assert last.seen == [("Which kite of Ana is red?", [f"Ana: {plain[4]}", f"Ana: {plain[0]}"])]
    assert [text for text, _ in changed] == [plain[4], plain[0], *plain[1:4], *plain[5:]]


def test_an_event_is_dated_without_a_second_look(open_store: OpenStore) -> None:
    taste = Liking()
    store = open_store(stages=[Stage(taste, 1.0)])
    for text in ("I moved to Lisbon.", "The kite is red.", "My old kite was green."):
        store.remember(text)
    store.index_now()
    found = store.recall("Which kite did I have before I moved to Lisbon?")
    assert any("date" in item.reasons for item in found)
    assert [query for query, _ in taste.seen] == ["Which kite did I have before I moved to Lisbon?"]


def test_what_was_purged_is_kept_no_longer(open_store: OpenStore) -> None:
    here, there = (LateInteraction(HashedTokens()) for _ in range(2))
    store = open_store(stages=[Stage(here, 1.0)])
    gone = store.remember("The secret kite is red.")
    store.remember("The other kite is green.")
    store.index_now()
    other = open_store(stages=[Stage(there, 1.0)], indexing="off")
    for which in (store, other):
        which.recall("kite")
    assert here._kept.keys() == there._kept.keys() == {"The secret kite is red.", "The other kite is green."}
    store.purge([gone.id])
    assert (here._kept, here._bytes) == ({}, 0), "the process that purges keeps nothing a moment longer"
    store.remember("A third kite.")
    other.recall("kite")
    assert there._kept.keys() == {"The other kite is green.", "A third kite."}


def test_a_look_that_fails_changes_nothing_but_is_told(open_store: OpenStore) -> None:
    plain = filled(open_store)
    stage = Stage(Liking(fails=True), 2.0)
    assert filled(open_store, stage) == plain
    assert open_store(stages=[stage]).recall("red kite").remarks == ("There was no second look. It is gone.",)


def test_one_memory_or_none_needs_no_second_look(open_store: OpenStore) -> None:
    taste = Liking()
    store = open_store("lonely", stages=[Stage(taste, 1.0)])
    assert store.recall("kite") == []
    store.remember("A kite.")
    assert "taste" not in store.recall("kite")[0].reasons
    assert taste.seen == []


def test_the_default_embedders_tokens_find_the_telling_word() -> None:
    look = LateInteraction(MiniLM())
    texts = [
        "We talked for hours about school, the weather, the garden, our trips and, oh, her kitten Miso.",
        "We talked for hours about school, the weather, the garden, our trips and, oh, her brother Tom.",
        "",
    ]
    cat, brother, nothing = look.scores("What is the cat called?", texts)
    assert cat > brother > nothing == -1
    assert not look.scripts
