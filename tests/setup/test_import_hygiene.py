"""What a command may not load: start-up is felt each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPORT = """
import sys
from tui import cli
sys.argv = ["mneme", *sys.argv[1:]]
try:
    cli.main()
except SystemExit as leaving:
    code = leaving.code
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
HEAVY = {"torch", "transformers", "chromadb", "onnxruntime", "sentence_transformers", "textual", "openai"}
FOR_WORDS_ALONE = HEAVY | {"alembic", "dateparser", "httpx"}
"""What neither a quoting answer nor a search in an existing store needs."""
FOR_HELP = HEAVY | {"sqlalchemy", "alembic", "pydantic_settings", "rich", "numpy", "click"}

OF_OTHERS = (
    "migrations",
    ".neural",
    ".learning.network",
    ".learning.training",
    ".learning.comparing",
    ".learning.descent",
)


def loaded_by(*arguments: str, home: Path) -> set[str]:
    command = [sys.executable, "-c", REPORT, "--home", str(home), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=120)
    code, *modules = ran.stderr.splitlines()[-1].split()
    assert code == "0", ran.stderr
    return set(modules)


@pytest.mark.parametrize("command", ["--help", "memory --help", "memory list --help", "ask --help", "chat --help"])
def test_help_loads_nothing_but_the_command_line(command: str, tmp_path: Path) -> None:
    assert not loaded_by(*command.split(), home=tmp_path) & FOR_HELP


@pytest.mark.parametrize("command", ["memory list", "memory stats", "conversations list", "config show", "models list"])
def test_looking_loads_neither_models_nor_index_nor_screen(command: str, tmp_path: Path) -> None:
    assert not loaded_by(*command.split(), home=tmp_path) & HEAVY


def test_asking_and_searching_without_a_language_model(tmp_path: Path) -> None:
    loaded_by("ask", "The ferry leaves at nine.", home=tmp_path)  # which makes the database
    assert not loaded_by("ask", "When does the ferry leave?", home=tmp_path) & FOR_WORDS_ALONE
    assert not loaded_by("memory", "search", "ferry", home=tmp_path) & FOR_WORDS_ALONE


def test_the_app_s_first_picture_waits_for_no_more_than_it_shows() -> None:
    code = "import sys, tui.commands.chat, agent.settings_files, tui.talking.session, tui.app; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    later = {"markdown_it", "pygments", "pydantic_settings", "filelock", "sqlalchemy", "sqlite3", "chromadb", "numpy"}
    assert not {name.partition(".")[0] for name in ran.stdout.split()} & later


@pytest.mark.parametrize("floor", ["memory_store", "agent"])
def test_the_lower_floors_draw_nothing(floor: str) -> None:
    everything = "import pkgutil, importlib, sys, {0}\nfor m in pkgutil.walk_packages({0}.__path__, '{0}.'):\n"
    # Migrations are Alembic's to import; what is made of torch's modules is named inside of functions alone.
    everything += f"    any(name in m.name for name in {OF_OTHERS}) or importlib.import_module(m.name)\n"
    everything += "print(*{{n.partition('.')[0] for n in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", everything.format(floor)], capture_output=True, text=True, check=True)
    assert not set(ran.stdout.split()) & {"textual", "typer", "torch", "transformers", "chromadb"}
