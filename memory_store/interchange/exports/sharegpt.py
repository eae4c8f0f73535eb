"""ShareGPT's layout, in which collections of conversations are handed on: ``{"conversations": [{"from", "value"}]}``.

One JSON array of them, or one per line. They have no dates.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from memory_store.interchange.entries import (
    Entry,
    Heading,
    Row,
    Skipped,
    a_list,
    an_object,
    digest,
    instant,
    name,
    text,
)
from memory_store.interchange.entries import FieldError as Bad
from memory_store.interchange.exports.reading import Tolerance, spoken, titled
from memory_store.interchange.source import Source
from memory_store.interchange.streaming import elements
from memory_store.records import NewTurn

_SPEAKERS = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "chatgpt": "assistant"}
_SPEAKERS |= {"bard": "assistant", "bing": "assistant", "model": "assistant"}
_UNSAID = frozenset({"system", "tool", "function", "function_call", "observation"})
_ANY = re.compile(r".+\.jsonl?")


def read_sharegpt(source: Source) -> Iterator[Entry]:
    """Every conversation. Raises ImportFailed."""
    told = Tolerance()
    for where, value in _values(source):
        try:
            yield from spoken(_conversation(value, where, told))
        except Bad as problem:
            yield from told.skipped("conversation", where, problem)


def is_sharegpt(value: object) -> bool:
    """Whether ``value`` looks like one of its conversations, or an array that begins with one."""
    first = value[0] if isinstance(value, list) and value else value
    said = first.get("conversations") if isinstance(first, dict) else None
    return isinstance(said, list) and all(isinstance(turn, dict) and "from" in turn for turn in said[:1])


def _values(source: Source) -> Iterator[tuple[str, Any]]:
    if _by_line(source):
        for line, value in source.values():
            yield f"Line {line}", value
        return
    for inside, stream in source.streams(_ANY):
        for position, value in elements(inside, stream):
            yield f"Conversation {position} of {PurePath(inside).name}", value


def _by_line(source: Source) -> bool:
    """Whether the first line is an object by itself."""
    first = source.head().removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")[0]
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _conversation(value: Any, where: str, told: Tolerance) -> Iterator[Entry]:
    row = an_object(value, "a conversation")
    said = a_list(row.get("conversations"), '"conversations"')
    key = name(row, "id") or f"sharegpt-{digest(json.dumps(said, sort_keys=True))}"
    yield Heading(key, titled(row.get("title")), instant(row, "create_time", "created_at"))
    for position, message in enumerate(said, start=1):
        try:
            yield _message(an_object(message, "a message"), position, key)
        except Bad as problem:
            yield from told.skipped("message", f"{where}, message {position}", problem)


def _message(row: Row, position: int, conversation: str) -> NewTurn | Skipped:
    speaker = name(row, "from")
    if speaker is None:
        raise Bad('a message without "from"')
    if speaker.lower() in _UNSAID:
        return Skipped("message of a tool or the system")
    if not row.get("value"):
        return Skipped("message without text")
    return NewTurn(text(row, "value"), _SPEAKERS.get(speaker.lower(), speaker), conversation, None, str(position))
