"""The documentation's site: every page is in it, and no link leads nowhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts import docs_site
from tests.documented.examples import ROOT
from tui.manual.tree import commands


def test_every_page_is_in_the_navigation() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    listed = {page for group in nav for pages in group.values() for page in flat(pages)}
    made = {*docs_site.MOVED.values(), "reference.md", "adr/index.md"}
    assert listed == made | {page.name for page in (ROOT / "docs").glob("*.md")}


def flat(pages: str | list[dict[str, str]]) -> list[str]:
    return [pages] if isinstance(pages, str) else [page for row in pages for page in row.values()]


def test_the_reference_has_every_command(tmp_path: Path) -> None:
    headings = [line.lstrip("# ") for line in docs_site.reference().splitlines() if line.startswith("##")]
    assert headings == [command.path for command in commands()]


def test_decisions_are_numbered_once() -> None:
    numbers = [page.name[:4] for page in (ROOT / "docs" / "adr").glob("*.md")]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("broken", ["", "\n[gone](nowhere.md)\n", "\n[gone](recall.md#no-such-heading)\n"])
def test_it_is_built_strictly(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tmp_path / "pages"
    monkeypatch.setattr(docs_site, "PAGES", pages)
    docs_site.gather(pages)
    with (pages / "design.md").open("a", encoding="utf-8") as page:
        page.write(broken)
    settings = (ROOT / "mkdocs.yml").read_text("utf-8").replace("build/pages", str(pages))
    (tmp_path / "mkdocs.yml").write_text(settings, "utf-8")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (built.returncode == 0) == (not broken), built.stderr
