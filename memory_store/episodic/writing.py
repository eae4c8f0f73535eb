"""Changes to words that are there, and what is kept beside them. Each is a step of a transaction the store began."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from memory_store.database.base import change_rows, plain_rows
from memory_store.episodic import lexical
from memory_store.episodic.reading import SELECT_TURNS
from memory_store.journal.changes import Change, Flagged, Reworded, ranges
from memory_store.knowledge import conflicts
from memory_store.knowledge.derived import going_along
from memory_store.language.standing import is_standing
from memory_store.language.words import accepted
from memory_store.records import Recollection
from memory_store.schema import (
    index_queue,
    ledger,
    revisions,
    to_micros,
    turns,
)
from memory_store.schema import vectors as vectors_table
from memory_store.semantic import vectors

_INSERT_QUEUE = insert(index_queue)
_FLAGS = "SELECT seq, {column} FROM turns WHERE seq IN (@numbers)"
_SET_FLAG = "UPDATE turns SET {column} = ? WHERE seq IN (@numbers)"


def write_ledger(
    connection: Connection,
    reply_seq: int,
    recalled: Sequence[Recollection],
    in_prompt: Collection[str],
    numbers: Mapping[str, int],
    cited: Collection[str],
    actor: str,
) -> None:
    """Keep what was recalled for a reply, and after it what stood in its prompt without being recalled: what is pinned.

    Those have score 0 and no reasons. Memories purged in the meantime keep their id only.
    """
    scored = {item.memory.id: (item.score, json.dumps(dict(item.reasons))) for item in recalled}
    pinned = sorted({*numbers, *cited} - scored.keys(), key=lambda name: numbers.get(name, 0))
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
                "actor": actor,
            }
            for rank, (memory, (score, reasons)) in enumerate(listed.items(), start=1)
        ],
    )


def reword(connection: Connection, seq: int, text: str, now: datetime) -> list[Change]:
    """Supersede a wording; everything derived from the old one goes with it. No change when the words are the same."""
    words = accepted(text)
    row = connection.execute(SELECT_TURNS.where(turns.c.seq == seq)).one()
    if row.text == words:
        return []
    _keep_revision(connection, seq, row.revision, row.text, now)
    connection.execute(
        update(turns)
        .where(turns.c.seq == seq)
        .values(text=words, revision=row.revision + 1, standing=int(is_standing(words)))
    )
    lexical.remove(connection, [_key(row)])
    lexical.add(connection, [(seq, lexical.key_of(words, row.name, row.said_at))])
    connection.execute(delete(vectors_table).where(vectors_table.c.turn_seq == seq))
    vectors.new_epoch(connection)
    conflicts.reworded(connection, seq)
    enqueue(connection, [seq], "upsert")
    drawn = going_along(connection, [seq], hiding=True)  # they say what it said before
    # Undone, the wording comes first: a rewording hides them.
    return [*set_flag(connection, drawn, "forgotten_at", now), Reworded(seq, row.revision, row.revision + 1)]


def _keep_revision(connection: Connection, seq: int, number: int, text: str, superseded_at: datetime) -> None:
    connection.execute(
        insert(revisions), {"turn_seq": seq, "revision": number, "text": text, "superseded_at": superseded_at}
    )


def _key(row: Row[Any]) -> tuple[int, str]:
    return row.seq, lexical.key_of(row.text, row.name, row.said_at)


def set_flag(connection: Connection, seqs: Sequence[int], column: str, value: datetime | None) -> list[Change]:
    """Pin, unpin, forget or restore: ``column`` is ``pinned_at`` or ``forgotten_at``. What that changed.

    What a model derived from these turns is forgotten and restored with them."""
    wanted = None if value is None else to_micros(value)
    if column == "forgotten_at":
        seqs = [*seqs, *going_along(connection, seqs, hiding=value is not None)]
    numbers = json.dumps(list(seqs))
    before: dict[int | None, list[int]] = {}
    for seq, was in plain_rows(connection, _FLAGS.format(column=column), numbers):
        if was != wanted:
            before.setdefault(was, []).append(seq)
    change_rows(connection, _SET_FLAG.format(column=column), [(wanted, numbers)])
    return [Flagged(column, was, wanted, ranges(changed)) for was, changed in before.items()]


def enqueue(connection: Connection, seqs: Iterable[int], op: str) -> None:
    """Ask the indexer to bring these turns up to date."""
    rows = [{"turn_seq": seq, "op": op} for seq in seqs]
    if rows:
        connection.execute(_INSERT_QUEUE, rows)
