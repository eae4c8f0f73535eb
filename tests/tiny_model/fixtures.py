"""The tiny model for other tests: in a conftest, ``from tests.tiny_model.fixtures import tiny_model_path``."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKPOINT = Path(__file__).parent / "checkpoint"


@pytest.fixture(scope="session")
def tiny_model_path() -> Path:
    """The folder of a real, trained language model, for ``--model`` or ``settings.model.name``. Read only."""
    return CHECKPOINT
