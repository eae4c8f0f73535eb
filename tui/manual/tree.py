"""Every command with its help, read from the command line itself: what the manual page and the reference are made of.

Imports typer and no other package, so that the manual page can be made while a wheel is built.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer
from typer.main import get_command

SHARED = frozenset({"--home", "--profile"})
"""Options of every command, described once."""

Row = tuple[str, str]
"""How an argument or option is written, and what it is."""


@dataclass(frozen=True)
class CommandHelp:
    """One command, or a group of them."""

    path: str
    """``mneme memory prune``."""
    usage: str
    """``mneme memory prune [OPTIONS]``."""
    summary: str
    """One sentence."""
    text: tuple[str, ...]
    """The paragraphs that follow it."""
    examples: tuple[str, ...]
    arguments: tuple[Row, ...]
    options: tuple[Row, ...]
    is_group: bool


def commands() -> Iterator[CommandHelp]:
    """``mneme`` itself, then every command in the order of its group's list, groups before what is in them."""
    from tui import cli

    yield from _below(get_command(cli.app), None, "mneme")


def _below(command: Any, above: typer.Context | None, name: str) -> Iterator[CommandHelp]:
    context = typer.Context(command, info_name=name, parent=above)
    yield _described(command, context)
    if hasattr(command, "list_commands"):
        for below in command.list_commands(context):
            yield from _below(command.get_command(context, below), context, below)


def _described(command: Any, context: typer.Context) -> CommandHelp:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    examples = [part for part in paragraphs if part.startswith("\b")]
    told = [" ".join(part.split()) for part in paragraphs if not part.startswith("\b")]
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param not in arguments and not SHARED & set(param.opts)]
    return CommandHelp(
        path=context.command_path,
        usage=" ".join([context.command_path, *command.collect_usage_pieces(context)]),
        summary=told[0],
        text=tuple(told[1:]),
        examples=tuple(line for part in examples for line in part.splitlines()[1:]),
        arguments=tuple((param.metavar or param.name.upper(), param.help or "") for param in arguments),
        options=tuple(_tidy(param.get_help_record(context)) for param in options if not param.hidden),
        is_group=hasattr(command, "list_commands"),
    )


def _tidy(record: Row) -> Row:
    """Defaults and ranges are written after two spaces."""
    return record[0], " ".join(record[1].split())
