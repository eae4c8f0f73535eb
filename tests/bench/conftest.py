"""What every test of the benchmark needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.bench.embedding import CachingEmbedder
from tests.bench.making import BagOfWords, Write


@pytest.fixture
def words() -> BagOfWords:
    return BagOfWords()


@pytest.fixture
def embedder(words: BagOfWords) -> CachingEmbedder:
    return CachingEmbedder(words)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write JSON (or lines of it) to a file below the test's folder."""

    def save(name: str, value: Any, *, lines: bool = False) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(one) + "\n" for one in value) if lines else json.dumps(value)
        file.write_text(text, "utf-8")
        return file

    return save
