"""Export, import, export again: nothing may change, whatever was done to the memories before."""

from __future__ import annotations

import errno
import io
import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memory_store.episodic import reading
from memory_store.errors import StoreUnavailable
from memory_store.interchange import export_file, export_jsonl, import_file
from memory_store.knowledge import conflicts
from memory_store.knowledge.clashing import Clash
from memory_store.records import ConflictState, NewDerived, Recollection, Turn
from memory_store.store import MemoryStore

STATES = get_args(ConflictState)
START = datetime(2026, 1, 1, tzinfo=UTC)


def open_store(folder: Path | str) -> MemoryStore:
    """A store whose clock moves on by a second whenever it is looked at, so that no two acts share an instant."""
    seconds = itertools.count()
    return MemoryStore.open(folder, clock=lambda: START + timedelta(seconds=next(seconds)), indexing="off")


def exported(store: MemoryStore) -> str:
    stream = io.StringIO()
    export_jsonl(store, stream, forgotten=True)
    return stream.getvalue()


texts = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() != "")
texts |= st.sampled_from(["\x00\x1b[31m", "a\r\nb\u2028c", "我喜欢茶", "👩‍💻", '{"type": "end"}', "[bold]x[/bold]"])
names = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=12)
instants = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@st.composite
def lives(draw: st.DrawFn) -> list[Callable[[MemoryStore], object]]:
    """What a store went through."""
    threads = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    acts: list[Callable[[MemoryStore], object]] = []
    for text, speaker, thread, said_at, source_id, status in draw(
        st.lists(
            st.tuples(
                texts, names, st.sampled_from([None, *threads]), instants, st.none() | texts,
                st.sampled_from(["complete", "partial"]),
            ),
            min_size=1, max_size=8,
        )
    ):  # fmt: skip
        acts.append(
            lambda store, a=text, b=speaker, c=thread, d=said_at, e=source_id, f=status: store.remember(
                a, speaker=b, conversation=c, said_at=d, source_id=e, status=f
            )
        )
    picks = st.integers(0, 7)
    act = st.one_of(
        st.tuples(st.just("edit"), picks, texts),
        st.tuples(st.sampled_from(["pin", "unpin", "forget", "restore"]), picks),
        st.tuples(st.sampled_from(["delete_conversation", "restore_conversation"]), picks),
        st.tuples(st.sampled_from(["archive_conversation", "unarchive_conversation"]), picks),
        st.tuples(st.just("branch"), picks, texts),
        st.tuples(st.just("rename_conversation"), picks, names),
        st.tuples(st.just("reply"), picks, texts),
        st.tuples(st.just("judge"), picks, st.sampled_from(["helpful", "wrong"])),
        st.tuples(st.just("opened"), picks, texts),
        st.tuples(st.just("contradict"), picks, st.sampled_from(["open", "both", "newer", "dismissed"])),
        st.tuples(st.just("derive"), picks, st.sampled_from(["The user likes tea.", "Ana lives in Lisbon."])),
    )
    for name, pick, *more in draw(st.lists(act, max_size=10)):
        acts.append(lambda store, a=name, b=pick, c=more: do(store, a, b, c))
    return acts


def do(store: MemoryStore, act: str, pick: int, more: list[str]) -> None:
    """One act upon the memory or conversation that ``pick`` falls on."""
    if act == "branch":
        inside = [one.id for one in store.memories(forgotten=None, notes=False, newest_first=False)]
        if inside:
            store.remember(more[0], conversation=store.branch(inside[pick % len(inside)]).id)
        return
    if act in TYING:
        TYING[act](store, store.memories(forgotten=None, newest_first=False), pick, *more)
        return
    if act.endswith("_conversation"):
        ids = sorted(one.id for one in store.conversations(archived=None, deleted=None))
    else:
        ids = [one.id for one in store.memories(forgotten=None, newest_first=False)]
    if ids:
        getattr(store, act)(ids[pick % len(ids)], *more)


def replied(store: MemoryStore, known: list[Turn], pick: int, words: str) -> None:
    given = [Recollection(one, 1.0 / (place + 3), {"words": 0.25, "meaning": 0.1}) for place, one in enumerate(known)]
    shown = {one.memory.id: number for number, one in enumerate(given[:pick], start=1)}
    thread = next((one.conversation_id for one in known if one.conversation_id), "c")
    cited = list(shown)[:2]
    store.remember(words, speaker="assistant", conversation=thread, recalled=given, numbers=shown, cited=cited)


def judged(store: MemoryStore, known: list[Turn], pick: int, signal: str) -> None:
    if known:
        reply, memory = known[-1 - pick % len(known)], known[pick % len(known)]
        if reply.conversation_id is not None and store.recalled_for(reply.id):
            store.feedback(reply.id, memory.id, signal)  # type: ignore[arg-type]


def opened(store: MemoryStore, known: list[Turn], pick: int, query: str) -> None:
    if known:
        store.opened(query, known[pick % len(known)].id)


def contradicted(store: MemoryStore, known: list[Turn], pick: int, state: str) -> None:
    if len(known) > 1:
        older, newer = known[pick % (len(known) - 1)], known[-1]
        found = Clash("home", (0, len(older.text)), (0, 1))

        def work(connection: Connection) -> str:
            pair = [(reading.seq_of(connection, one.id), one) for one in (older, newer)]
            conflicts.mark(connection, pair[0], pair[1], found, store.clock())
            return conflicts.of_pair(connection, pair[0][0], pair[1][0]).id

        store.resolve(store._database.written(work), state)  # type: ignore[arg-type]


