"""What the tests of the store share: a clock that stands still, and stores that are closed again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and torch: tests run side by side, one core each

from memory_store import MemoryStore, VirtualClock
from tests.command import own_log
from tests.fakes import HashedWords

OpenStore = Callable[..., MemoryStore]


@pytest.fixture
def virtual_clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


@pytest.fixture
def open_store(tmp_path: Path, virtual_clock: VirtualClock) -> Iterator[OpenStore]:
    """``open_store(folder="store", **options)``: manual indexing, hashed words and the still clock unless told."""
    with ExitStack() as stack:

        def opened(folder: str | Path = "store", **options: Any) -> MemoryStore:
            given = {"clock": virtual_clock, "embedder": HashedWords(), "indexing": "manual"} | options
            return stack.enter_context(MemoryStore.open(tmp_path / folder, **given))

        yield opened


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """What a test does to the logger of the process is undone after it."""
    with own_log():
        yield
