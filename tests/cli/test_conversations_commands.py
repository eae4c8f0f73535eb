"""``mneme conversations``: read, written to a file, branched off, archived and brought back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from agent.settings import load_settings
from memory_store import MemoryStore
from memory_store.errors import MnemeError
from tui.cli import app

Mneme = Callable[..., Result]


@pytest.fixture
def turns(tmp_path: Path) -> list[str]:
    """Ids of three turns of a conversation called ``talk``."""
    with MemoryStore.open(load_settings(tmp_path, None).paths.profile_dir, indexing="off") as store:
        said = [("user", "We go to *Lisbon*.\x1b[31m"), ("assistant", "When?"), ("Ana", "五月。")]
        return [store.remember(words, speaker=who, conversation="talk").id for who, words in said]


@pytest.fixture
def mneme(tmp_path: Path) -> Mneme:
    def run(*words: str) -> Result:
        arguments = ["--home", str(tmp_path), "conversations", *words]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return run


def test_a_conversation_as_markdown(turns: list[str], mneme: Mneme) -> None:
    lines = mneme("export", "talk").stdout.splitlines()
    assert lines[0] == "# We go to *Lisbon*."
    assert [line.partition(",")[0] for line in lines if line.startswith("**")] == [
        "**user**",
        "**assistant**",
        "**Ana**",
    ]
    assert "五月。" in lines
    assert not any("\x1b" in line for line in lines)


def test_the_file_s_ending_says_the_format_and_a_file_is_not_replaced(
    turns: list[str], mneme: Mneme, tmp_path: Path
) -> None:
    file = tmp_path / "lisbon.json"
    mneme("export", "talk", str(file))
    assert [turn["id"] for turn in json.loads(file.read_text())["said"]] == turns
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(MnemeError, match="Name another file, or replace it with --force"):
        mneme("export", "talk", str(file))
    mneme("export", "talk", str(file), "--force", "--format", "markdown")
    assert file.read_text().startswith("# We go")


def test_a_branch_is_listed_and_shows_what_it_shares(turns: list[str], mneme: Mneme) -> None:
    branch = json.loads(mneme("branch", turns[1], "--json").stdout)
    assert branch["branched_from"] == "talk"
    assert (branch["turns"], branch["shared"]) == (0, 2)
    assert re.search(rf"^{branch['id']}  \S+ \S+  2 ", mneme("list").stdout, re.MULTILINE)
    shown = json.loads(mneme("show", branch["id"], "--json").stdout)
    assert [turn["id"] for turn in shown["said"]] == turns[:2]


def test_archived_ones_have_a_list_of_their_own(turns: list[str], mneme: Mneme) -> None:
    mneme("archive", "talk")
    assert json.loads(mneme("list", "--json").stdout) == []
    assert [one["id"] for one in json.loads(mneme("list", "--archived", "--json").stdout)] == ["talk"]
    mneme("unarchive", "talk")
    assert [one["id"] for one in json.loads(mneme("list", "--json").stdout)] == ["talk"]


def test_a_deleted_one_keeps_its_title_and_can_be_shown(turns: list[str], mneme: Mneme) -> None:
    mneme("delete", "talk", "--yes")
    assert "Lisbon" in mneme("list", "--deleted").stdout
    assert "When?" in mneme("show", "talk").stdout


def test_a_format_nobody_knows(turns: list[str], mneme: Mneme) -> None:
    assert "the formats are markdown, json" in mneme("export", "talk", "--format", "yaml").stderr
