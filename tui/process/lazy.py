"""A Typer group that knows its commands' names and one-line help, and imports a command only when it is called.

This is what keeps ``mneme --help`` at the price of a bare interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command


class Entry(NamedTuple):
    """Where a command is, and what the list of commands says of it."""

    target: str
    """``package.module:name``, the name of a plain function (a command) or of a ``typer.Typer`` (a group)."""
    help: str
    """The first line of the command's own docstring; a test holds the two together."""


Table = Mapping[str, Entry]

RUNNING: ContextVar[str] = ContextVar("running", default="")
"""The command that is running, for the audit: ``memory edit``."""

HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def lazy_group(table: Table) -> type[TyperGroup]:
    """A group class that offers the commands of ``table``, in its order."""

    class LazyGroup(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            del ctx
            return list(table)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            del ctx
            entry = table.get(cmd_name)
            return load(cmd_name, entry) if entry else None

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            del ctx
            with formatter.section("Commands"):
                formatter.write_dl([(name, entry.help) for name, entry in table.items()])

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            if args and args[0] not in table and not args[0].startswith("-") and not ctx.resilient_parsing:
                near = get_close_matches(args[0], table, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else f" {ctx.command_path} --help lists them."
                ctx.fail(f"No such command {printable(args[0])!r}.{hint}")
            RUNNING.set(f"{ctx.command_path} {args[0]}".partition(" ")[2])
            ctx.default_map = hand_down(ctx.default_map or {}, args[0])
            return super().resolve_command(ctx, args)

    return LazyGroup


def hand_down(defaults: Mapping[str, Any], command: str) -> dict[str, Any]:
    """A context's defaults, given to ``command`` below it too: ``mneme --home DIR ask`` is ``mneme ask --home DIR``."""
    return {**defaults, command: dict(defaults)}


def group(table: Table, help: str) -> typer.Typer:
    """A group of lazy commands that prints its help when called alone."""
    app = typer.Typer(cls=lazy_group(table), rich_markup_mode=None, add_completion=False, context_settings=HELP_NAMES)
    app.callback(help=help, no_args_is_help=True)(lambda: None)
    return app


def load(name: str, entry: Entry) -> Any:
    """Import the command behind ``entry``."""
    module, _, attribute = entry.target.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command = get_command(found)
    else:
        app = typer.Typer(rich_markup_mode=None, add_completion=False)
        app.command(name, context_settings=HELP_NAMES)(found)
        command = get_command(app)
    command.name = name
    return command


def printable(word: str) -> str:
    """``word`` as it may be put into an error line: what cannot be encoded is shown as an escape."""
    return word.encode("utf-8", "backslashreplace").decode()
