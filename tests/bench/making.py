"""Tiny data sets, and an embedder that needs no model."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from memory_store.language.scripts import ALL
from memory_store.language.words import stem, terms

Write = Callable[..., Path]


class BagOfWords:
    """Texts that share stems have a cosine above 0: enough meaning for a test, the same on every machine."""

    name = "bag of words"
    fingerprint = "test-bag-64"
    dimensions = 64
    scripts = ALL
    baseline = 0.0

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        self.encoded += texts
        table = np.full((len(texts), self.dimensions), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for word in terms(text):
                table[row, zlib.crc32(stem(word).encode()) % self.dimensions] += 1
        return table / np.linalg.norm(table, axis=1, keepdims=True)


@contextmanager
def silently(what: str) -> Iterator[Callable[[int, int], None]]:
    assert what
    yield lambda done, total: None


def locomo_sample(name: str, first: str, second: str, said: Sequence[str], **more: Any) -> dict[str, Any]:
    """Two people who take turns in one session; the question's evidence is the second turn."""
    turns = [
        {"speaker": (first, second)[place % 2], "dia_id": f"D1:{place + 1}", "text": text}
        for place, text in enumerate(said)
    ]
    conversation = {
        "speaker_a": first,
        "speaker_b": second,
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": turns,
    }
    return {"sample_id": name, "conversation": conversation, "qa": [], **more}


HEADER = {"format": "mneme-memory", "version": 1}


def memory(name: str, text: str, **more: Any) -> dict[str, Any]:
    """A memory line of mneme's own format."""
    return {
        "type": "memory",
        "id": name,
        "conversation": "monday",
        "speaker": "user",
        "text": text,
        "said_at": "2026-10-20T18:00:00Z",
        **more,
    }


def question(text: str, *evidence: str, **more: Any) -> dict[str, Any]:
    return {"type": "question", "text": text, "evidence": list(evidence), **more}
