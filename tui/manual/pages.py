"""The pages that ``mneme help`` shows: those of ``docs/``, which a wheel carries beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_CARRIED = Path(__file__).with_name("pages")
_ROOT = Path(__file__).parents[2]


def topics() -> Mapping[str, Path]:
    """Topic -> its page, in Markdown, in the order of their names, what changed last."""
    return found(_ROOT) if not _CARRIED.is_dir() else _sorted({page.stem: page for page in _CARRIED.glob("*.md")})


def found(root: Path) -> Mapping[str, Path]:
    """The topics of the checkout at ``root``: what a wheel is made with."""
    pages = {page.stem: page for page in (root / "docs").glob("*.md")}
    return _sorted(pages | {"changes": root / "CHANGELOG.md"})


def title(page: Path) -> str:
    """What a page says it is about: its first heading."""
    with page.open(encoding="utf-8") as text:
        return text.readline().removeprefix("#").strip()


def released(changes: Path) -> str:
    """The date of the newest version in the changelog: 2026-11-25."""
    dates = re.findall(r"^## \[[\d.]+\] - (\S+)$", changes.read_text("utf-8"), re.MULTILINE)
    return dates[0] if dates else ""


def _sorted(pages: Mapping[str, Path]) -> Mapping[str, Path]:
    return {name: pages[name] for name in sorted(pages, key=lambda name: (name == "changes", name))}
