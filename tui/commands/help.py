"""``mneme help``: the manual's pages, and the manual page made of all commands' help."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from memory_store.errors import InvalidInput
from tui.commands.options import Home, Profile
from tui.manual.pages import title, topics
from tui.text import show


def complete(incomplete: str) -> list[str]:
    return [name for name in topics() if name.startswith(incomplete)]


def help_on(
    ctx: typer.Context,
    topic: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]", help="A page, or a command.", show_default=False, autocompletion=complete),
    ] = None,
    man: Annotated[bool, typer.Option("--man", help="Print the manual page, as `man` reads it.")] = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Show a page of the manual; without a topic, list them.

    A command's name shows that command's own help. At a terminal a page goes through $PAGER.

    \b
    mneme help
    mneme help recall
    mneme help memory prune
    mneme help --man > mneme.1
    """
    del home, profile
    pages = topics()
    if man:
        from tui.manual.roff import manual_page
        from tui.manual.version import version

        print(manual_page(version(), pages), end="")
    elif not topic:
        _list(pages)
    elif len(topic) == 1 and topic[0].lower() in pages:
        from tui.manual.rendering import show_page

        show_page(pages[topic[0].lower()].read_text("utf-8"), pages)
    else:
        _command(ctx, topic, pages)


def _list(pages: Mapping[str, Path]) -> None:
    show.table(("TOPIC", "ABOUT"), [(name, title(page)) for name, page in pages.items()])
    show.say("\n`mneme help TOPIC` shows a page; `mneme --help` lists the commands.")


def _command(ctx: typer.Context, words: list[str], pages: Mapping[str, Path]) -> None:
    """Print the help of the command that ``words`` name, as its own ``--help`` does."""
    above = ctx.find_root()
    command = above.command
    for word in words:
        below = command.get_command(above, word) if hasattr(command, "get_command") else None
        if below is None:
            raise InvalidInput(_unknown(" ".join(words), pages))
        command, above = below, typer.Context(below, info_name=word, parent=above)
    show.line(command.get_help(above))


def _unknown(words: str, pages: Mapping[str, Path]) -> str:
    from tui.manual.tree import commands

    known = [*pages, *(command.path.removeprefix("mneme ") for command in commands())]
    near = get_close_matches(words.lower(), known, n=3)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"there is no page or command {words!r}. {hint}`mneme help` lists the pages."
