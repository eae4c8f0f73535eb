"""The folder from which each example of the documentation gets a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documented.world import make_files, make_memory


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``place``, what the examples read, and ``home``, what is remembered."""
    made = tmp_path_factory.mktemp("documented")
    make_files(made / "place")
    make_memory(made / "home", made / "place")
    return made
