"""The examples of commands in the README, in ``docs/`` and in every command's help, each a line as a shell reads it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from typer.main import get_command

from tui import cli
from tui.manual.tree import commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELL = {"sh", "bash", "console", ""}
"""Languages of fenced blocks that may hold commands."""

_COMMAND = re.compile(r"(?:\$ )?((?:[A-Z]+=\S+ |git log -5 \| )?(?:mneme|\.venv/bin/mneme) .*)")
_USAGE = re.compile(r"\[-|\.\.\. ")
_REMARK = re.compile(r"\s{2,}")
"""Two spaces and more stand between a command and what is said of it."""


@dataclass(frozen=True)
class Example:
    where: str
    line: str

    def __str__(self) -> str:
        return f"{self.where}: {self.line}"

    @property
    def words(self) -> list[str]:
        """Those of its first mneme command, without the shell's part of it."""
        bare = re.split(r"\s[|>]\s", self.line[self.line.index("mneme ") :])[0]
        return shlex.split(bare)[1:]

    @property
    def is_for_a_shell(self) -> bool:
        """What a process of its own has to run; an MCP server reads standard input behind Python's back."""
        return self.words == ["serve", "--mcp"] or bool(re.search(r"[|>]|\$\(", re.sub(r"'.*?'", "", self.line)))


def in_pages() -> Iterator[Example]:
    for page in PAGES:
        for number, line in _code(page.read_text("utf-8")):
            found = _COMMAND.match(line)
            if found and not _USAGE.search(found[1]):
                yield Example(f"{page.relative_to(ROOT)}:{number}", _REMARK.split(found[1])[0])


def in_help() -> Iterator[Example]:
    for command in commands():
        for line in command.examples:
            yield Example(f"{command.path} --help", _REMARK.split(line)[0])


def _code(text: str) -> Iterator[tuple[int, str]]:
    """Lines of fenced shell blocks, and of indented ones, each with its number."""
    language: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if fence := re.match(r"```(\w*)", line):
            language = fence[1] if language is None else None
        elif language in SHELL:
            yield number, line
        elif language is None and line.startswith("    "):
            yield number, line.strip()


def parsed(words: list[str]) -> str:
    """The command that ``words`` name, ``memory prune``. Fails where an option or a command does not exist."""
    command = get_command(cli.app)
    context = typer.Context(command, info_name="mneme")
    rest, path = list(words), []
    while rest and rest[0] in {"--profile", "--home"}:
        rest = rest[2:]
    while hasattr(command, "get_command") and rest and not rest[0].startswith("-"):
        path.append(rest[0])
        below = command.get_command(context, rest.pop(0))
        assert below is not None, f"there is no command mneme {' '.join(path)}"
        context = typer.Context(below, info_name=path[-1], parent=context)
        command = below
    if hasattr(command, "get_command"):
        known = {name for option in command.get_params(context) for name in option.opts}
        assert set(rest) <= known, rest
    else:
        command.make_context(path[-1], rest, parent=context.parent)
    return " ".join(path)
