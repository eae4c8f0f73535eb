"""Plain role/content logs, as chat programs and language-model services write them.

Accepted: one message per line; an array of messages; ``{"messages": [...]}`` alone, in an array, or one per line.
A message has a ``role`` (or ``speaker``) and ``content`` (or ``text``): text, or an array of parts of which the text
parts are kept. Optional: ``name``, ``id``, ``conversation``, ``timestamp`` (docs/interchange.md lists the spellings).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from memory_store.interchange.entries import (
    Entry,
    FieldError,
    Heading,
    Row,
    Skipped,
    a_list,
    an_object,
    digest,
    first_of,
    instant,
    kind,
    name,
    storable,
)
from memory_store.interchange.source import Source, line_of
from memory_store.records import NewTurn

_INSTRUCTIONS = frozenset({"system", "developer"})
_TOOLS = frozenset({"tool", "function"})
_SAME = {"human": "user", "ai": "assistant", "bot": "assistant", "model": "assistant", "gpt": "assistant"}
_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})
_CONVERSATION = ("conversation", "conversation_id")
_WHEN = ("timestamp", "said_at", "created_at", "create_time", "time", "date")


def read_lines(source: Source) -> Iterator[Entry]:
    """One JSON value per line. Raises ImportFailed naming the line."""
    log = _Log(source.stem)
    for line, value in source.values():
        try:
            yield from log.read(value)
        except FieldError as bad:
            raise source.failed(line, str(bad)) from bad


def read_document(source: Source) -> Iterator[Entry]:
    """One JSON document, over as many lines as it likes. Raises ImportFailed naming the line."""
    words = source.text()
    document = source.decode(words)
    try:
        yield from _Log(source.stem).read(document)
    except FieldError as bad:
        raise source.failed(line_of(words, bad.path), str(bad)) from bad


def is_messages(value: object) -> bool:
    """Whether ``value`` looks like a message, a conversation of messages, or an array that begins with either."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return False
    return "messages" in first or bool({"role", "speaker"} & first.keys() and {"content", "text"} & first.keys())


class _Log:
    """The state of one reading: which conversations were met, and how many messages each has had."""

    def __init__(self, stem: str) -> None:
        self._stem = stem
        self._own: str | None = None
        self._positions: Counter[str] = Counter()
        self._unnamed: Counter[str] = Counter()

    def read(self, value: Any) -> Iterator[Entry]:
        """Everything in ``value``: a message, a conversation, or an array of either."""
        if not isinstance(value, list):
            yield from self._one(value)
            return
        for index, item in enumerate(value):
            try:
                yield from self._one(item)
            except FieldError as bad:
                raise FieldError(str(bad), index, *bad.path) from bad

    def _one(self, value: Any) -> Iterator[Entry]:
        row = an_object(value, "a message")
        if "messages" in row:
            yield from self._conversation(row)
            return
        conversation = name(row, *_CONVERSATION)
        if conversation is None:
            if self._own is None:
                self._own = self._invent(row)
            conversation = self._own
        if conversation not in self._positions:
            yield Heading(conversation, self._stem if conversation == self._own else None)
        yield self._message(row, conversation)

    def _conversation(self, row: Row) -> Iterator[Entry]:
        try:
            messages = a_list(row["messages"], '"messages"')
        except FieldError as bad:
            raise FieldError(str(bad), "messages") from bad
        if not messages:
            return
        conversation = name(row, *_CONVERSATION, "id") or self._invent(messages[0])
        if conversation not in self._positions:
            yield Heading(conversation, name(row, "title") or self._stem, instant(row, *_WHEN))
        for index, message in enumerate(messages):
            try:
                yield self._message(an_object(message, "a message"), conversation)
            except FieldError as bad:
                raise FieldError(str(bad), "messages", index, *bad.path) from bad

    def _invent(self, first: Any) -> str:
        """An id that stays the same when the log grows: from the file's name and the conversation's first message."""
        row = first if isinstance(first, dict) else {}
        key = digest(self._stem, repr(row.get("role")), repr(row.get("content", row.get("text"))))
        self._unnamed[key] += 1
        again = self._unnamed[key]
        return f"{self._stem}-{key}" if again == 1 else f"{self._stem}-{key}-{again}"

    def _message(self, row: Row, conversation: str) -> NewTurn | Skipped:
        self._positions[conversation] += 1
        role = name(row, "role", "speaker")
        if role is None:
            raise FieldError('a message without "role"')
        words, said_at = _content(row), instant(row, *_WHEN)
        if role.lower() in _INSTRUCTIONS:
            return Skipped("system message")
        if role.lower() in _TOOLS:
            return Skipped("tool message")
        if not words.strip():
            return Skipped("message without text")
        speaker = name(row, "speaker", "name") or _SAME.get(role.lower(), role)
        source_id = name(row, "source_id", "message_id", "id") or str(self._positions[conversation])
        return NewTurn(words, speaker, conversation, said_at, source_id)


def _content(row: Row) -> str:
    key = first_of(row, "content", "text")
    if key is None:
        if "content" in row or "text" in row:
            return ""  # null: an assistant that only called a tool
        raise FieldError('a message without "content"')
    value = row[key]
    if isinstance(value, dict):
        value = value.get("parts", [])
    if isinstance(value, str):
        return storable(value, key)
    if not isinstance(value, list):
        raise FieldError(f'"{key}" must be text or an array of parts, not {kind(row[key])}', key)
    return storable("\n".join(part for part in map(_part, value) if part), key)


def _part(part: object) -> str:
    """The text of one part of a message; images, audio and the like have none."""
    if isinstance(part, str):
        return part
    row = an_object(part, 'a part of "content"')
    if row.get("type", "text") not in _TEXT_PARTS or row.get("text") is None:
        return ""
    return storable(row["text"], "text")
