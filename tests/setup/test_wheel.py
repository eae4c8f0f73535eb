"""A wheel made from the source archive holds everything, and works from an empty home; so does the manual page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.mark.slow
def test_a_wheel_works_where_nothing_else_of_mneme_is(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    made = subprocess.run(build, capture_output=True, text=True, check=False, timeout=250)
    assert made.returncode == 0, made.stdout + made.stderr
    [wheel], [archive] = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        inside = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "Makefile", "constraints.txt", "scripts/setup.py", "tests/command.py"} <= inside
    trial = [sys.executable, str(ROOT / "scripts" / "try_wheel.py"), str(wheel)]
    tried = subprocess.run(trial, capture_output=True, text=True, check=False, timeout=250)
    assert tried.returncode == 0, tried.stdout + tried.stderr


def test_the_changelog_has_this_version_on_top() -> None:
    headings = re.findall(r"^## \[(.+?)\](?: - (.+))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    version, date = headings[1]
    assert version == PROJECT["version"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date)


@pytest.mark.skipif(not shutil.which("groff"), reason="groff reads manual pages")
def test_the_manual_page_is_read_without_a_warning() -> None:
    from tui.manual.pages import topics
    from tui.manual.roff import manual_page

    page = manual_page("1.2.3", topics()).encode()
    groff = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page, capture_output=True, check=True)
    assert groff.stderr == b""
