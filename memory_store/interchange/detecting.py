"""Which reader a file needs: by the format it was said to have, else by what its first value looks like."""

from __future__ import annotations

import json
from typing import Any

from memory_store.errors import InvalidInput
from memory_store.interchange.entries import Reader
from memory_store.interchange.jsonl import is_header, read_jsonl
from memory_store.interchange.locomo import is_locomo, read_locomo
from memory_store.interchange.messages import is_messages, read_document, read_lines
from memory_store.interchange.source import Source

FORMATS = ("mneme", "jsonl", "openai-messages", "locomo")


def choose(source: Source, format: str | None) -> tuple[str, Reader]:
    """The format's name and its reader. Raises InvalidInput (no such format), ImportFailed (unreadable)."""
    if format is not None and format not in FORMATS:
        raise InvalidInput(f"There is no format {format!r}. Choose one of: {', '.join(FORMATS)}.")
    by_line, value = _first_value(source)
    chosen = _detected(source, value) if format is None else format
    if chosen == "jsonl" and is_header(value):
        chosen = "mneme"
    if chosen == "openai-messages":
        return chosen, read_lines if by_line else read_document
    readers: dict[str, Reader] = {"mneme": read_jsonl, "jsonl": read_lines, "locomo": read_locomo}
    return chosen, readers[chosen]


def _detected(source: Source, value: Any) -> str:
    if value is None:
        value = source.decode(source.text())
    if is_header(value):
        return "mneme"
    if is_locomo(value):
        return "locomo"
    if is_messages(value):
        return "openai-messages"
    formats = ", ".join(FORMATS)
    raise source.failed(None, f"this is none of the formats mneme reads ({formats}): see docs/interchange.md")


def _first_value(source: Source) -> tuple[bool, Any]:
    """Whether the first line is a JSON value by itself, and that value."""
    for _, text in source.lines():
        try:
            return True, json.loads(text)
        except (ValueError, RecursionError):
            return False, None
    raise source.failed(None, "the file is empty")
