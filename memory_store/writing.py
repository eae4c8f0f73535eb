"""Changes to words that are there, and what is kept beside them. Each is a step of a transaction the store began."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from memory_store import lexical
from memory_store.reading import SELECT_TURNS, seq_of, turns_by_seq
from memory_store.records import Recollection
from memory_store.schema import (
    acts,
    index_queue,
    ledger,
    revisions,
    turns,
    vectors,
)
from memory_store.standing import is_standing
from memory_store.words import accepted

_INSERT_QUEUE = insert(index_queue)


def write_ledger(
    connection: Connection,
    reply_seq: int,
    recalled: Sequence[Recollection],
    in_prompt: Collection[str],
    numbers: Mapping[str, int],
    cited: Collection[str],
) -> None:
    """Keep what was recalled for a reply, and after it what was cited without being recalled: a pinned memory.

    Those have score 0 and no reasons. Memories purged in the meantime keep their id only.
    """
    scored = {item.memory.id: (item.score, json.dumps(dict(item.reasons))) for item in recalled}
    pinned = sorted(set(cited) - scored.keys(), key=lambda name: numbers.get(name, 0))
    listed = scored | dict.fromkeys(pinned, (0.0, "{}"))
    if not listed:
        return
    found = connection.execute(select(turns.c.id, turns.c.seq).where(turns.c.id.in_(list(listed))))
    seqs: dict[str, int] = {row.id: row.seq for row in found}
    connection.execute(
        insert(ledger),
        [
            {
                "reply_seq": reply_seq,
                "rank": rank,
                "memory_seq": seqs.get(memory),
                "memory_id": memory,
                "score": score,
                "reasons": reasons,
                "in_prompt": int(memory in in_prompt or memory in numbers),
                "number": numbers.get(memory),
                "cited": int(memory in cited),
            }
            for rank, (memory, (score, reasons)) in enumerate(listed.items(), start=1)
        ],
    )


def reword(connection: Connection, seq: int, text: str, now: datetime) -> bool:
    """Supersede a wording; everything derived from the old one goes with it. False when nothing changed."""
    words = accepted(text)
    row = connection.execute(SELECT_TURNS.where(turns.c.seq == seq)).one()
    if row.text == words:
        return False
    _keep_revision(connection, seq, row.revision, row.text, now)
    connection.execute(
        update(turns)
        .where(turns.c.seq == seq)
        .values(text=words, revision=row.revision + 1, standing=int(is_standing(words)))
    )
    lexical.remove(connection, [_key(row)])
    lexical.add(connection, [(seq, lexical.key_of(words, row.name, row.said_at))])
    connection.execute(delete(vectors).where(vectors.c.turn_seq == seq))
    enqueue(connection, [seq], "upsert")
    note_act(connection, now, "edit", [row.id])
    return True


def _keep_revision(connection: Connection, seq: int, number: int, text: str, superseded_at: datetime) -> None:
    connection.execute(
        insert(revisions), {"turn_seq": seq, "revision": number, "text": text, "superseded_at": superseded_at}
    )


def _key(row: Row[Any]) -> tuple[int, str]:
    return row.seq, lexical.key_of(row.text, row.name, row.said_at)


def set_flag(connection: Connection, seqs: Sequence[int], column: str, value: datetime | None) -> None:
    """Pin, unpin, forget or restore: ``column`` is ``pinned_at`` or ``forgotten_at``."""
    for start in range(0, len(seqs), 5000):
        part = seqs[start : start + 5000]
        connection.execute(update(turns).where(turns.c.seq.in_(part)).values({column: value}))


def discard(connection: Connection, ids: Collection[str], now: datetime) -> None:
    """Forget turns that others replace. Raises UnknownId."""
    found = turns_by_seq(connection, [seq_of(connection, one) for one in ids])
    standing = {seq: turn.id for seq, turn in found.items() if not turn.forgotten}
    if standing:
        set_flag(connection, list(standing), "forgotten_at", now)
        note_act(connection, now, "discard", list(standing.values()))


def enqueue(connection: Connection, seqs: Iterable[int], op: str) -> None:
    """Ask the indexer to bring these turns up to date."""
    rows = [{"turn_seq": seq, "op": op} for seq in seqs]
    if rows:
        connection.execute(_INSERT_QUEUE, rows)


def note_act(connection: Connection, now: datetime, act: str, subjects: Sequence[str]) -> None:
    """An audit line: what was done to which ids, and when; never the words."""
    connection.execute(insert(acts), {"at": now, "act": act, "subjects": json.dumps(list(subjects))})
