"""What the README shows exists and does what it says. Its commands: tests/documented."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAPERS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
MNEME = Path(sys.executable).with_name("mneme")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def shell_lines() -> list[str]:
    return [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]


def environment(home: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MNEME_", "XDG_"))}
    return plain | {"HOME": str(home), "PATH": f"{MNEME.parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize("line", [line for line in shell_lines() if line.startswith("make ")])
def test_every_target_in_the_readme_exists(line: str) -> None:
    target = line.split()[1]
    assert subprocess.run(["make", "-n", "-C", str(ROOT), target], capture_output=True, check=False).returncode == 0


def test_the_python_example_prints_what_it_says(tmp_path: Path) -> None:
    [program] = blocks("python")
    command = [sys.executable, "-c", program]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    [promised] = re.findall(r"# (Ana said: .*)", program)
    assert ran.stdout.splitlines()[0] == promised
    assert (tmp_path / "memories").stat().st_mode & 0o777 == 0o700


def test_the_settings_example_is_valid_and_complete_in_its_sections(tmp_path: Path) -> None:
    from agent.settings import load_settings

    [text] = blocks("toml")
    (tmp_path / "config.toml").write_text(text, "utf-8")
    settings = load_settings(tmp_path)
    assert settings.model.name.endswith("small-chat")
    assert settings.origin("recall.limit") == "file"


def test_the_first_example_is_what_happens(tmp_path: Path) -> None:
    shown, *_ = blocks("", README)
    asked = re.findall(r'\$ mneme ask "(.*?)"', shown)
    printed = ""
    for words in asked:
        ran = subprocess.run(
            [MNEME, "ask", words], env=environment(tmp_path), capture_output=True, text=True, check=True, timeout=120
        )
        printed += ran.stdout
    promised = "".join(line + "\n" for line in shown.splitlines() if not line.startswith("$"))
    assert without_dates(printed) == without_dates(promised)


def without_dates(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", text)


@pytest.mark.skipif(sys.platform != "linux", reason="the table says: on Linux")
def test_the_places_are_where_the_readme_says(tmp_path: Path) -> None:
    said = subprocess.run(
        [MNEME, "config", "path", "--all"], env=environment(tmp_path), capture_output=True, text=True, check=True
    ).stdout
    for place in re.findall(r"\| `~/(.*?)/?` \|", README):
        assert f"{tmp_path}/{place}" in said, place


def test_the_tables_of_commands_and_keys_are_those_of_the_program() -> None:
    from scripts.readme_tables import rewritten

    assert rewritten(README) == README, "run scripts/readme_tables.py"


@pytest.mark.slow
def test_every_picture_of_the_readme_can_be_drawn_anew(tmp_path: Path) -> None:
    script = [sys.executable, ROOT / "scripts" / "screenshots.py", tmp_path / "pictures"]
    subprocess.run(script, check=True, capture_output=True, timeout=280)
    wanted = set(re.findall(r"docs/pictures/(\w+\.svg)", README))
    assert wanted
    assert {picture.name for picture in (tmp_path / "pictures").iterdir()} == wanted
    assert {picture.name for picture in (ROOT / "docs" / "pictures").iterdir()} == wanted


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_links_lead_somewhere(paper: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", paper.read_text("utf-8")):
        if "://" not in target:
            assert (paper.parent / target).exists(), f"{paper.name}: {target}"


def test_no_paper_names_a_folder_of_somebodys_machine() -> None:
    for paper in PAPERS:
        assert not re.search(r"(?<![\w.])/(work|root|home|tmp)/", paper.read_text("utf-8")), paper
