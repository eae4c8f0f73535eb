"""The embedder that comes with mneme: two engines, one answer, and it is the published model's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from memory_store.embedding import MiniLM, minilm
from memory_store.errors import EmbedderError

TEXTS = [
    "My cat is called Miso.",
    "ok",
    "We moved to Lisbon in the spring of 2019, because of the light and the trams.",
    "猫叫味噌",
    "a\0b \x1b[31m \u202e 👩‍👩‍👧 ﷽",
    "?!",
    "hundreds of words " * 200,
]


def rows(engine: str, texts: list[str]) -> np.ndarray:
    model = MiniLM()
    tokenizer, weights = model._read()
    states = model._states(engine, weights)
    vectors = np.empty((len(texts), 384), np.float32)
    for places, batch, mask in minilm._batches([one.ids for one in tokenizer.encode_batch(texts)], states):
        vectors[places] = minilm.pooled(batch, mask)
    return vectors


def test_both_engines_agree() -> None:
    by_numpy, by_torch = rows("numpy", TEXTS), rows("torch", TEXTS)
    assert np.abs(by_numpy - by_torch).max() < 1e-5
    assert np.allclose(np.linalg.norm(by_numpy, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_a_vector_does_not_depend_on_its_batch(engine: str) -> None:
    alone = np.concatenate([rows(engine, [text]) for text in TEXTS])
    together = rows(engine, TEXTS * 6)
    for place, row in enumerate(together):
        assert np.abs(row - alone[place % len(TEXTS)]).max() < 1e-5


def test_tokens_without_the_marks_at_both_ends() -> None:
    cat, nothing, long = MiniLM().tokens(["My cat is called Miso.", "", "hundreds of words " * 200])
    assert (cat.shape, nothing.shape, long.shape) == ((7, 384), (0, 384), (254, 384))  # my cat is called mis ##o .
    for tokens in (cat, long):
        assert np.allclose(np.linalg.norm(tokens, axis=1), 1, atol=1e-5)
    kitten = MiniLM().tokens(["the kitten ran"])[0][1]
    assert (cat @ kitten).argmax() == 1


def test_near_meanings_are_near() -> None:
    cat, moved, kitten = MiniLM().encode(["My cat is called Miso.", "We moved to Lisbon.", "The kitten's name is Miso"])
    assert cat @ kitten > 0.6 > 0.3 > cat @ moved


def test_nothing_in_nothing_out() -> None:
    assert MiniLM().encode([]).shape == (0, 384)


@pytest.mark.slow
def test_it_is_what_sentence_transformers_makes(tmp_path: Path) -> None:
    """In a process of its own: importing that library takes seconds and a gigabyte."""
    script = """
import sys
import numpy as np
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
model.max_seq_length = 256
np.save(sys.argv[2], model.encode(np.load(sys.argv[3]).tolist(), normalize_embeddings=True))
"""
    texts = [text for text in TEXTS if "\0" not in text]
    np.save(tmp_path / "texts.npy", np.array(texts))
    folder = minilm._folder()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, folder, tmp_path / "theirs.npy", tmp_path / "texts.npy"],
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
    )
    assert np.abs(np.load(tmp_path / "theirs.npy") - MiniLM().encode(texts)).max() < 1e-5


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model's folder, as a copy that may be harmed."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        shutil.copy(minilm._folder() / name, folder / name)
    monkeypatch.setattr(minilm, "_folder", lambda: folder)
    return folder


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_an_altered_file_is_refused(copied: Path, name: str) -> None:
    MiniLM().encode(["fine so far"])
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(EmbedderError, match=r"hash differs.*Reinstall"):
        MiniLM().encode(["no longer"])


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_one_line(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(EmbedderError, match="Reinstall mneme") as raised:
        MiniLM().encode(["nothing to read"])
    assert "\n" not in str(raised.value)


def test_numpy_multiplies_on_one_thread_from_the_first_text_on() -> None:
    """On several, OpenBLAS is not safe in every version."""
    from threadpoolctl import ThreadpoolController

    from memory_store.embedding.multiplying import on_one_thread

    on_one_thread.cache_clear()
    pools = ThreadpoolController().select(internal_api="openblas")
    pools.limit(limits=2)
    MiniLM().encode(["My cat is called Miso."])
    assert {pool["num_threads"] for pool in pools.info()} <= {1}  # another BLAS than OpenBLAS is left alone


def test_threads_that_embed_at_once_get_their_own_vectors() -> None:
    model = MiniLM()
    alone = np.concatenate([model.encode([text]) for text in TEXTS])
    with ThreadPoolExecutor(4) as threads:
        for place, row in enumerate(threads.map(lambda text: model.encode([text])[0], TEXTS * 20)):
            assert np.abs(row - alone[place % len(TEXTS)]).max() < 1e-5
