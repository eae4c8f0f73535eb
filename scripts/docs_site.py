"""Build the documentation's site in ``build/site``: strictly, a link that leads nowhere is an error.

    .venv/bin/python scripts/docs_site.py

The pages are gathered in ``build/pages`` first, so that the builder needs no plugin of ours: ``docs/`` as it is,
README, CHANGELOG and CONTRIBUTING beside it, the list of decisions, and the reference of commands, made of their help.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tui.manual.pages import title
from tui.manual.reference import reference

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "build" / "pages"
MOVED = {"README.md": "index.md", "CHANGELOG.md": "changes.md", "CONTRIBUTING.md": "contributing.md"}
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(#[^)\s]+)?\)")


def main() -> None:
    gather(PAGES)
    build = [sys.executable, "-m", "mkdocs", "build", "--strict"]  # --quiet would have it overlook warnings
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(build, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        sys.exit(built.stderr)
    print(f"docs: {ROOT / 'build' / 'site' / 'index.html'}")


def gather(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT / "docs", place, ignore=shutil.ignore_patterns("examples"))
    (place / "reference.md").write_text(reference(), "utf-8")
    (place / "adr" / "index.md").write_text("\n".join(decisions()), "utf-8")
    for name, page in MOVED.items():
        (place / page).write_text(from_root((ROOT / name).read_text("utf-8")), "utf-8")
    for page in place.rglob("*.md"):
        page.write_text(within(page.read_text("utf-8"), page), "utf-8")


def decisions() -> Iterator[str]:
    yield from ["# Decisions", "", "What was decided, and why.", ""]
    for page in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        yield f"- [{title(page)}]({page.name})"


def from_root(text: str) -> str:
    """A page of the checkout's root, as it reads from within ``docs/``."""
    return _LINK.sub(
        lambda link: f"[{link[1]}]({MOVED.get(link[2], link[2].removeprefix('docs/'))}{link[3] or ''})", text
    )


def within(text: str, page: Path) -> str:
    """``text`` with links to folders led to their first page, and those that leave the site reduced to their words."""

    def link(found: re.Match[str]) -> str:
        words, target = found[1], page.parent / found[2]
        if "://" in found[2] or target.is_file():
            return found[0]
        if (target / "index.md").is_file():
            return f"[{words}]({found[2].rstrip('/')}/index.md)"
        outside = ROOT / "docs" / target.relative_to(PAGES)
        return words if outside.exists() or (ROOT / found[2]).exists() else found[0]

    return _LINK.sub(link, text)


if __name__ == "__main__":
    main()
