"""Heads on the disk: written whole, read with care, refused with a reason."""

from __future__ import annotations

import stat
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore, NewTurn
from memory_store.errors import HeadRefused
from memory_store.learning.files import FOLDER, KEPT, Heads, load, save
from memory_store.learning.head import Head
from tests.conftest import OpenStore
from tests.fakes import HashedWords
from tests.learning.making import BEGAN
from tests.learning.test_head import drawn_head
from tests.learning.test_learning import provenance, told


def a_head(seed: int = 0) -> Head:
    return drawn_head(np.random.default_rng(seed), strength=0.3)


def test_what_is_saved_is_loaded_and_is_its_owners_alone(tmp_path: Path) -> None:
    file, head = tmp_path / "learned" / "head-0001.safetensors", a_head()
    save(file, head, provenance())
    again, known = load(file)
    assert known == provenance()
    assert all((getattr(again, one.name) == getattr(head, one.name)).all() for one in fields(Head))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_refused_or_still_a_whole_head(tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "head-0001.safetensors"
    save(file, a_head(), provenance())
    whole = bytearray(file.read_bytes())
    cut = data.draw(st.integers(0, len(whole)))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, min(6000, len(whole) - 1)))] = data.draw(st.integers(0, 255))
    file.write_bytes(bytes(whole[:cut]))
    try:
        head, _ = load(file)
    except HeadRefused:
        return
    assert all(np.isfinite(getattr(head, one.name)).all() for one in fields(Head))


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    store = open_store()
    store.remember_many([NewTurn(f"We went sailing on {day} May.", "user", "talk", BEGAN) for day in range(3, 9)])
    store.embed_now()
    return store


@pytest.mark.parametrize("harm", ["cut", "other embedder", "not a number"])
def test_recall_goes_on_with_the_formula_and_says_why(store: MemoryStore, harm: str) -> None:
    fixed = told(store.recall("When did we sail?"))
    head = a_head()
    if harm == "not a number":
        head.outward[0, 0] = np.nan
    store.adopt_head(head, provenance("another" if harm == "other embedder" else "hashed-32"))
    if harm == "cut":
        [file] = (store.path / FOLDER).iterdir()
        file.write_bytes(file.read_bytes()[:100])
    found = store.recall("When did we sail?")
    assert told(found) == fixed
    assert any("What was learned is not used" in remark for remark in found.remarks)
    [(_, reason)] = store.learned()
    assert reason
    assert store.undo_head()
    assert not store.recall("When did we sail?").remarks


def test_undo_goes_back_one_by_one_and_few_are_kept(tmp_path: Path) -> None:
    heads = Heads(tmp_path, HashedWords())
    for seed in range(KEPT + 2):
        heads.adopt(a_head(seed), provenance())
    assert len(heads.files()) == KEPT
    for seed in reversed(range(2, KEPT + 2)):
        head, refusal = heads.in_force()
        assert not refusal
        assert head is not None
        assert (head.bias == a_head(seed).bias).all()
        assert heads.undo()
    assert heads.in_force() == (None, "")


def test_recall_with_a_head_imports_no_torch(store: MemoryStore) -> None:
    store.adopt_head(a_head(), provenance())
    fixed = (
        "import sys; from memory_store import MemoryStore; from tests.fakes import HashedWords;"
        f" store = MemoryStore.open({str(store.path)!r}, embedder=HashedWords(), indexing='off');"
        " found = store.recall('When did we sail?');"
        " assert any('learned' in item.reasons for item in found), found;"
        " assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", fixed], check=True, cwd=Path(__file__).parents[2])
