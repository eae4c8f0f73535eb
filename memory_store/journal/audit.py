"""The audit: acts, and what was read into which prompt, in one list. The latter stands in the ledger already."""

from __future__ import annotations

import heapq
import json
import sys
from collections.abc import Iterator

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.journal.acts import READ, Act, AuditEntry, AuditFilter
from memory_store.journal.undoing import heads
from memory_store.schema import from_micros, to_micros

_READS = (
    "SELECT t.id, t.recorded_at, max(l.actor), CAST(@listed(l.memory_id) AS TEXT) FROM ledger l"
    " JOIN turns t ON t.seq = l.reply_seq WHERE l.in_prompt = 1{conditions}"
    " GROUP BY t.seq ORDER BY t.seq DESC LIMIT ?"
)
_READ_MEMORY = " AND (t.id = ? OR l.reply_seq IN (SELECT reply_seq FROM ledger WHERE memory_id = ? AND in_prompt = 1))"
_ACT_MEMORY = (
    " AND EXISTS (SELECT 1 FROM acts part, @subjects subject"
    " WHERE (part.seq = a.seq OR part.together = a.seq) AND subject.value = ?)"
)


def entries(connection: Connection, wanted: AuditFilter, limit: int | None) -> list[AuditEntry]:
    """What meets every condition of ``wanted``, newest first. ``wanted.memory``: a whole id, purged or not."""
    most = sys.maxsize if limit is None else limit
    both = heapq.merge(
        _acts(connection, wanted, most), _reads(connection, wanted, most), key=lambda entry: entry.at, reverse=True
    )
    return list(both)[:limit]


def _acts(connection: Connection, wanted: AuditFilter, most: int) -> Iterator[AuditEntry]:
    if wanted.kind == READ:
        return
    conditions, values = _within("a.at", wanted)
    for column, value in (("a.act", wanted.kind), ("a.actor", wanted.actor)):
        if value:
            conditions += f" AND {column} = ?"
            values.append(value)
    if wanted.memory:
        conditions += _ACT_MEMORY
        values.append(wanted.memory)
    for head in heads(connection, f"{conditions} ORDER BY a.seq DESC LIMIT ?", *values, most):
        yield _entry(head.act)


def _entry(act: Act) -> AuditEntry:
    return AuditEntry(act.at, act.kind, act.actor, act.subjects, act=act)


def _reads(connection: Connection, wanted: AuditFilter, most: int) -> Iterator[AuditEntry]:
    if wanted.kind not in ("", READ):
        return
    conditions, values = _within("t.recorded_at", wanted)
    if wanted.actor:
        conditions += " AND l.actor = ?"
        values.append(wanted.actor)
    if wanted.memory:
        conditions += _READ_MEMORY
        values += [wanted.memory, wanted.memory]
    for reply, at, actor, memories in plain_rows(connection, _READS.format(conditions=conditions), *values, most):
        yield AuditEntry(from_micros(at), READ, actor or "", tuple(json.loads(memories)), reply=reply)


def _within(column: str, wanted: AuditFilter) -> tuple[str, list[str | int]]:
    conditions = ""
    values: list[str | int] = []
    for sign, instant in ((">=", wanted.since), ("<", wanted.until)):
        if instant is not None:
            conditions += f" AND {column} {sign} ?"
            values.append(to_micros(instant))
    return conditions, values
