"""What the readers of other programs' exports share: which files they read, and what becomes of what they cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from memory_store.interchange.entries import Entry, FieldError, Heading, Remark, Row, Skipped
from memory_store.interchange.source import Source
from memory_store.interchange.streaming import elements
from memory_store.records import NewTurn

MOST_TOLD = 20
"""Positions of what could not be read that are told one by one."""

TITLE = 200
CONVERSATIONS = re.compile(r"conversations(-\d+)?\.json")


class Tolerance:
    """Keeps count of what could not be read, and tells the first of it by position."""

    def __init__(self) -> None:
        self.attachments = 0
        self._told = 0

    def skipped(self, what: str, where: str, problem: FieldError) -> Iterator[Entry]:
        """``what``, at ``where``, is left out for ``problem``."""
        yield Skipped(f"malformed {what}")
        self._told += 1
        if self._told <= MOST_TOLD:
            yield Remark(f"{where}: {problem}.")
        elif self._told == MOST_TOLD + 1:
            yield Remark("More could not be read than is listed here.")

    def named(self, names: list[str]) -> str:
        """The lines that stand for attachments: what they hold is not imported."""
        self.attachments += len(names)
        return "\n".join(f"[attachment: {name}]" for name in names)

    def closing(self) -> Iterator[Entry]:
        """What is told at the end."""
        if self.attachments:
            yield Remark(f"Attachments are named, their contents are not imported: {self.attachments} of them.")


def conversations(source: Source, read: Callable[[Any, str, Tolerance], Iterator[Entry]]) -> Iterator[Entry]:
    """``read`` each conversation of an export, which is a JSON array or a zip file that holds one or several.

    One that raises FieldError is reported by its position and left out whole. Raises ImportFailed.
    """
    told = Tolerance()
    for name, stream in source.streams(CONVERSATIONS):
        for position, value in elements(name, stream):
            where = f"Conversation {position} of {PurePath(name).name}"
            try:
                yield from spoken(read(value, where, told))
            except FieldError as problem:
                yield from told.skipped("conversation", where, problem)
    yield from told.closing()


def spoken(conversation: Iterator[Entry]) -> list[Entry]:
    """What was read of a conversation, which is none if nothing was said in it. Raises FieldError."""
    entries = list(conversation)
    if any(isinstance(entry, NewTurn) for entry in entries):
        return entries
    rest = [entry for entry in entries if not isinstance(entry, Heading)]
    return [*rest, Skipped("conversation without words")]


def word(row: Row, key: str) -> str:
    """The text under ``key``, where there is one: a word to compare with others."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


def titled(value: object) -> str | None:
    """A title as far as it can be one: printable, on one line, not too long."""
    if not isinstance(value, str):
        return None
    words = "".join(mark if mark.isprintable() else " " for mark in value)
    return " ".join(words.split())[:TITLE] or None


def joined(*parts: str) -> str:
    """Parts of one message, each on lines of its own."""
    return "\n".join(part for part in parts if part.strip())
