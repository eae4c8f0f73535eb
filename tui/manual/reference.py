"""The reference of commands, in Markdown: a page of the documentation's site, made of the commands' own help."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tui.manual.tree import SHARED, CommandHelp, Row, commands

_MARKUP = re.compile(r"(`[^`]*`)|([\\|*_<>\[\]])")


def reference() -> str:
    """The page: every command with its usage, arguments, options and examples."""
    shared = " and ".join(f"`{name}`" for name in sorted(SHARED))
    yielded = [
        "# Commands",
        "",
        f"Every command takes {shared}, and `--help`. What `--json` prints is in [commands.md](commands.md).",
        "",
    ]
    for command in commands():
        yielded += _command(command)
    return "\n".join(yielded)


def _command(command: CommandHelp) -> Iterator[str]:
    depth = 2 if command.path.count(" ") <= 1 else 3
    yield from [f"{'#' * depth} {command.path}", "", _prose(command.summary), ""]
    for paragraph in command.text:
        yield from [_prose(paragraph), ""]
    if command.is_group and command.path != "mneme":
        return
    yield from ["```text", command.usage, "```", ""]
    yield from _table("argument", command.arguments)
    yield from _table("option", command.options)
    if command.examples:
        yield from ["```sh", *command.examples, "```", ""]


def _table(heading: str, rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield from [f"| {heading} | |", "|---|---|"]
        yield from (f"| `{name.replace('|', chr(92) + '|')}` | {_prose(what)} |" for name, what in rows)
        yield ""


def _prose(text: str) -> str:
    """``text`` with nothing in it taken for markup, but for what stands between backquotes."""
    return _MARKUP.sub(lambda found: found[1] or f"\\{found[2]}", text)
