"""Any sentence-embedding model in a folder: another language, another size. Run by sentence-transformers.

Loading that library takes seconds, which is why the default embedder does without it; whoever chooses a model of their
own has chosen to wait for it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from memory_store.embedding.base import Vectors
from memory_store.embedding.library import scripts_of, silence
from memory_store.errors import EmbedderError

_EDGE = 1 << 20
_UNRELATED = (
    "The ferry leaves at half past nine.",
    "She repaired the violin with glue and patience.",
    "Quarterly revenue fell by two percent.",
    "Our neighbour's dog is afraid of thunder.",
    "Boil the lentils until they are soft.",
    "The committee will meet again in October.",
    "He lost the key to the garden shed.",
    "Photosynthesis needs light, water and carbon dioxide.",
)


class SentenceEmbedder:
    """An :class:`~memory_store.embedding.base.Embedder` made from a folder that sentence-transformers can read."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file():
            raise EmbedderError(
                f"{folder} is not an embedding model (it has no config.json). Set recall.embedder to a folder that"
                " sentence-transformers can read, or leave it out."
            )
        self.folder = folder
        self._lock = threading.Lock()
        self.name = folder.name

    @cached_property
    def fingerprint(self) -> str:
        """Of the configuration and of both ends of every weights file: quick, and different for any other training."""
        digest = hashlib.sha256()
        for file in sorted(self.folder.rglob("*")):
            if file.suffix in {".json", ".txt", ".safetensors", ".bin", ".model"} and file.is_file():
                digest.update(f"{file.relative_to(self.folder)}:{file.stat().st_size}\n".encode())
                with file.open("rb") as stream:
                    digest.update(stream.read(_EDGE))
                    stream.seek(max(0, file.stat().st_size - _EDGE))
                    digest.update(stream.read(_EDGE))
        return f"{self.name}@{digest.hexdigest()[:16]}"

    @cached_property
    def dimensions(self) -> int:
        return int(self.encode(["dimensions"]).shape[1])

    @cached_property
    def scripts(self) -> frozenset[str]:
        """Told by its tokenizer. Raises EmbedderError."""
        return scripts_of(self._model.tokenizer)

    @cached_property
    def baseline(self) -> float:
        """The mean cosine of eight sentences that have nothing to do with each other."""
        rows = self.encode(_UNRELATED)
        pairs = (rows @ rows.T)[np.triu_indices(len(rows), k=1)]
        return float(pairs.mean())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n, dimensions). Raises EmbedderError."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        try:
            rows = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        except (RuntimeError, ValueError, OSError) as error:
            raise EmbedderError(f"{self.folder} cannot embed: {error}.") from error
        return np.asarray(rows, np.float32)

    def tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """For each text, its tokens as the model's last layer has them; see TokenEmbedder. Raises EmbedderError."""
        if not texts:
            return []
        try:
            states = self._model.encode(list(texts), output_value="token_embeddings", show_progress_bar=False)
            rows = [np.asarray(one.cpu().numpy(), np.float32) for one in states]
        except (RuntimeError, ValueError, OSError, KeyError, AttributeError) as error:
            raise EmbedderError(f"{self.folder} cannot tell its tokens apart: {error}.") from error
        return [one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-12) for one in rows]

    @cached_property
    def _model(self) -> Any:
        with self._lock:
            try:
                from sentence_transformers import SentenceTransformer

                silence()
                return SentenceTransformer(str(self.folder), local_files_only=True)
            except (RuntimeError, ValueError, OSError, ImportError, KeyError) as error:
                problem = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise EmbedderError(f"{self.folder} cannot be loaded as an embedding model: {problem}") from error
