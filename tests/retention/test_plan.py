"""What a prune proposes, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store.errors import InvalidInput
from memory_store.records import PrunePolicy, Turn
from memory_store.retention.planning import holds_words, plan
from memory_store.retention.strength import strengths
from memory_store.retention.usage import Uses

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def memory(id: str, days: float, text: str = "words", *, pinned: bool = False, forgotten: bool = False) -> Turn:
    return Turn(id, "c", 0, "user", text, NOW - timedelta(days=days), pinned=pinned, forgotten=forgotten)


def proposed(policy: PrunePolicy, memories: list[Turn]) -> list[str]:
    return [row.memory.id for row in plan(policy, memories, used={}, now=NOW).rows]


@st.composite
def collections(draw: st.DrawFn) -> list[Turn]:
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 900), st.sampled_from(["I like tea", "tea", "a cat"]), st.booleans(), st.booleans()
            ),
            max_size=12,
        )
    )
    return [memory(f"id{n}", *row[:2], pinned=row[2], forgotten=row[3]) for n, row in enumerate(rows)]


policies = st.builds(
    PrunePolicy,
    older_than=st.none() | st.integers(0, 900).map(lambda days: timedelta(days=days)),
    weaker_than=st.none() | st.floats(0.01, 1),
    keep_last=st.none() | st.integers(0, 12),
    matching=st.none() | st.sampled_from(["tea", "cat", "like tea"]),
).filter(lambda policy: policy != PrunePolicy())


@given(collections(), policies)
def test_a_memory_is_proposed_exactly_when_it_meets_every_criterion(memories: list[Turn], policy: PrunePolicy) -> None:
    """Stated again, one memory at a time, without arrays."""
    newest_first = sorted(
        (one for one in memories if not one.forgotten),
        key=lambda one: (one.said_at, one.position, one.id),
        reverse=True,
    )
    held = dict(zip((one.id for one in memories), strengths(memories, {}, NOW), strict=True))

    def meets(one: Turn) -> bool:
        return (
            not one.pinned
            and not one.forgotten
            and (policy.older_than is None or NOW - one.said_at > policy.older_than)
            and (policy.weaker_than is None or held[one.id] < policy.weaker_than)
            and (policy.keep_last is None or one not in newest_first[: policy.keep_last])
            and (policy.matching is None or all(word in one.text.split() for word in policy.matching.split()))
        )

    found = plan(policy, memories, used={}, now=NOW)
    assert {row.memory.id for row in found.rows} == {one.id for one in memories if meets(one)}
    assert found.considered == len(newest_first)
    assert found.policy is policy
    said = [row.memory.said_at for row in found.rows]
    assert said == sorted(said)


def test_the_reason_says_everything_that_was_asked() -> None:
    policy = PrunePolicy(timedelta(days=30), weaker_than=0.25, keep_last=1, matching="Tea", similar=0.95)
    memories = [memory("k3f9aaaa", 1, "I like tea"), memory("bbbb", 412.4, "I like tea")]
    vectors = np.array([[0.97, (1 - 0.97**2) ** 0.5], [1, 0]], np.float32)
    (row,) = plan(policy, memories, used={}, now=NOW, vectors=vectors).rows
    assert row.memory is memories[1]
    assert row.reason == (
        "said 412 days ago; strength 0.20 < 0.25; not among the newest 1; contains 'Tea'; "
        "near-duplicate of k3f9… (cosine 0.97)"
    )
    assert row.strength == pytest.approx(2 ** (-412.4 / 180))


def test_recalls_keep_a_memory() -> None:
    memories = [memory("used", 400), memory("unused", 400)]
    found = plan(PrunePolicy(weaker_than=0.3), memories, used={"used": Uses(4)}, now=NOW)
    assert [row.memory.id for row in found.rows] == ["unused"]


def test_memories_of_the_same_instant_are_kept_by_their_place() -> None:
    memories = [Turn(str(n), "c", n, "user", "words", NOW) for n in (2, 0, 1)]
    assert proposed(PrunePolicy(keep_last=1), memories) == ["0", "1"]
    assert proposed(PrunePolicy(keep_last=0), memories) == ["0", "1", "2"]


def test_forgotten_memories_take_no_place_among_the_newest() -> None:
    memories = [memory("old", 9), memory("new", 2), memory("gone", 1, forgotten=True)]
    assert proposed(PrunePolicy(keep_last=1), memories) == ["old"]


def test_a_memory_said_today_says_so() -> None:
    (row,) = plan(PrunePolicy(matching="words"), [memory("a", 0.2)], used={}, now=NOW).rows
    assert row.reason == "said today; contains 'words'"


@pytest.mark.parametrize(
    ("text", "words", "holds"),
    [
        ("I have a cat.", "CAT", True),
        ("concatenate", "cat", False),
        ("a cat and a dog", "dog cat", True),
        ("a cat", "dog cat", False),
        ("我喜欢喝茶", "喝茶", True),
        ("C++ (and C)", "c++", True),
        ("x.y", "x*y", False),
        ("naïve", "NAÏVE", True),
    ],
)
def test_words_to_match(text: str, words: str, holds: bool) -> None:
    assert holds_words(text, words) is holds


@pytest.mark.parametrize(
    "policy",
    [
        PrunePolicy(),
        PrunePolicy(older_than=timedelta(days=-1)),
        PrunePolicy(weaker_than=0.0),
        PrunePolicy(weaker_than=1.5),
        PrunePolicy(weaker_than=float("nan")),
        PrunePolicy(keep_last=-1),
        PrunePolicy(matching="  "),
        PrunePolicy(similar=0.0),
        PrunePolicy(similar=1.01),
        PrunePolicy(similar=0.9),  # without vectors
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(policy: PrunePolicy) -> None:
    with pytest.raises(InvalidInput, match=r"\.$"):
        plan(policy, [memory("a", 1)], used={}, now=NOW)


def test_nothing_to_look_at() -> None:
    found = plan(PrunePolicy(keep_last=0, similar=0.5), [], used={}, now=NOW, vectors=np.zeros((0, 4), np.float32))
    assert (found.rows, found.considered) == ((), 0)
