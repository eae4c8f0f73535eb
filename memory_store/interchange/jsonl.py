"""Reading mneme's own format: one JSON object per line. docs/interchange.md describes it; exporting.py writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from memory_store.interchange.entries import (
    Entry,
    FieldError,
    Heading,
    Remark,
    Row,
    Skipped,
    Spared,
    a_list,
    an_object,
    checked,
    flag,
    instant,
    name,
    required,
    storable,
    text,
)
from memory_store.interchange.source import Source
from memory_store.interchange.ties.kinds import Since
from memory_store.interchange.ties.reading import TYPES, tie
from memory_store.records import NewTurn, Revision, TurnStatus

FORMAT = "mneme-memory"
VERSION = 3
"""In version 1, ``archived`` meant deleted."""
WITH_TIES = 3
"""From this version on, a line of a kind that is not known is passed over, and counted."""
WITH_CONVERSATION = "conversation"
"""The value of ``forgotten`` for a memory that was deleted with its conversation, and comes back with it."""

_FIRST = json.dumps({"format": FORMAT, "version": VERSION})
_HEADER = {"format", "version"}
_CONVERSATION = {"type", "id", "title", "created_at", "archived", "deleted", "deleted_at", "branched_after"}
_MEMORY = {"type", "id", "conversation", "speaker", "text", "said_at", "source_id", "status"}
_MEMORY |= {"pinned", "pinned_at", "forgotten", "forgotten_at", "revisions"}
_REVISION = {"text", "superseded_at"}
_END = {"type", "conversations", "memories"}


def read_jsonl(source: Source) -> Iterator[Entry]:
    """Everything in an exported file. Raises ImportFailed naming the line."""
    reading = _Reading()
    line = 1
    for line, value in source.values():
        try:
            yield from reading.line(value, line)
        except FieldError as bad:
            raise source.failed(line, str(bad)) from bad
    if not reading.version:
        raise source.failed(line, f"no header line: the first line must be {_FIRST}")
    yield from reading.remarks()


def is_header(value: object) -> bool:
    """Whether ``value`` is the first line of an export, or one of its other lines (then the header is missing)."""
    if not isinstance(value, dict):
        return False
    return {"format", "version"} <= value.keys() or value.get("type") in {"conversation", "memory", "end", *TYPES}


class _Reading:
    """What has been read so far, to find what is there twice or missing."""

    def __init__(self) -> None:
        self.version = 0
        """Of the format; 0 until the header was read."""
        self._end: Row | None = None
        self._memories: dict[str, int] = {}
        self._conversations: dict[str, int] = {}
        self._deleted: set[str] = set()

    def line(self, value: object, line: int) -> Iterator[Entry]:
        row = an_object(value, "a line")
        if not self.version:
            self.version = _version(row)
        elif row.get("type") == "memory":
            yield from self._memory(row, line)
        elif row.get("type") == "conversation":
            heading = _heading(row, self.version)
            _once(self._conversations, heading.id, line)
            if heading.deleted:
                self._deleted.add(heading.id)
            yield heading
        elif row.get("type") == "end":
            checked(row, _END)
            self._end = row
        elif (found := tie(row)) is not None:
            yield found
        elif self.version >= WITH_TIES and isinstance(row.get("type"), str):
            yield Skipped(f"line of a kind this mneme does not know ({row['type'][:40]!r})")
        else:
            raise FieldError('"type" must be "conversation", "memory" or "end"')

    def remarks(self) -> Iterator[Remark]:
        """What the end line has to say about the file; to be asked for when all was read."""
        if self._end is None:
            yield Remark("The file has no end line: it may have been cut off. What it held was imported.")
            return
        for key, found in (("conversations", self._conversations), ("memories", self._memories)):
            if self._end.get(key, len(found)) != len(found):
                yield Remark(f"The end line promises {self._end[key]} {key}, the file holds {len(found)}.")

    def _memory(self, row: Row, line: int) -> Iterator[Entry]:
        checked(row, _MEMORY)
        own, conversation, state = required(row, "id"), name(row, "conversation"), row.get("forgotten")
        _once(self._memories, own, line)
        deleted = conversation in self._deleted
        forgotten = not deleted if state == WITH_CONVERSATION else flag(row, "forgotten")
        yield _turn(row, own, conversation, forgotten=forgotten)
        pinned_at, forgotten_at = instant(row, "pinned_at"), instant(row, "forgotten_at")
        if pinned_at or forgotten_at:
            yield Since(own, pinned_at, forgotten_at)
        if conversation is not None and deleted and not state:
            yield Spared(conversation, own)


def _once(seen: dict[str, int], key: str, line: int) -> None:
    if key in seen:
        raise FieldError(f'the id "{key}" is already used on line {seen[key]}')
    seen[key] = line


def _version(row: Row) -> int:
    if row.get("format") != FORMAT:
        raise FieldError(f"not a mneme export: its first line must be {_FIRST}")
    version = row.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FieldError('"version" must be a whole number from 1')
    if version > VERSION:
        raise FieldError(f"written by a newer mneme (format version {version}, this one reads {VERSION}): update mneme")
    checked(row, _HEADER)
    return version


def _heading(row: Row, version: int) -> Heading:
    checked(row, _CONVERSATION)
    title = None if row.get("title") is None else storable(row["title"], "title")
    archived, deleted = flag(row, "archived"), flag(row, "deleted")
    if version == 1:
        archived, deleted = False, archived
    after = name(row, "branched_after")
    return Heading(
        required(row, "id"), title, instant(row, "created_at"), archived, deleted, instant(row, "deleted_at"), after
    )


def _turn(row: Row, id: str, conversation: str | None, *, forgotten: bool) -> NewTurn:
    said_at = instant(row, "said_at")
    if said_at is None:
        raise FieldError('"said_at" is missing')
    return NewTurn(
        text(row, "text"),
        required(row, "speaker"),
        conversation,
        said_at,
        None if row.get("source_id") is None else storable(row["source_id"], "source_id"),
        _status(row),
        id,
        flag(row, "pinned"),
        forgotten,
        _revisions(row),
    )


def _status(row: Row) -> TurnStatus:
    value = row.get("status", "complete")
    if value == "complete":
        return "complete"
    if value == "partial":
        return "partial"
    raise FieldError('"status" must be "complete" or "partial"')


def _revisions(row: Row) -> tuple[Revision, ...]:
    values = [] if row.get("revisions") is None else a_list(row["revisions"], '"revisions"')
    return tuple(_revision(an_object(value, "a revision"), number) for number, value in enumerate(values))


def _revision(row: Row, number: int) -> Revision:
    checked(row, _REVISION)
    when = instant(row, "superseded_at")
    if when is None:
        raise FieldError('a revision without "superseded_at"')
    return Revision(number, text(row, "text"), when)
