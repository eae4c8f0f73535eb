"""What the tests of second looks share: one trained cross-encoder, and copies of it that may be harmed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.reranking.making import trained


@pytest.fixture(scope="session")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("reranker"))


@pytest.fixture
def copied(reranker: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(reranker, tmp_path / "copy"))
