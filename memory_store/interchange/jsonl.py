"""mneme's own format: everything a person would miss, one JSON object per line. docs/interchange.md describes it.

The order of the lines is fixed by what they hold, and nothing in the file depends on when or where it was written:
the same memories always give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from memory_store.interchange.dates import to_iso
from memory_store.interchange.entries import (
    Entry,
    FieldError,
    Heading,
    Remark,
    Row,
    an_object,
    flag,
    instant,
    kind,
    name,
    text,
)
from memory_store.interchange.source import Source
from memory_store.records import Conversation, NewTurn, Revision, Turn, TurnStatus

if TYPE_CHECKING:
    from memory_store.store import MemoryStore

FORMAT = "mneme-memory"
VERSION = 1
_FIRST = json.dumps({"format": FORMAT, "version": VERSION})
_HEADER = {"format", "version"}
_CONVERSATION = {"type", "id", "title", "created_at", "archived"}
_MEMORY = {"type", "id", "conversation", "speaker", "text", "said_at", "source_id", "status"}
_MEMORY |= {"pinned", "forgotten", "revisions"}
_REVISION = {"text", "superseded_at"}
_END = {"type", "conversations", "memories"}


def export_jsonl(store: MemoryStore, stream: IO[str]) -> int:
    """Write every memory of ``store``, forgotten ones included, to ``stream``. Returns how many were written."""
    memories = 0
    conversations = sorted(store.conversations(archived=None), key=lambda one: (one.created_at, one.id))
    _write(stream, {"format": FORMAT, "version": VERSION})
    for conversation in conversations:
        _write(stream, _conversation_line(conversation))
        turns = store.memories(conversation=conversation.id, forgotten=None, newest_first=False)
        memories += _write_memories(store, stream, sorted(turns, key=lambda turn: turn.position))
    notes = store.memories(notes=True, forgotten=None, newest_first=False)
    memories += _write_memories(store, stream, sorted(notes, key=lambda note: (note.said_at, note.id)))
    _write(stream, {"type": "end", "conversations": len(conversations), "memories": memories})
    return memories


def _write_memories(store: MemoryStore, stream: IO[str], turns: Iterable[Turn]) -> int:
    count = 0
    for turn in turns:
        _write(stream, _memory_line(turn, store.revisions(turn.id) if turn.revision else ()))
        count += 1
    return count


def _write(stream: IO[str], line: Mapping[str, Any]) -> None:
    stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def _conversation_line(conversation: Conversation) -> dict[str, Any]:
    line = {"type": "conversation", "id": conversation.id, "title": conversation.title}
    line["created_at"] = to_iso(conversation.created_at)
    return line | ({"archived": True} if conversation.archived else {})


def _memory_line(turn: Turn, revisions: Iterable[Revision]) -> dict[str, Any]:
    line: dict[str, Any] = {"type": "memory", "id": turn.id, "conversation": turn.conversation_id}
    line |= {"speaker": turn.speaker, "text": turn.text, "said_at": to_iso(turn.said_at)}
    if turn.source_id is not None:
        line["source_id"] = turn.source_id
    if turn.status != "complete":
        line["status"] = turn.status
    line |= {key: True for key in ("pinned", "forgotten") if getattr(turn, key)}
    past = [{"text": old.text, "superseded_at": to_iso(old.superseded_at)} for old in revisions]
    return line | ({"revisions": past} if past else {})


def read_jsonl(source: Source) -> Iterator[Entry]:
    """Everything in an exported file. Raises ImportFailed naming the line."""
    reading = _Reading()
    line = 1
    for line, value in source.values():
        try:
            yield from reading.line(value, line)
        except FieldError as bad:
            raise source.failed(line, str(bad)) from bad
    if not reading.begun:
        raise source.failed(line, f"no header line: the first line must be {_FIRST}")
    if not reading.ended:
        yield Remark("The file has no end line: it may have been cut off. What it held was imported.")


def is_header(value: object) -> bool:
    """Whether ``value`` is the first line of an export, or one of its other lines (then the header is missing)."""
    if not isinstance(value, dict):
        return False
    return {"format", "version"} <= value.keys() or value.get("type") in {"conversation", "memory", "end"}


class _Reading:
    """What has been read so far, to find what is there twice or missing."""

    def __init__(self) -> None:
        self.begun = False
        self.ended = False
        self._memories: dict[str, int] = {}
        self._conversations: dict[str, int] = {}

    def line(self, value: object, line: int) -> Iterator[Entry]:
        row = an_object(value, "a line")
        if not self.begun:
            _check_header(row)
            self.begun = True
        elif self.ended:
            raise FieldError("there is something after the end line")
        elif row.get("type") == "memory":
            turn = _memory(row)
            _once(self._memories, turn.id or "", line)
            yield turn
        elif row.get("type") == "conversation":
            heading = _heading(row)
            _once(self._conversations, heading.id, line)
            yield heading
        elif row.get("type") == "end":
            self.ended = True
            yield from self._end(row)
        else:
            raise FieldError('"type" must be "conversation", "memory" or "end"')

    def _end(self, row: Row) -> Iterator[Entry]:
        _known(row, _END)
        for key, found in (("conversations", self._conversations), ("memories", self._memories)):
            if row.get(key, len(found)) != len(found):
                yield Remark(f"The end line promises {row[key]} {key}, the file holds {len(found)}.")


def _once(seen: dict[str, int], key: str, line: int) -> None:
    if key in seen:
        raise FieldError(f'the id "{key}" is already used on line {seen[key]}')
    seen[key] = line


def _check_header(row: Row) -> None:
    if row.get("format") != FORMAT:
        raise FieldError(f"not a mneme export: its first line must be {_FIRST}")
    version = row.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FieldError('"version" must be a whole number from 1')
    if version > VERSION:
        raise FieldError(f"written by a newer mneme (format version {version}, this one reads {VERSION}): update mneme")
    _known(row, _HEADER)


def _known(row: Row, fields: set[str]) -> None:
    """A misspelt field would be lost without a word; so an unknown one is refused."""
    unknown = sorted(row.keys() - fields)
    if unknown:
        raise FieldError(f'unknown field "{unknown[0]}": expected {", ".join(sorted(fields))}')


def _heading(row: Row) -> Heading:
    _known(row, _CONVERSATION)
    title = name(row, "title") if (row.get("title") or "") != "" else None
    return Heading(_required(row, "id"), title, instant(row, "created_at"), flag(row, "archived"))


def _memory(row: Row) -> NewTurn:
    _known(row, _MEMORY)
    said_at = instant(row, "said_at")
    if said_at is None:
        raise FieldError('"said_at" is missing')
    return NewTurn(
        text(row, "text"),
        _required(row, "speaker"),
        name(row, "conversation"),
        said_at,
        name(row, "source_id"),
        _status(row),
        _required(row, "id"),
        flag(row, "pinned"),
        flag(row, "forgotten"),
        _revisions(row),
    )


def _required(row: Row, key: str) -> str:
    value = name(row, key)
    if value is None:
        raise FieldError(f'"{key}" is missing')
    return value


def _status(row: Row) -> TurnStatus:
    value = row.get("status", "complete")
    if value == "complete":
        return "complete"
    if value == "partial":
        return "partial"
    raise FieldError('"status" must be "complete" or "partial"')


def _revisions(row: Row) -> tuple[Revision, ...]:
    values = row.get("revisions") or []
    if not isinstance(values, list):
        raise FieldError(f'"revisions" must be an array, not {kind(values)}')
    return tuple(_revision(an_object(value, "a revision"), number) for number, value in enumerate(values))


def _revision(row: Row, number: int) -> Revision:
    _known(row, _REVISION)
    when = instant(row, "superseded_at")
    if when is None:
        raise FieldError('a revision without "superseded_at"')
    return Revision(number, text(row, "text"), when)