def drew(store: MemoryStore, known: list[Turn], pick: int, words: str) -> None:
    said = [one for one in known if one.conversation_id is not None]
    if said:
        sources = tuple(one.id for one in said[: pick + 1])
        store.keep_derived([NewDerived("fact", words, sources)], model="a model", through=said[pick % len(said)].id)


TYING: dict[str, Callable[..., None]] = {
    "reply": replied,
    "judge": judged,
    "opened": opened,
    "contradict": contradicted,
    "derive": drew,
}


def live(store: MemoryStore, acts: list[Callable[[MemoryStore], object]]) -> None:
    for act in acts:
        act(store)


def state(store: MemoryStore) -> list[object]:
    """What a person sees, but for the place in a conversation, where a purge may have left gaps."""
    threads = sorted(
        (one.id, one.title, one.archived, one.deleted, one.branched_from, one.turns)
        for one in store.conversations(archived=None, deleted=None)
    )
    seen: list[object] = [*threads, *([turn.id for turn in store.history(name)] for name, *_ in threads)]
    for one in sorted(store.memories(forgotten=None), key=lambda one: one.id):
        seen += [replace(one, position=0), store.revisions(one.id), store.recalled_for(one.id)]
    seen += [store.feedback_given(), *(sorted(map(repr, some)) for some in (store.conflicts(STATES), store.derived()))]
    labels = store.labels_given()
    seen += [sorted(turn.id for turn in store.unconsolidated()), labels.skipped]
    return [*seen, sorted((one.text, sorted(one.gold), sorted(one.wrong), one.as_of) for one in labels.items)]


@given(lives())
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking: minutes
def test_another_store_gets_everything(acts: list[Callable[[MemoryStore], object]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with open_store(folder / "a") as one, open_store(folder / "b") as other:
            live(one, acts)
            count = export_file(one, folder / "out.jsonl", forgotten=True)
            before = exported(one)
            first = import_file(other, folder / "out.jsonl")
            assert (first.turns_new, first.turns_known) == (count, 0)
            assert exported(other) == exported(one) == before
            assert state(other) == state(one)
            again = import_file(other, folder / "out.jsonl")
            assert (again.turns_new, again.turns_known) == (0, count)
            assert import_file(one, folder / "out.jsonl").turns_new == 0
            assert exported(other) == exported(one) == before
            for store in (one, other):  # what was put away together comes back together
                for thread in store.conversations(deleted=True):
                    store.restore_conversation(thread.id)
            assert exported(other) == exported(one)


def test_the_order_within_a_conversation_is_kept_and_not_that_of_dates(tmp_path: Path) -> None:
    with open_store(tmp_path / "a") as one, open_store(tmp_path / "b") as other:
        for days in (3, 1, 2):
            one.remember(f"day {days}", conversation="c", said_at=START + timedelta(days=days))
        export_file(one, tmp_path / "out.jsonl", forgotten=True)
        import_file(other, tmp_path / "out.jsonl")
        assert [turn.text for turn in other.history("c")] == ["day 3", "day 1", "day 2"]


def test_what_was_changed_since_is_left_as_it_is(tmp_path: Path) -> None:
    with open_store(tmp_path / "a") as store:
        kept = store.remember("I like tea", conversation="c")
        store.delete_conversation("c")
        export_file(store, tmp_path / "out.jsonl", forgotten=True)
        store.restore_conversation("c")
        store.rename_conversation("c", "Drinks")
        store.edit(kept.id, "I like coffee")
        now = exported(store)
        assert import_file(store, tmp_path / "out.jsonl").turns_known == 1
        assert exported(store) == now


def test_what_was_purged_comes_back(tmp_path: Path) -> None:
    with open_store(tmp_path / "a") as store:
        kept, gone = (store.remember(words, conversation="c") for words in ("I like tea", "I like coffee"))
        export_file(store, tmp_path / "out.jsonl", forgotten=True)
        store.purge([gone.id])
        assert import_file(store, tmp_path / "out.jsonl").turns_new == 1
        assert {turn.id for turn in store.history("c")} == {kept.id, gone.id}


def test_a_title_nobody_gave_is_not_written_down(tmp_path: Path) -> None:
    """Else a purge of the first words in the other store would leave them standing in the title."""
    with open_store(tmp_path / "a") as one, open_store(tmp_path / "b") as other:
        turn = one.remember("The code is 4711.", conversation="c")
        export_file(one, tmp_path / "out.jsonl", forgotten=True)
        import_file(other, tmp_path / "out.jsonl")
        assert other.conversation("c").title == "The code is 4711."
        assert other.purge([turn.id]).traces == ()
        assert "4711" not in exported(other)


def test_an_empty_store(tmp_path: Path) -> None:
    with open_store(tmp_path / "a") as one, open_store(tmp_path / "b") as other:
        assert export_file(one, tmp_path / "out.jsonl", forgotten=True) == 0
        assert import_file(other, tmp_path / "out.jsonl").turns_new == 0


def test_an_export_that_fails_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.jsonl"
    with open_store(tmp_path / "a") as store:
        store.remember("I like tea")
        export_file(store, target, forgotten=True)
        before = target.read_bytes()
        monkeypatch.setattr(os, "fsync", full_disk)
        with pytest.raises(StoreUnavailable, match="No space left"):
            export_file(store, target, forgotten=True)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out.jsonl"]
    assert target.stat().st_mode & 0o777 == 0o600


def full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
