"""Every command: found by its table, described the same everywhere, with examples that exist."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Iterator
from importlib import import_module

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from tui import cli
from tui.commands import backup, bench, config, conversations, memory, models
from tui.process.lazy import Entry, Table

GROUPS: dict[str, Table] = {
    "memory": memory.COMMANDS,
    "backup": backup.COMMANDS,
    "conversations": conversations.COMMANDS,
    "config": config.COMMANDS,
    "models": models.COMMANDS,
    "bench": bench.COMMANDS,
}


def leaves() -> Iterator[tuple[str, Entry]]:
    for name, entry in cli.COMMANDS.items():
        if name in GROUPS:
            yield from ((f"{name} {below}", found) for below, found in GROUPS[name].items())
        else:
            yield name, entry


def function(entry: Entry) -> object:
    module, _, name = entry.target.partition(":")
    return getattr(import_module(module), name)


LEAVES = dict(leaves())


@pytest.mark.parametrize("name", LEAVES)
def test_a_commands_own_help_begins_with_its_line_in_the_table_and_has_an_example(name: str) -> None:
    lines = (inspect.getdoc(function(LEAVES[name])) or "").splitlines()
    assert lines[0] == LEAVES[name].help
    assert any(line.split("|")[-1].strip().startswith(f"mneme {name}") for line in lines)


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_takes_home_and_profile(name: str) -> None:
    shown = CliRunner().invoke(cli.app, [*name.split(), "--help"], prog_name="mneme")
    assert shown.exit_code == 0, shown.output
    assert "--home DIR" in shown.output
    assert "--profile NAME" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 80


@pytest.mark.parametrize("name", LEAVES)
def test_the_options_in_the_examples_exist(name: str) -> None:
    for line in (inspect.getdoc(function(LEAVES[name])) or "").splitlines():
        command = line.partition("   ")[0].split("|")[-1 if " | mneme" in line else 0].strip()
        if command.startswith(f"mneme {name} "):
            known = options_of(name)
            used = [word for word in shlex.split(command) if word.startswith("--")]
            assert set(used) <= known, command


def options_of(name: str) -> set[str]:
    command = get_command(cli.app)
    context = typer.Context(command, info_name="mneme")
    for word in name.split():
        command = command.get_command(context, word)  # type: ignore[attr-defined]
    return {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_called_alone_lists_its_commands(group: str) -> None:
    shown = CliRunner().invoke(cli.app, [group], prog_name="mneme")
    assert all(f"  {name} " in shown.output for name in GROUPS[group])


def test_an_unknown_command_names_the_nearest() -> None:
    shown = CliRunner().invoke(cli.app, ["memory", "serch"], prog_name="mneme")
    assert shown.exit_code == 2
    assert "Did you mean 'search'?" in shown.output


def test_version() -> None:
    shown = CliRunner().invoke(cli.app, ["--version"], prog_name="mneme")
    assert shown.output.startswith("mneme ")
    assert shown.exit_code == 0
