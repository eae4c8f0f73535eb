"""Which reader a file needs: by the format it was said to have, else by what its beginning looks like."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from itertools import islice
from pathlib import PurePath
from typing import Any

from memory_store.errors import ImportFailed, InvalidInput
from memory_store.interchange.archives import MAGIC as ZIP
from memory_store.interchange.archives import NothingInside
from memory_store.interchange.entries import Reader
from memory_store.interchange.exports.chatgpt import is_chatgpt, read_chatgpt
from memory_store.interchange.exports.claude import is_claude, read_claude
from memory_store.interchange.exports.databases import MAGIC as SQLITE
from memory_store.interchange.exports.databases import program_of, read_llm, read_ollama
from memory_store.interchange.exports.reading import CONVERSATIONS
from memory_store.interchange.exports.sharegpt import is_sharegpt, read_sharegpt
from memory_store.interchange.exports.whatsapp import is_whatsapp, read_whatsapp
from memory_store.interchange.files.kinds import MARKDOWN, is_image, is_pdf
from memory_store.interchange.files.reader import FileReader
from memory_store.interchange.jsonl import is_header, read_jsonl
from memory_store.interchange.locomo import is_locomo, read_locomo
from memory_store.interchange.messages import is_messages, read_document, read_lines
from memory_store.interchange.source import HEAD, Source
from memory_store.interchange.streaming import elements

_READERS: dict[str, Reader] = {
    "mneme": read_jsonl,
    "jsonl": read_lines,
    "openai-messages": read_document,
    "chatgpt": read_chatgpt,
    "claude": read_claude,
    "llm": read_llm,
    "ollama": read_ollama,
    "sharegpt": read_sharegpt,
    "whatsapp": read_whatsapp,
    "locomo": read_locomo,
}
FILES = "files"
"""Any text, PDF or picture as a memory of its own; its reader keeps what it has read."""
FORMATS = (*_READERS, FILES)

_LOOKS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("mneme", is_header),
    ("locomo", is_locomo),
    ("chatgpt", is_chatgpt),
    ("claude", is_claude),
    ("sharegpt", is_sharegpt),
    ("openai-messages", is_messages),
)
_STRICT = frozenset({"mneme", "jsonl", "openai-messages", "locomo"})
_JSON = re.compile(r".+\.json")


def choose(source: Source, format: str | None) -> tuple[str, Reader]:
    """The format's name and its reader. Raises InvalidInput (no such format), ImportFailed (unreadable)."""
    if format is not None and format not in FORMATS:
        raise InvalidInput(f"There is no format {format!r}. Choose one of: {', '.join(FORMATS)}.")
    found = _by_magic(source) if format is None else None
    if FILES in (format, found):
        return FILES, FileReader()
    if format is not None and format not in _STRICT:
        return format, _READERS[format]
    if found is not None:
        return found, _READERS[found]
    by_line, value = _first_value(source)
    chosen = _detected(source, value) if format is None else format
    if chosen == "jsonl" and is_header(value):
        chosen = "mneme"
    if chosen == "openai-messages" and by_line:
        return chosen, read_lines
    return chosen, _READERS[chosen]


def _by_magic(source: Source) -> str | None:
    """What is no JSON tells what it is by its first bytes."""
    head = source.head()
    if head.startswith(ZIP):
        return _in_zip(source)
    if head.startswith(SQLITE):
        program = program_of(source)
        if program is None:
            raise source.failed(None, "a database of a program that mneme does not know: llm's and Ollama's it reads")
        return program
    if is_pdf(head) or is_image(head) or PurePath(source.name).suffix.lower() in MARKDOWN:
        return FILES
    if b"\0" in head:
        raise source.failed(None, "not UTF-8 text: save the file as UTF-8")
    first = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").lstrip().partition("\n")[0]
    return "whatsapp" if is_whatsapp(first) else None


def _in_zip(source: Source) -> str:
    for wanted in (CONVERSATIONS, _JSON):
        try:
            return _look(source, _first_of_many(source, wanted))
        except NothingInside:
            continue
    return "whatsapp"


def _detected(source: Source, value: Any) -> str:
    return _look(source, source.decode(source.text()) if value is None else value)


def _look(source: Source, value: Any) -> str:
    for name, looks in _LOOKS:
        if looks(value):
            return name
    formats = ", ".join(FORMATS)
    raise source.failed(None, f"this is none of the formats mneme reads ({formats}): see docs/interchange.md")


def _first_value(source: Source) -> tuple[bool, Any]:
    """Whether the first line is a JSON value by itself, and that value; or an array of the first of many values."""
    head = source.head().removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(b"[") and (len(head) >= HEAD - 64 or b"\n" in head[:2]):
        try:
            return False, _first_of_many(source)
        except ImportFailed:
            return False, None  # the reader will say in which line
    for _, text in source.lines():
        try:
            return True, json.loads(text)
        except (ValueError, RecursionError):
            return False, None
    raise source.failed(None, "the file is empty")


def _first_of_many(source: Source, wanted: re.Pattern[str] = _JSON) -> list[Any]:
    """An array of the first element of one that may be larger than memory. Raises ImportFailed."""
    for name, stream in source.streams(wanted):
        return [value for _, value in islice(elements(name, stream), 1)]
    return []
