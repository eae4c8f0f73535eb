"""A purge leaves no byte behind, whatever the words were, and is not fooled by bytes that have another reason."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, NewTurn
from memory_store.errors import UnknownId
from memory_store.semantic.unused_memory import overwritten
from tests.conftest import ON_BOTH, OpenStore
from tests.fakes import HashedWords

VALID = st.characters(exclude_categories=["Cs"])
MARK = "zyxmark"


def everything(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.text(VALID, max_size=60), st.text(VALID, max_size=60))
@example("a\0b\x1b[31m\r\n", "\u202e'\";--")
@example("x" * 100, "long words " * 2_000)
@example("\0" * 50, "猫叫味噌" * 700)
def test_any_words(before: str, after: str) -> None:
    words = f"{before} {MARK} {after}"
    with tempfile.TemporaryDirectory(prefix="purge-") as place:
        folder = Path(place) / "s"
        with MemoryStore.open(folder, embedder=HashedWords(), indexing="manual") as store:
            kept = store.remember("this one stays")
            gone = store.remember(words, conversation="c")
            assert store.get(gone.id).text == words
            store.index_now()
            assert MARK.encode() in everything(folder)
            store.edit(gone.id, f"{after} {MARK} {before}")
            store.index_now()
            receipt = store.purge([gone.id])
            assert (receipt.traces, receipt.pending) == ((), ())
            assert MARK.encode() not in everything(folder)
            assert store.memories(forgotten=None) == [kept]
            assert store.check().ok
        left = everything(folder)
        assert MARK.encode() not in left
        for text in (words, f"{after} {MARK} {before}"):
            half = HashedWords().encode([text])[0].astype(np.float16)
            assert half.tobytes() not in left
            assert half.astype(np.float32).tobytes() not in left


@pytest.mark.parametrize(
    "words", ["question", "metadata", "collection", "hashed-32", "user: Ana", "\0" * 20, "yes", "MISO MISO"]
)
def test_bytes_with_another_reason_are_no_trace(open_store: OpenStore, words: str) -> None:
    """Words of the file formats, of settings, of reasons, and of what stays."""
    with open_store() as store:
        store.remember("my cat is called miso miso", speaker="user: Ana", conversation="c")
        found = store.recall("is my cat called miso?")
        store.remember("Miso.", speaker="assistant", conversation="c", recalled=found, in_prompt=[found[0].memory.id])
        gone = store.remember(words)
        store.index_now()
        receipt = store.purge([gone.id])
        assert (receipt.purged, receipt.traces) == ((gone.id,), ())
        assert receipt.files_searched >= 2
        assert receipt.bytes_searched > 10_000


def test_a_trace_is_reported(open_store: OpenStore, tmp_path: Path) -> None:
    with open_store() as store:
        gone = store.remember("the combination is 7319 left, 2284 right")
        store.index_now()
        (tmp_path / "store" / "notes.txt").write_bytes(b"... the combination is 7319 left, 2284 right ...")
        assert store.purge([gone.id]).traces == ("notes.txt",)


def test_long_words_are_looked_for_in_pieces(open_store: OpenStore, tmp_path: Path) -> None:
    """SQLite breaks them up: as a whole they stand in no file even while they are there."""
    with open_store() as store:
        gone = store.remember(" ".join(f"part{number} of a long letter" for number in range(800)))
        (tmp_path / "store" / "copy.db").write_bytes((tmp_path / "store" / "memory.db-wal").read_bytes())
        assert gone.text.encode() not in everything(tmp_path / "store")
        assert store.purge([gone.id]).traces == ("copy.db",)


@ON_BOTH
def test_the_reply_keeps_the_id_of_what_was_purged(open_store: OpenStore) -> None:
    with open_store() as store:
        cat = store.remember("my cat is called Miso")
        found = store.recall("cat called")
        reply = store.remember("Miso!", speaker="assistant", recalled=found, in_prompt=[cat.id])
        assert [turn.id for turn in store.used_in(cat.id)] == [reply.id]
        store.purge([cat.id])
        (entry,) = store.recalled_for(reply.id)
        assert (entry.memory_id, entry.memory, entry.in_prompt) == (cat.id, None, True)
        with pytest.raises(UnknownId):
            store.get(cat.id)
        store.purge([reply.id])
        assert store.check().ok


@ON_BOTH
def test_an_unknown_id_erases_nothing(open_store: OpenStore) -> None:
    with open_store() as store:
        kept = store.remember("still here")
        with pytest.raises(UnknownId):
            store.purge([kept.id, "zzzzzzzz"])
        assert store.memories() == [kept]


@ON_BOTH
def test_numbers_are_not_given_again(open_store: OpenStore, past_the_store: Callable[..., Any]) -> None:
    with open_store() as store:
        store.purge([store.remember("first").id])
        store.remember("second")
    assert past_the_store("SELECT seq FROM turns") == [(2,)]


@ON_BOTH
@pytest.mark.parametrize("words", ["a\0b\x1b[31m\r\n", "x" * 100, "long words " * 2_000, "猫叫味噌" * 700])
def test_nothing_of_it_is_left_where_the_words_are(
    open_store: OpenStore, past_the_store: Callable[..., Any], left_behind: Callable[[], bytes], words: str
) -> None:
    """Neither in a table nor in its file, nor in what a server notes of columns to plan by."""
    mark = MARK if words.isascii() else f"{MARK}茶"
    with open_store() as store:
        for number in range(3):
            store.remember(f"this one stays {number}")
        gone = store.remember(f"{mark} {words}", conversation="c", speaker=mark)
        store.rename_conversation("c", f"about {mark}")
        store.index_now()
    past_the_store("ANALYZE")
    with open_store() as store:
        assert mark.encode() in left_behind()
        store.edit(gone.id, f"{words} {mark}")
        store.index_now()
        assert mark.encode() in left_behind()
        receipt = store.purge(conversations=["c"])
        assert (receipt.traces, receipt.pending) == ((), ())
        assert mark.encode() not in left_behind()
        assert store.check().ok
    past_the_store("ANALYZE")
    assert mark.encode() not in left_behind()


def test_thousands_at_once(open_store: OpenStore, tmp_path: Path) -> None:
    """More than SQLite takes as parameters of one statement, and more than are looked for one by one."""
    with open_store() as store:
        kept = store.remember("number 7 of many, which stays")
        gone = store.remember_many(
            [NewTurn(f"number {number} of many {MARK}") for number in range(33_000)], batch=11_000
        )
        receipt = store.purge([turn.id for turn in gone])
        assert (len(receipt.purged), receipt.traces) == (33_000, ())
        assert store.memories() == [kept]
    assert MARK.encode() not in everything(tmp_path / "store")


def test_memory_that_is_asked_for_holds_no_words() -> None:
    """Chroma writes what it has not used of it to its files."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):
        pytest.skip("only glibc can fill memory")
    libc.malloc.restype = ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    words, size = b"what was said ", 60_000  # less than what is taken from the system and given back at once

    def asked() -> tuple[int, bytes]:
        place = libc.malloc(size)
        return place, ctypes.string_at(place, size)

    place, _ = asked()
    ctypes.memmove(place, words * (size // len(words)), size // len(words) * len(words))
    libc.free(place)
    with overwritten(), overwritten():
        place, content = asked()
    assert words not in content
    libc.free(place)
