"""The manual page, ``mneme.1``, in the ``man`` macros that groff and mandoc both read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tui.manual.pages import released, title
from tui.manual.tree import CommandHelp, Row, commands

_SPECIAL = {"\\": r"\e", "-": r"\-", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", "'": r"\(aq", '"': r"\(dq"}
_CODE = re.compile(r"``?(.+?)``?")

ENVIRONMENT: Sequence[Row] = (
    ("MNEME_HOME", "One folder for everything: memories, settings, state and log."),
    ("MNEME_PROFILE", "Whose memory to use."),
    ("MNEME_DEBUG", "Show tracebacks of unexpected errors."),
    ("MNEME_MODEL__NAME, MNEME_RECALL__LIMIT, ...", "Any setting: MNEME_, its table, two underscores, its name."),
    ("PAGER", "What `mneme help` shows its pages with."),
)
FILES: Sequence[Row] = (
    ("~/.config/mneme/config.toml", "The settings. All are optional; `mneme config show --template` prints them."),
    ("~/.local/share/mneme/profiles/default/", "A profile's memory: words, vectors and index."),
    ("~/.local/state/mneme/", "State and log. `mneme config path --all` names every place on this system."),
)
EXIT_STATUS: Sequence[Row] = (
    ("0", "Done."),
    ("1", "It ran, and the answer is no: an expectation failed, the stores are out of step, a trace was left."),
    ("2", "It could not be done as asked; one line on standard error says why."),
    ("130", "Interrupted."),
)


def manual_page(version: str, topics: Mapping[str, Path]) -> str:
    """The page. ``topics`` are those of ``mneme help``."""
    return "\n".join(_lines(version, topics)) + "\n"


def _lines(version: str, topics: Mapping[str, Path]) -> Iterator[str]:
    top, *rest = commands()
    yield f'.TH MNEME 1 "{released(topics["changes"])}" "mneme {version}" "User Commands"'
    yield from [".SH NAME", r"mneme \- a conversational agent that remembers you"]
    yield from [".SH SYNOPSIS", r"\fBmneme\fR [OPTIONS] COMMAND [ARGS]..."]
    yield from [".SH DESCRIPTION", *_prose(ABOUT)]
    yield from [".SH OPTIONS", *_rows([*_SHARED, *top.options])]
    yield ".SH COMMANDS"
    for command in rest:
        yield from _command(command)
    abouts = [(name, title(page)) for name, page in topics.items()]
    yield from [".SH TOPICS", *_prose("Pages that `mneme help TOPIC` shows."), *_rows(abouts)]
    for heading, rows in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES), ("EXIT STATUS", EXIT_STATUS)):
        yield from [f".SH {heading}", *_rows(rows)]


ABOUT = (
    "mneme talks to a language model of yours in the terminal, keeps every turn on this machine, word for word, and"
    " brings back what matters when it is needed. `mneme` alone opens the app. What commands print on standard output"
    " is data; what they say about it goes to standard error."
)
_SHARED: Sequence[Row] = (
    ("--home DIR", "The folder that holds everything. Also: MNEME_HOME. Every command takes it."),
    ("--profile NAME", "Whose memory to use. Also: MNEME_PROFILE. Every command takes it."),
)


def _command(command: CommandHelp) -> Iterator[str]:
    yield f'.SS "{escape(command.path)}"'
    if not command.is_group:
        yield rf"\fB{escape(command.path)}\fR{escape(command.usage.removeprefix(command.path))}"
        yield ".PP"
    yield from _prose(command.summary)
    for paragraph in command.text:
        yield from _paragraph(paragraph)
    yield from _rows([*command.arguments, *command.options])
    if command.examples:
        yield from [".PP", ".RS 4", ".nf", *map(escape, command.examples), ".fi", ".RE"]


def _rows(rows: Sequence[Row]) -> Iterator[str]:
    for name, what in rows:
        yield from [".TP", rf"\fB{escape(name)}\fR", *(_prose(what) or [r"\&"])]


def _paragraph(text: str) -> Iterator[str]:
    yield from [".PP", *_prose(text)]


def _prose(text: str) -> list[str]:
    """Lines of source that are joined again on the page."""
    lines = textwrap.wrap(escape(text), 80, break_long_words=False, break_on_hyphens=False)
    return [rf"\&{line}" if line.startswith(".") else line for line in lines]


def escape(text: str) -> str:
    """``text`` as roff prints it: what stands between backquotes in bold, nothing taken for a request."""
    pieces = _CODE.split(text)
    shown = "".join(rf"\fB{_plain(piece)}\fR" if odd % 2 else _plain(piece) for odd, piece in enumerate(pieces))
    return rf"\&{shown}" if shown.startswith(".") else shown


def _plain(text: str) -> str:
    return "".join(_SPECIAL.get(char) or (char if char.isascii() else rf"\[u{ord(char):04X}]") for char in text)
