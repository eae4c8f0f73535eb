"""Writing mneme's own format: everything a person would miss, one JSON object per line (docs/interchange.md).

The order of the lines is fixed by what they hold, and nothing in the file depends on when or where it was written: the
same memories always give the same bytes.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, select, true

from memory_store.episodic import reading
from memory_store.errors import StoreUnavailable
from memory_store.interchange.dates import to_iso
from memory_store.interchange.jsonl import FORMAT, VERSION, WITH_CONVERSATION
from memory_store.interchange.ties import exporting
from memory_store.schema import conversations, turns

if TYPE_CHECKING:
    from memory_store.store import MemoryStore

log = logging.getLogger(__name__)

_CONVERSATIONS = select(conversations).order_by(conversations.c.created_at, conversations.c.id)
_NOTES = reading.SELECT_TURNS.where(turns.c.conversation_seq.is_(None)).order_by(turns.c.said_at, turns.c.id)
_TURNS = reading.SELECT_TURNS.order_by(turns.c.position)


def export_file(store: MemoryStore, path: Path | str, *, forgotten: bool = False) -> int:
    """As :func:`export_jsonl`, to ``path``, which is replaced only when all is on the disk.

    The file is readable by its owner only. Raises StoreUnavailable when it cannot be written.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                count = export_jsonl(store, stream, forgotten=forgotten)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(target)
        except BaseException:  # also Ctrl+C: no half of a file is left behind
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreUnavailable(
            f"{target} cannot be written ({error.strerror or error}). Choose another place."
        ) from error
    return count


def export_jsonl(store: MemoryStore, stream: IO[str], *, forgotten: bool = False) -> int:
    """Write every memory as it is at this instant, with ``forgotten`` also those, and deleted conversations.

    Returns how many there are. It is noted in the audit, unless the disk cannot be written.
    """
    _write(stream, {"format": FORMAT, "version": VERSION})
    shown = true() if forgotten else turns.c.forgotten_at.is_(None)
    kept = true() if forgotten else conversations.c.deleted_at.is_(None)
    with store._database.read() as connection:
        threads = _trunks_first(connection.execute(_CONVERSATIONS.where(kept)).all())
        memories = 0
        for thread in threads:
            _write(stream, _conversation_line(connection, thread, shown))
            inside = _TURNS.where(turns.c.conversation_seq == thread.seq, shown)
            memories += _memories(connection, stream, connection.execute(inside), thread.deleted_at)
        memories += _memories(connection, stream, connection.execute(_NOTES.where(shown)), None)
        for tie in exporting.lines(connection, forgotten=forgotten):
            _write(stream, tie)
    _write(stream, {"type": "end", "conversations": len(threads), "memories": memories})
    try:
        store.note_act("export")
    except StoreUnavailable as error:  # a memory on a disk that cannot be written must be rescued all the same
        log.warning("the export is not in the audit: %s", error)
    return memories


def _memories(connection: Connection, stream: IO[str], rows: Iterable[Row[Any]], deleted_at: object) -> int:
    count = 0
    for row in rows:
        _write(stream, _memory_line(connection, row, deleted_at))
        count += 1
    return count


def _write(stream: IO[str], line: Mapping[str, Any]) -> None:
    stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def _trunks_first(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """In the order given, but each branch behind the conversation it shares its beginning with."""
    ordered: dict[int, Row[Any]] = {}
    waiting = {row.seq: row for row in rows}

    def put(row: Row[Any]) -> None:
        trunk = waiting.pop(row.branched_from, None)
        if trunk is not None:
            put(trunk)
        ordered[row.seq] = row

    for row in rows:
        if waiting.pop(row.seq, None) is not None:
            put(row)
    return list(ordered.values())


def _conversation_line(connection: Connection, row: Row[Any], shown: ColumnElement[bool]) -> dict[str, Any]:
    """A title is exported only when a person gave it; otherwise the first words are one, here as there."""
    line: dict[str, Any] = {"type": "conversation", "id": row.id}
    if row.title is not None:
        line["title"] = row.title
    line["created_at"] = to_iso(row.created_at)
    line |= {"archived": True} if row.archived_at is not None else {}
    line |= {"deleted": True, "deleted_at": to_iso(row.deleted_at)} if row.deleted_at is not None else {}
    after = None if row.branched_from is None else _last_shared(connection, row, shown)
    return line | ({} if after is None else {"branched_after": after})


def _last_shared(connection: Connection, row: Row[Any], shown: ColumnElement[bool]) -> str | None:
    """The last memory that is exported of those a branch shares; None when there is none."""
    shared = turns.c.conversation_seq == row.branched_from, turns.c.position <= row.branched_position, shown
    return connection.execute(
        select(turns.c.id).where(*shared).order_by(turns.c.position.desc()).limit(1)
    ).scalar_one_or_none()


def _memory_line(connection: Connection, row: Row[Any], deleted_at: object) -> dict[str, Any]:
    turn = reading.as_turn(row)
    line: dict[str, Any] = {"type": "memory", "id": turn.id, "conversation": turn.conversation_id}
    line |= {"speaker": turn.speaker, "text": turn.text, "said_at": to_iso(turn.said_at)}
    if turn.source_id is not None:
        line["source_id"] = turn.source_id
    if turn.status != "complete":
        line["status"] = turn.status
    if turn.pinned:
        line |= {"pinned": True, "pinned_at": to_iso(row.pinned_at)}
    if turn.forgotten and row.forgotten_at == deleted_at:
        line["forgotten"] = WITH_CONVERSATION
    elif turn.forgotten:
        line |= {"forgotten": True, "forgotten_at": to_iso(row.forgotten_at)}
    if turn.revision:
        past = reading.revisions_of(connection, row.seq)
        line["revisions"] = [{"text": old.text, "superseded_at": to_iso(old.superseded_at)} for old in past]
    return line
