"""Whatever was done, undoing it all goes back through every state, and doing it again comes forward to the last."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, PrunePolicy, VirtualClock
from tests.fakes import HashedWords

START = datetime(2026, 1, 1, tzinfo=UTC)
Do = Callable[[MemoryStore, list[str], int], object]


def _together(store: MemoryStore, ids: list[str], pick: int) -> None:
    with store.as_one_act():
        store.pin(ids[pick % 3])
        store.edit(ids[pick % 3], f"both {pick}")


ACTS: dict[str, Do] = {
    "edit": lambda store, ids, pick: store.edit(ids[pick % 3], f"wording {pick % 4}"),
    "pin": lambda store, ids, pick: store.pin(ids[pick % 3]),
    "unpin": lambda store, ids, pick: store.unpin(ids[pick % 3]),
    "forget": lambda store, ids, pick: store.forget(ids[pick % 3]),
    "restore": lambda store, ids, pick: store.restore(ids[pick % 3]),
    "note": lambda store, _, pick: store.remember(f"note {pick}"),
    "prune": lambda store, _, pick: store.apply(store.plan_prune(PrunePolicy(keep_last=pick % 3))),
    "rename": lambda store, _, pick: store.rename_conversation("c", f"title {pick % 2}"),
    "archive": lambda store, _, __: store.archive_conversation("c"),
    "delete": lambda store, _, __: store.delete_conversation("c"),
    "bring back": lambda store, _, __: store.restore_conversation("c"),
    "branch": lambda store, ids, __: store.branch(ids[0]),
    "feedback": lambda store, ids, pick: store.feedback(ids[2], ids[pick % 2], ("helpful", "wrong", None)[pick % 3]),
    "discard": lambda store, ids, pick: store.discard([ids[pick % 3]], restoring=[ids[(pick + 1) % 3]]),
    "together": _together,
}


def seen(store: MemoryStore) -> object:
    """What a person sees; not how many revisions there are, for an undo adds one."""
    memories = [
        (turn.id, turn.text, turn.pinned) for turn in store.memories(forgotten=None) if not _is_hidden_note(turn)
    ]
    hidden = [turn.id for turn in store.memories(forgotten=True) if not turn.is_note]
    judged = [(given.memory_id, given.signal) for given in store.feedback_given()]
    return memories, hidden, judged, store.conversations(archived=None), [t.id for t in store.history("c")]


def _is_hidden_note(turn: object) -> bool:
    """A note that was taken back: as good as not there."""
    return turn.is_note and turn.forgotten  # type: ignore[attr-defined]


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 11), st.booleans()), max_size=14),
    st.integers(1, 4),
)
def test_back_through_every_state_and_forward_again(acts: list[tuple[str, int, bool]], at_once: int) -> None:
    clock = VirtualClock(START)
    with tempfile.TemporaryDirectory(prefix="undo-") as place:
        options = {"clock": clock, "embedder": HashedWords(), "indexing": "off"}
        with MemoryStore.open(Path(place) / "s", **options) as store:  # type: ignore[arg-type]
            ids = [store.remember(f"turn {number}", conversation="c").id for number in range(3)]
            states = [seen(store)]
            for name, pick, moves in acts:
                clock.advance(timedelta(minutes=moves))
                before = store.acts(1)
                ACTS[name](store, ids, pick)
                if store.acts(1) != before:
                    states.append(seen(store))
            last = len(states) - 1
            for step in range(last, 0, -at_once):
                clock.advance(timedelta(minutes=1))
                assert len(store.undo(at_once)) == min(at_once, step)
                assert seen(store) == states[max(0, step - at_once)]
            assert store.undo() == []
            assert len(store.redo(last + 1)) == last
            assert seen(store) == states[-1]
            report = store.check()
            assert report.ok, report.problems
