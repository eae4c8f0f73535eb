"""A purge follows the words wherever they went: titles, names, backups, logs; random ones among others like them."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, NewTurn
from memory_store.backups import making, shelf
from memory_store.backups.archive import unpack
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import HashedWords
from tests.store.test_purge import everything

MARK = "zyxmark"
SHARED = ["cat", "porch", "Lisbon", "ferry", "味噌", "key"]


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_turns_among_others_that_share_their_words(data: st.DataObject) -> None:
    """Each turn has a word of its own among words that all have. What goes leaves no byte; what stays is whole."""
    words = st.lists(st.sampled_from(SHARED), min_size=1, max_size=5).map(" ".join)
    said = data.draw(st.lists(words, min_size=4, max_size=24), label="said")
    gone = data.draw(st.sets(st.integers(0, len(said) - 1), min_size=1), label="gone")
    edited = data.draw(st.sets(st.integers(0, len(said) - 1), max_size=4), label="edited")
    embedder = HashedWords()
    texts = [f"{text} own{number:03}word {text}" for number, text in enumerate(said)]
    later = {number: f"{texts[number]} later{number:03}word" for number in edited}
    with tempfile.TemporaryDirectory(prefix="purge-") as place:
        folder = Path(place) / "s"
        with MemoryStore.open(folder, embedder=embedder, indexing="manual") as store:
            turns = store.remember_many([NewTurn(text, conversation=f"c{n % 2}") for n, text in enumerate(texts)])
            store.index_now()
            for number, text in later.items():
                store.edit(turns[number].id, text)
            store.index_now()
            receipt = store.purge([turns[number].id for number in gone])
            assert (receipt.traces, receipt.pending) == ((), ())
            kept = {turn.id: turn.text for turn in store.memories()}
            assert kept == {turns[n].id: later.get(n, texts[n]) for n in range(len(texts)) if n not in gone}
            assert store.check().ok
            for number, text in itertools.product(set(range(len(texts))) - gone, [""]):
                hits = store.recall(f"own{number:03}word{text}", limit=50)
                assert turns[number].id in {hit.memory.id for hit in hits}
        left = everything(folder)
        for number in gone:
            assert f"own{number:03}word".encode() not in left
            assert f"later{number:03}word".encode() not in left
            for text in (texts[number], later.get(number, texts[number])):
                half = embedder.encode([text])[0].astype(np.float16)
                assert half.tobytes() not in left
                assert half.astype(np.float32).tobytes() not in left


@ON_BOTH
def test_a_title_drawn_from_the_words_goes_with_them(open_store: OpenStore, left_behind: Callable[[], bytes]) -> None:
    with open_store() as store:
        first = store.remember(f"Where {MARK} sleeps", conversation="c")
        store.remember("Under the porch.", speaker="assistant", conversation="c")
        store.rename_conversation("c", f"Where {MARK} sleeps (2)")
        store.rename_conversation("c", "Something else")
        receipt = store.purge([first.id])
        assert receipt.traces == ()
        assert store.conversation("c").title == "Something else"
    assert MARK.encode() not in left_behind()


@ON_BOTH
def test_a_whole_conversation_goes_with_its_titles(open_store: OpenStore, left_behind: Callable[[], bytes]) -> None:
    with open_store() as store:
        kept = store.remember("This stays", conversation="other")
        gone = [store.remember(f"turn {number} of {MARK}", conversation="c") for number in range(3)]
        store.forget(gone[1].id)
        store.rename_conversation("c", f"All about {MARK}")
        store.rename_conversation("c", f"More about {MARK}")
        receipt = store.purge(conversations=["c"])
        assert (set(receipt.purged), receipt.traces) == ({turn.id for turn in gone}, ())
        assert [thread.id for thread in store.conversations(archived=None, deleted=None)] == ["other"]
        assert store.memories(forgotten=None) == [kept]
        assert store.check().ok
    assert MARK.encode() not in left_behind()


@ON_BOTH
def test_a_conversation_that_branches_begin_in_stays_as_an_empty_one(
    open_store: OpenStore, left_behind: Callable[[], bytes]
) -> None:
    with open_store() as store:
        turn = store.remember(f"Once upon a {MARK}", conversation="c")
        branch = store.branch(turn.id)
        own = store.remember("and then", conversation=branch.id)
        assert store.purge(conversations=["c"]).traces == ()
        assert [one.id for one in store.history(branch.id)] == [own.id]
        assert store.conversation("c").turns == 0
        assert store.check().ok
    assert MARK.encode() not in left_behind()


@ON_BOTH
def test_a_speaker_who_said_nothing_else_is_not_named_any_more(
    open_store: OpenStore, left_behind: Callable[[], bytes]
) -> None:
    with open_store() as store:
        store.remember("mine", conversation="c")
        turn = store.remember("hers", speaker=f"Ana {MARK}", conversation="c")
        store.purge([turn.id])
        assert store.stats().speakers == {"user": 1}
    assert MARK.encode() not in left_behind()


def test_what_lies_elsewhere_is_searched_too(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store() as store:
        gone = store.remember(f"the word is {MARK}")
        (tmp_path / "state").mkdir()
        log = tmp_path / "mneme.log"
        log.write_text(f"oops: the word is {MARK}")
        receipt = store.purge([gone.id], elsewhere=[tmp_path / "state", log, tmp_path / "nowhere"])
        assert receipt.traces == (str(log),)


def unpacked(folder: Path, file: Path, to: Path) -> bytes:
    backup = next(one for one in shelf.listed(folder)[0] if one.file == file)
    unpack(backup, to)
    return to.read_bytes()


def test_backups_that_hold_it_are_named_and_rewritten_when_told(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store() as store:
        kept = store.remember("This stays.")
        before = store.backup().backup.file
        gone = [store.remember(f"{MARK} {number}", conversation="c") for number in range(2)]
        store.edit(gone[0].id, f"{MARK} 0, edited")
        store.index_now()
        with_both = store.backup().backup.file
        assert MARK.encode() in unpacked(store.path, with_both, tmp_path / "1.db")
        old = with_both.read_bytes()

        receipt = store.purge([gone[0].id])
        assert (receipt.backups, receipt.rewritten, receipt.traces) == ((with_both.name,), (), ())
        assert with_both.read_bytes() == old
        assert store.backups_holding_purged() == [with_both]
        receipt = store.purge([gone[1].id], rewrite_backups=True)
        assert (receipt.backups, receipt.rewritten) == ((), (with_both.name,))
        assert b"edited" in unpacked(store.path, with_both, tmp_path / "2.db")
        assert store.purge_backups() == ([with_both.name], [])
        assert store.backups_holding_purged() == []

        data = unpacked(store.path, with_both, tmp_path / "3.db")
        assert MARK.encode() not in data
        assert b"This stays." in data
        assert {file.name for file in shelf.shelf_of(store.path).iterdir()} == {before.name, with_both.name, ".lock"}
        for backup in shelf.listed(store.path)[0]:
            making.verify(store.path, backup)
        assert store.memories() == [kept]


def test_a_damaged_backup_is_named_for_nobody_can_tell(open_store: OpenStore) -> None:
    with open_store() as store:
        gone = store.remember("a secret that was backed up")
        file = store.backup().backup.file
        file.write_bytes(file.read_bytes()[:-200])
        receipt = store.purge([gone.id], rewrite_backups=True)
        assert (receipt.backups, receipt.rewritten) == ((file.name,), ())
