"""ChatGPT's data export: ``conversations.json``, alone or in the zip file as it was downloaded.

A conversation is a tree of messages, because words can be asked again in others and replies made anew. The branch that
was shown last is the conversation: from ``current_node`` up to the root.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memory_store.interchange.entries import (
    Entry,
    FieldError,
    Heading,
    Row,
    Skipped,
    an_object,
    instant,
    name,
    storable,
)
from memory_store.interchange.exports.reading import Tolerance, conversations, joined, titled, word
from memory_store.interchange.source import Source
from memory_store.records import NewTurn

_SPEAKERS = {"user": "user", "assistant": "assistant"}
_TEXTS = frozenset({"text", "multimodal_text"})


def read_chatgpt(source: Source) -> Iterator[Entry]:
    """Every conversation's active branch. Raises ImportFailed."""
    return conversations(source, _conversation)


def is_chatgpt(value: object) -> bool:
    """Whether ``value`` looks like one of its conversations, or an array that begins with one."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and isinstance(first.get("mapping"), dict)


def _conversation(value: Any, where: str, told: Tolerance) -> Iterator[Entry]:
    row = an_object(value, "a conversation")
    mapping = an_object(row.get("mapping"), '"mapping"')
    key = name(row, "conversation_id", "id")
    if key is None:
        raise FieldError('a conversation without "id"')
    yield Heading(key, titled(row.get("title")), instant(row, "create_time"), archived=row.get("is_archived") is True)
    for node in _branch(mapping, row.get("current_node")):
        message = mapping[node].get("message")
        if message is None:
            continue
        try:
            yield _message(an_object(message, "a message"), node, key, told)
        except FieldError as problem:
            yield from told.skipped("message", f"{where}, message {node}", problem)


def _branch(mapping: Row, current: object) -> list[str]:
    """The nodes from the root to ``current``, or to the newest leaf where that is no node. Raises FieldError."""
    nodes = {key: an_object(node, "a node") for key, node in mapping.items()}
    at = current if isinstance(current, str) and current in nodes else _newest_leaf(nodes)
    branch: list[str] = []
    met: set[str] = set()
    while at in nodes:
        if at in met:
            raise FieldError("its messages answer each other in a circle")
        met.add(at)
        branch.append(at)
        at = word(nodes[at], "parent")
    return branch[::-1]


def _newest_leaf(nodes: dict[str, Row]) -> str:
    parents = {word(node, "parent") for node in nodes.values()}
    leaves = [key for key in nodes if key not in parents]
    return max(leaves, key=lambda key: _created(nodes[key]), default="")


def _created(node: Row) -> float:
    message = node.get("message")
    created = message.get("create_time") if isinstance(message, dict) else None
    return float(created) if isinstance(created, (int, float)) else 0.0


def _message(row: Row, node: str, conversation: str, told: Tolerance) -> NewTurn | Skipped:
    role = word(an_object(row.get("author"), '"author"'), "role")
    content = an_object(row.get("content"), '"content"')
    to_all = row.get("recipient") in (None, "all")
    if role not in _SPEAKERS or not to_all or (word(content, "content_type") or "text") not in _TEXTS:
        return Skipped("message of a tool or the system")
    metadata = row.get("metadata")
    words = joined(*_parts(content), told.named(_attachments(metadata if isinstance(metadata, dict) else {})))
    if not words.strip():
        return Skipped("message without text")
    said_at = instant(row, "create_time")
    return NewTurn(words, _SPEAKERS[role], conversation, said_at, name(row, "id") or node)


def _parts(content: Row) -> Iterator[str]:
    parts = content.get("parts")
    for part in parts if isinstance(parts, list) else []:
        text = part.get("text") if isinstance(part, dict) else part  # a spoken one has its transcription as text
        if isinstance(text, str):
            yield storable(text, "parts")


def _attachments(metadata: Row) -> list[str]:
    found = metadata.get("attachments")
    names = [item.get("name") for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return [title for title in map(titled, names) if title]
