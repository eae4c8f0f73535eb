"""A page of ``docs/`` on a terminal."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

WIDEST = 100
"""Columns: longer lines are hard to read, however wide the terminal is."""

_LINK = re.compile(r"!?\[([^\]]+)\]\(([^)\s]+)\)")
_MENTION = re.compile(r"\bdocs/(\w+)\.md")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def show_page(text: str, topics: Mapping[str, Path]) -> None:
    """Print a page, through a pager at a terminal and plainly elsewhere."""
    from rich.console import Console
    from rich.markdown import Markdown

    at_terminal = sys.stdout.isatty()
    width = min(Console().width, WIDEST) if at_terminal else 80
    drawn = Console(file=io.StringIO(), width=width, force_terminal=at_terminal, highlight=False)
    drawn.print(Markdown(readable(text, topics), hyperlinks=False, code_theme="ansi_dark"))
    lines = [line.rstrip() for line in drawn.file.getvalue().splitlines()]  # type: ignore[attr-defined]  # StringIO
    text = "\n".join(lines).strip("\n") + "\n"
    if at_terminal:
        page(text)
    else:
        print(text, end="")


def readable(text: str, topics: Mapping[str, Path]) -> str:
    """``text`` with its links as a terminal can follow them: another page by its command, a web page by its address."""

    def link(match: re.Match[str]) -> str:
        words, target = match[1], match[2]
        if "://" in target:
            return match[0]
        page = target.partition("#")[0].removesuffix(".md")
        if page in topics:
            here = f"`mneme help {page}`"
            return here if words in {page, f"{page}.md"} else f"{words} ({here})"
        return words

    def mention(match: re.Match[str]) -> str:
        return f"`mneme help {match[1]}`" if match[1] in topics else match[0]

    return _MENTION.sub(mention, _LINK.sub(link, _COMMENT.sub("", text)))


def page(text: str) -> None:
    """Hand ``text`` to the user's pager; what fits the screen is just printed."""
    from pydoc import pager

    os.environ.setdefault("LESS", "FRX")  # as git does: colours kept, no pager for a short page
    pager(text)
