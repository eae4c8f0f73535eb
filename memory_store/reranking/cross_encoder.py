"""A cross-encoder of the user's own: reads query and memory together, and says how well one answers the other.

Slower than anything else in recall by far, and where one is at hand, sharper (Nogueira and Cho 2019). None comes with
mneme. It is run by transformers, from a folder, and never fetched.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from memory_store.addressing import Floats
from memory_store.embedding.library import quicker, scripts_of, silence
from memory_store.errors import RerankerError

REASON = "reranker"
MAX_TOKENS = 256
"""Of query and memory together."""
BATCH = 16
SUFFIX = "ForSequenceClassification"
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
TOKENIZERS = ("tokenizer.json", "vocab.*", "*.model")


class CrossEncoder:
    """A :class:`~memory_store.reranking.base.Reranker` made from a folder. Thread-safe."""

    reason = REASON
    sees_speakers = True

    def __init__(self, folder: Path) -> None:
        """Look at the folder; loading waits for the first use. Raises RerankerError for what cannot be a reranker."""
        check(folder)
        self._folder = folder
        self._lock = threading.Lock()

    @cached_property
    def scripts(self) -> frozenset[str]:
        """Told by its tokenizer. Raises RerankerError."""
        return scripts_of(self._loaded[0])

    def scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Shape (len(texts),): the model's one logit for each pair. Raises RerankerError."""
        import torch

        tokenizer, model = self._loaded
        found = np.empty(len(texts))
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        longest = min(MAX_TOKENS, tokenizer.model_max_length)
        try:
            for start in range(0, len(order), BATCH):
                places = order[start : start + BATCH]
                pairs = [query] * len(places), [texts[place] for place in places]
                inputs = tokenizer(*pairs, padding=True, truncation=True, max_length=longest, return_tensors="pt")
                with torch.inference_mode(), quicker():
                    found[places] = model(**inputs).logits[:, 0].float().numpy()
        except (RuntimeError, ValueError, IndexError) as error:
            raise RerankerError(f"{self._folder} cannot rerank: {_first_line(error)}.") from error
        return found

    def let_go(self) -> None:
        """It keeps nothing."""

    @property
    def _loaded(self) -> tuple[Any, Any]:
        with self._lock:
            return self._parts

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        from safetensors import SafetensorError

        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer

            silence()
            tokenizer = AutoTokenizer.from_pretrained(str(self._folder), local_files_only=True)
            model, told = AutoModelForSequenceClassification.from_pretrained(
                str(self._folder), local_files_only=True, output_loading_info=True
            )
        except (RuntimeError, ValueError, OSError, ImportError, KeyError, SafetensorError) as error:
            raise RerankerError(f"{self._folder} cannot be loaded as a reranker: {_first_line(error)}.") from error
        if missing := sorted(told["missing_keys"]):
            raise RerankerError(f"{self._folder} is not a whole reranker: its weights lack {missing[0]}.")
        return tokenizer, model.eval()


def check(folder: Path) -> None:
    """What can be seen of a reranker without loading it. Raises RerankerError."""
    config = folder / "config.json"
    try:
        told = json.loads(config.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RerankerError(
            f"{folder} is not a reranker: config.json cannot be read ({_first_line(error)})."
        ) from error
    architectures = told.get("architectures") or [] if isinstance(told, dict) else []
    if not any(str(name).endswith(SUFFIX) for name in architectures):
        raise RerankerError(
            f"{folder} is not a reranker (its architecture is {', '.join(map(str, architectures)) or 'not said'}, not"
            f" …{SUFFIX}). Set recall.reranker to the folder of a cross-encoder, or leave it out."
        )
    labels = len(told.get("id2label") or ("", ""))  # two are not written down
    if labels != 1:
        raise RerankerError(
            f"{folder} has {labels} labels, so it sorts texts into classes; a reranker has one: how well they answer."
        )
    if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
        raise RerankerError(f"{folder} holds no weights (model.safetensors).")
    if not any(next(folder.glob(pattern), None) for pattern in TOKENIZERS):
        # transformers would make one that knows no word
        raise RerankerError(f"{folder} holds no tokenizer (tokenizer.json).")


def _first_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
