"""Claude's data export: ``conversations.json``, alone or in the zip file as it was downloaded.

Messages stand in order. Where they name their parents and one has several answers, the branch that was shown last (or
else the one that ends in the last message) is the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from memory_store.interchange.entries import (
    Entry,
    FieldError,
    Heading,
    Row,
    Skipped,
    a_list,
    an_object,
    instant,
    name,
    storable,
)
from memory_store.interchange.exports.reading import Tolerance, conversations, joined, titled, word
from memory_store.interchange.source import Source
from memory_store.records import NewTurn

_SPEAKERS = {"human": "user", "user": "user", "assistant": "assistant"}


def read_claude(source: Source) -> Iterator[Entry]:
    """Every conversation's active branch. Raises ImportFailed."""
    return conversations(source, _conversation)


def is_claude(value: object) -> bool:
    """Whether ``value`` looks like one of its conversations, or an array that begins with one."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and isinstance(first.get("chat_messages"), list)


def _conversation(value: Any, where: str, told: Tolerance) -> Iterator[Entry]:
    row = an_object(value, "a conversation")
    key = name(row, "uuid", "id")
    if key is None:
        raise FieldError('a conversation without "uuid"')
    messages = a_list(row.get("chat_messages"), '"chat_messages"')
    yield Heading(key, titled(row.get("name")), instant(row, "created_at"))
    for position, message in _branch(messages, row.get("current_leaf_message_uuid")):
        try:
            yield _message(an_object(message, "a message"), position, key, told)
        except FieldError as problem:
            yield from told.skipped("message", f"{where}, message {position}", problem)


def _branch(messages: Sequence[Any], leaf: object) -> list[tuple[int, Any]]:
    """The messages of one branch with their positions, from 1, in order."""
    listed = list(enumerate(messages, start=1))
    rows = [(position, row) for position, row in listed if isinstance(row, dict)]
    known = {word(row, "uuid"): (position, row) for position, row in rows}
    answered = [parent for parent in (word(row, "parent_message_uuid") for _, row in rows) if parent in known]
    if len(set(answered)) == len(answered):
        return listed
    at = leaf if isinstance(leaf, str) and leaf in known else next(reversed(known))
    branch: list[tuple[int, Any]] = []
    while at in known:
        branch.append(known.pop(at))  # taken out, so that a circle ends
        at = word(branch[-1][1], "parent_message_uuid")
    return branch[::-1]


def _message(row: Row, position: int, conversation: str, told: Tolerance) -> NewTurn | Skipped:
    sender = word(row, "sender")
    if sender not in _SPEAKERS:
        return Skipped("message of a tool or the system")
    words = joined(_words(row), told.named([*_names(row, "attachments"), *_names(row, "files")]))
    if not words.strip():
        return Skipped("message without text")
    return NewTurn(
        words, _SPEAKERS[sender], conversation, instant(row, "created_at"), name(row, "uuid") or str(position)
    )


def _words(row: Row) -> str:
    """The text blocks of the message; what a tool was told and answered, and what was thought, is not said."""
    blocks = row.get("content")
    texts = [
        block.get("text")
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "text"
    ]
    if not any(texts):
        texts = [row.get("text")]
    return joined(*(storable(text, "text") for text in texts if text is not None))


def _names(row: Row, key: str) -> list[str]:
    found = row.get(key)
    names = [item.get("file_name") for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return [title for title in map(titled, names) if title]
