"""The lines of all ties between memories that are exported, ordered by the ids of these, so that the same memories give
the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, or_, select, true

from memory_store.interchange.dates import to_iso
from memory_store.schema import conflicts, consolidated, derivations, derived, feedback, ledger, openings, turns

Line = dict[str, Any]


def lines(connection: Connection, *, forgotten: bool) -> Iterator[Line]:
    """``forgotten``: also those of forgotten memories."""
    for kind in (_recalled, _marks, _searches, _contradictions, _derived, _consolidated):
        yield from kind(connection, forgotten)


def _shown(one: FromClause, forgotten: bool) -> ColumnElement[bool]:
    return true() if forgotten else one.c.forgotten_at.is_(None)


def _recalled(connection: Connection, forgotten: bool) -> Iterator[Line]:
    """What was purged keeps its id, here as in the ledger."""
    reply, memory = turns.alias("reply"), turns.alias("memory")
    joined = ledger.join(reply, reply.c.seq == ledger.c.reply_seq)
    joined = joined.outerjoin(memory, memory.c.seq == ledger.c.memory_seq)
    rows = connection.execute(
        select(ledger, reply.c.id.label("reply"), reply.c.recorded_at)
        .select_from(joined)
        .where(_shown(reply, forgotten), or_(memory.c.seq.is_(None), _shown(memory, forgotten)))
        .order_by(reply.c.id, ledger.c.rank)
    )
    for named, group in groupby(rows, lambda row: row.reply):
        given = list(group)
        line = {"type": "recalled", "reply": named, "at": to_iso(given[0].recorded_at)}
        line |= {"actor": given[0].actor} if given[0].actor else {}
        yield line | {"memories": [_given(row) for row in given]}


def _given(row: Row[Any]) -> Line:
    line = {"id": row.memory_id, "rank": row.rank, "score": row.score, "reasons": json.loads(row.reasons)}
    line |= {"in_prompt": True} if row.in_prompt else {}
    line |= {} if row.number is None else {"number": row.number}
    return line | ({"cited": True} if row.cited else {})


def _marks(connection: Connection, forgotten: bool) -> Iterator[Line]:
    reply, memory = turns.alias("reply"), turns.alias("memory")
    joined = feedback.join(reply, reply.c.seq == feedback.c.reply_seq).join(
        memory, memory.c.seq == feedback.c.memory_seq
    )
    for row in connection.execute(
        select(feedback, reply.c.id.label("reply"), memory.c.id.label("memory"))
        .select_from(joined)
        .where(_shown(reply, forgotten), _shown(memory, forgotten))
        .order_by(reply.c.id, memory.c.id)
    ):
        yield {"type": "mark", "reply": row.reply, "memory": row.memory, "signal": row.signal, "at": to_iso(row.at)}


def _searches(connection: Connection, forgotten: bool) -> Iterator[Line]:
    memory = turns.alias("memory")
    for row in connection.execute(
        select(openings, memory.c.id)
        .select_from(openings.join(memory, memory.c.seq == openings.c.memory_seq))
        .where(_shown(memory, forgotten))
        .order_by(memory.c.id, openings.c.query)
    ):
        yield {"type": "search", "memory": row.id, "query": row.query, "at": to_iso(row.at)}


def _contradictions(connection: Connection, forgotten: bool) -> Iterator[Line]:
    older, newer = turns.alias("older"), turns.alias("newer")
    joined = conflicts.join(older, older.c.seq == conflicts.c.older_seq).join(
        newer, newer.c.seq == conflicts.c.newer_seq
    )
    for row in connection.execute(
        select(conflicts, older.c.id.label("older"), newer.c.id.label("newer"))
        .select_from(joined)
        .where(_shown(older, forgotten), _shown(newer, forgotten))
        .order_by(older.c.id, newer.c.id)
    ):
        line = {"type": "contradiction", "older": row.older, "newer": row.newer, "state": row.state, "why": row.why}
        if row.older_start is not None:
            line["older_part"] = [row.older_start, row.older_length]
        if row.newer_start is not None:
            line["newer_part"] = [row.newer_start, row.newer_length]
        line["found_at"] = to_iso(row.found_at)
        yield line | ({} if row.decided_at is None else {"decided_at": to_iso(row.decided_at)})


def _derived(connection: Connection, forgotten: bool) -> Iterator[Line]:
    note, source = turns.alias("note"), turns.alias("source")
    joined = derived.join(note, note.c.seq == derived.c.note_seq)
    joined = joined.outerjoin(derivations, derivations.c.note_seq == derived.c.note_seq)
    joined = joined.outerjoin(source, source.c.seq == derivations.c.source_seq)
    rows = connection.execute(
        select(derived, note.c.id, source.c.id.label("source"), source.c.forgotten_at)
        .select_from(joined)
        .where(_shown(note, forgotten))
        .order_by(note.c.id, source.c.id)
    )
    for named, group in groupby(rows, lambda row: row.id):
        drawn = list(group)
        first = drawn[0]
        line = {"type": "derived", "note": named, "kind": first.kind, "model": first.model, "at": to_iso(first.at)}
        yield line | {"sources": _sources(drawn, forgotten)}


def _sources(rows: Iterable[Row[Any]], forgotten: bool) -> list[str]:
    return [row.source for row in rows if row.source is not None and (forgotten or row.forgotten_at is None)]


def _consolidated(connection: Connection, forgotten: bool) -> Iterator[Line]:
    turn = turns.alias("turn")
    for row in connection.execute(
        select(consolidated.c.at, turn.c.id)
        .select_from(consolidated.join(turn, turn.c.seq == consolidated.c.turn_seq))
        .where(_shown(turn, forgotten))
        .order_by(turn.c.id)
    ):
        yield {"type": "consolidated", "through": row.id, "at": to_iso(row.at)}
