"""Conversations that other programs keep in SQLite: llm's logs, and Ollama's desktop app. Read, never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from memory_store.errors import ImportFailed
from memory_store.interchange.entries import Entry, FieldError, Heading, Row, Skipped, instant, name, storable
from memory_store.interchange.exports.reading import Tolerance, joined, titled
from memory_store.interchange.source import Source
from memory_store.records import NewTurn

MAGIC = b"SQLite format 3\0"

_LLM = (
    "SELECT r.id, r.prompt, r.response, r.datetime_utc, coalesce(r.conversation_id, r.id) AS conversation, c.name"
    " FROM responses r LEFT JOIN conversations c ON c.id = r.conversation_id ORDER BY r.datetime_utc, r.id"
)
_LLM_ATTACHED = (
    "SELECT p.response_id, coalesce(a.path, a.url, a.type) FROM prompt_attachments p"
    " JOIN attachments a ON a.id = p.attachment_id"
)
_OLLAMA = (
    "SELECT m.id, m.role, m.content, m.created_at, m.chat_id AS conversation, c.title AS name"
    " FROM messages m JOIN chats c ON c.id = m.chat_id ORDER BY c.created_at, m.chat_id, m.id"
)
_OLLAMA_ATTACHED = "SELECT message_id, filename FROM attachments"


def read_llm(source: Source) -> Iterator[Entry]:
    """``logs.db`` of Simon Willison's llm (``llm logs path`` says where it is). Raises ImportFailed."""
    yield from _rows(source, _LLM, _LLM_ATTACHED, _exchange)


def read_ollama(source: Source) -> Iterator[Entry]:
    """``db.sqlite`` of Ollama's desktop app. Raises ImportFailed."""
    yield from _rows(source, _OLLAMA, _OLLAMA_ATTACHED, _spoken)


def program_of(source: Source) -> str | None:
    """``llm`` or ``ollama``, by the tables of the database; None for another's. Raises ImportFailed."""
    with closing(_opened(source)) as database:
        found = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "responses" in found:
        return "llm"
    return "ollama" if {"chats", "messages"} <= found else None


def _rows(source: Source, query: str, attached: str, read: Any) -> Iterator[Entry]:
    told = Tolerance()
    met: set[str] = set()
    with closing(_opened(source)) as database:
        try:
            names = _attachments(database, attached)
            for position, found in enumerate(database.execute(query), start=1):
                row: Row = dict(found)
                try:
                    key = name(row, "conversation") or "unnamed"
                    if key not in met:
                        met.add(key)
                        yield Heading(key, titled(row.get("name")))
                    yield from read(row, key, told.named(names.get(row["id"], [])))
                except FieldError as problem:
                    yield from told.skipped("message", f"Row {position}", problem)
        except sqlite3.DatabaseError as error:
            raise ImportFailed(source.name, None, f"this database cannot be read ({error})") from error
    yield from told.closing()


def _opened(source: Source) -> sqlite3.Connection:
    if source.path is None:
        raise ImportFailed(source.name, None, "a database is read from its file, not from a pipe")
    try:
        database = sqlite3.connect(f"{source.path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise ImportFailed(source.name, None, f"cannot be read ({error})") from error
    database.row_factory = sqlite3.Row
    return database


def _attachments(database: sqlite3.Connection, query: str) -> dict[Any, list[str]]:
    """Id of a message -> the names of what was attached to it; older databases have no table of them."""
    try:
        found: Sequence[Any] = database.execute(query).fetchall()
    except sqlite3.OperationalError:
        return {}
    names: dict[Any, list[str]] = {}
    for key, attached in found:
        if title := titled(attached):
            names.setdefault(key, []).append(title)
    return names


def _exchange(row: Row, conversation: str, attached: str) -> Iterator[Entry]:
    """A row of llm's is a prompt and its response."""
    said_at = instant(row, "datetime_utc")
    for key, words, speaker in (
        (f"{row['id']}/prompt", joined(row.get("prompt") or "", attached), "user"),
        (str(row["id"]), row.get("response") or "", "assistant"),
    ):
        if words.strip():
            yield NewTurn(storable(words, speaker), speaker, conversation, said_at, key)
        else:
            yield Skipped("message without text")


def _spoken(row: Row, conversation: str, attached: str) -> Iterator[Entry]:
    """A row of Ollama's is a message."""
    words = joined(row.get("content") or "", attached)
    if row.get("role") not in ("user", "assistant"):
        yield Skipped("message of a tool or the system")
    elif not words.strip():
        yield Skipped("message without text")
    else:
        yield NewTurn(storable(words, "content"), row["role"], conversation, instant(row, "created_at"), str(row["id"]))
