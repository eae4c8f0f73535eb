"""Commands with a folder of their own for everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Ran, Run, run_apart, run_here

__all__ = ["Ran", "Run"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def mneme(home: Path) -> Run:
    """The command, in this process."""
    return run_here(home)


@pytest.fixture
def mneme_apart(home: Path) -> Run:
    """The command in a process of its own, for what only that can show."""
    return run_apart(home)
