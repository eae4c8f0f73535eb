"""What docs/python.md lists is what the packages offer. Its examples: tests/documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import agent
import memory_store

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text("utf-8")


@pytest.mark.parametrize(("package", "heading"), [(memory_store, "## The memory"), (agent, "## The dialogue")])
def test_the_surface_is_exactly_what_is_listed(package, heading: str) -> None:
    section = PAGE.partition(heading)[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError):
        package.nothing_like_this  # noqa: B018
