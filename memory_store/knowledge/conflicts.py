"""Conflicts as the database keeps them: a link from an older memory to the newer one that contradicts it.

Steps of a transaction that the store began. A link holds numbers, places in texts and a state, never words: it goes
with either of its memories when that is purged, and while it is open with either of them when that is reworded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, get_args

from sqlalchemy import Connection

from memory_store.database.base import change_rows, plain_rows
from memory_store.episodic.reading import turns_by_seq
from memory_store.errors import AmbiguousId, InvalidInput, UnknownId
from memory_store.ids import ALPHABET, LENGTH
from memory_store.journal.changes import Change, Ruled
from memory_store.knowledge.clashing import Clash
from memory_store.records import Conflict, ConflictState, Turn
from memory_store.schema import from_micros, to_micros

STANDING: tuple[ConflictState, ...] = ("open", "newer")
"""States in which the older memory counts as superseded."""

_COLUMNS = (
    "x.id, x.older_seq, x.newer_seq, x.state, x.why, x.older_start, x.older_length, x.newer_start, x.newer_length,"
    " x.found_at, x.decided_at"
)
_JOINED = "FROM conflicts x JOIN turns o ON o.seq = x.older_seq JOIN turns n ON n.seq = x.newer_seq"
_SHOWN = " o.forgotten_at IS NULL AND n.forgotten_at IS NULL"
_INSERT = (
    "INSERT INTO conflicts (older_seq, newer_seq, id, state, why, older_start, older_length, newer_start,"
    " newer_length, found_at) VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_PUT = (
    "INSERT INTO conflicts (older_seq, newer_seq, id, state, why, older_start, older_length, newer_start, newer_length,"
    " found_at, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_STATE = "SELECT state FROM conflicts WHERE older_seq = ? AND newer_seq = ?"
_RULE = "UPDATE conflicts SET state = ?, decided_at = ? WHERE older_seq = ? AND newer_seq = ?"
_REWORDED = "DELETE FROM conflicts WHERE state = 'open' AND ? IN (older_seq, newer_seq)"
_UNPLACE = (
    "UPDATE conflicts SET older_start = NULL, older_length = NULL, newer_start = NULL, newer_length = NULL"
    " WHERE ? IN (older_seq, newer_seq)"
)
_SUCCESSORS = (
    f"SELECT x.older_seq, x.newer_seq, n.said_at {_JOINED} JOIN (@numbers) j ON j.value = x.older_seq"
    " WHERE x.state IN ('open', 'newer') AND n.forgotten_at IS NULL AND n.said_at <= ? ORDER BY n.said_at, x.newer_seq"
)
ANY_TIME = 2**62


def mark(connection: Connection, older: tuple[int, Turn], newer: tuple[int, Turn], found: Clash, now: datetime) -> None:
    """Keep what was found; a pair that is known, also as dismissed, is left as it is. Each: inner number, memory."""
    row = (older[0], newer[0], _id_of(older[1], newer[1]), found.why, *found.older, *found.newer, to_micros(now))
    change_rows(connection, _INSERT, [row])


def put(
    connection: Connection,
    pair: Sequence[int],
    state: ConflictState,
    why: str,
    parts: tuple[tuple[int, int] | None, tuple[int, int] | None],
    found_at: datetime,
    decided_at: datetime | None,
) -> None:
    """Keep what was found, and perhaps decided, elsewhere, of a pair that no link is known of: older, newer."""
    named = turns_by_seq(connection, pair)
    older, newer = pair
    decided = None if decided_at is None else to_micros(decided_at)
    places = [place for part in parts for place in part or (None, None)]
    row = (older, newer, _id_of(named[older], named[newer]), state, why, *places, to_micros(found_at), decided)
    change_rows(connection, _PUT, [row])


def _id_of(older: Turn, newer: Turn) -> str:
    """The same for the same pair, whichever process finds it first."""
    bits = int.from_bytes(sha256(f"{older.id} {newer.id}".encode()).digest()[:8])
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(LENGTH))


def listed(
    connection: Connection, states: Collection[ConflictState], *, memory: int | None = None, limit: int | None = None
) -> list[Conflict]:
    """Conflicts in these states between memories that are not forgotten, the newest newer memory first."""
    about = "" if memory is None else " AND ? IN (x.older_seq, x.newer_seq)"
    values: list[str | int | None] = [
        json.dumps([*states]),
        *([] if memory is None else [memory]),
        sys.maxsize if limit is None else limit,
    ]
    condition = f" WHERE x.state IN (@names) AND {_SHOWN}{about}"
    order = " ORDER BY n.said_at DESC, n.seq DESC, o.said_at DESC LIMIT ?"
    return _records(connection, plain_rows(connection, f"SELECT {_COLUMNS} {_JOINED}{condition}{order}", *values))


def by_ids(connection: Connection, ids: Collection[str]) -> dict[str, Conflict]:
    """Those of these that there are, by their ids."""
    rows = plain_rows(connection, f"SELECT {_COLUMNS} {_JOINED} WHERE x.id IN (@names)", json.dumps([*ids]))
    return {found.id: found for found in _records(connection, rows)}


def pair_of(connection: Connection, id: str) -> tuple[int, int]:
    """The numbers of both memories of the conflict that is, or whose id uniquely begins with, ``id``.

    Raises UnknownId, AmbiguousId.
    """
    most = "{"  # behind every letter of an id
    found = plain_rows(
        connection, "SELECT older_seq, newer_seq, id FROM conflicts WHERE id >= ? AND id < ? LIMIT 3", id, id + most
    )
    exact = [row for row in found if row[2] == id]
    if len(id) < 4 and not exact:
        found = []
    if len(exact or found) > 1:
        raise AmbiguousId(f"More than one contradiction begins with '{id}'. Give more of the id.")
    if not found:
        raise UnknownId(f"There is no contradiction '{id[:40]}'. See 'mneme memory conflicts'.")
    older, newer, _ = (exact or found)[0]
    return int(older), int(newer)


def of_pair(connection: Connection, older: int, newer: int) -> Conflict:
    """The record of a pair that is known to be there."""
    rows = plain_rows(
        connection, f"SELECT {_COLUMNS} {_JOINED} WHERE x.older_seq = ? AND x.newer_seq = ?", older, newer
    )
    return _records(connection, rows)[0]


def state_of(connection: Connection, older: int, newer: int) -> str | None:
    """None: there is no such link."""
    found = plain_rows(connection, _STATE, older, newer)
    return str(found[0][0]) if found else None


def rule(connection: Connection, older: int, newer: int, state: str, now: datetime) -> list[Change]:
    """Put a conflict into another state; what that changed. Raises InvalidInput for a state that there is not."""
    if state not in get_args(ConflictState):
        raise InvalidInput(f"A contradiction is {', '.join(get_args(ConflictState))}.")
    was = state_of(connection, older, newer)
    if was is None or was == state:
        return []
    decided = None if state == "open" else to_micros(now)
    change_rows(connection, _RULE, [(state, decided, older, newer)])
    return [Ruled(older, newer, was, state)]


def reworded(connection: Connection, seq: int) -> None:
    """A memory has other words: what was found in the old ones goes, what the user decided stays."""
    change_rows(connection, _REWORDED, [(seq,)])
    change_rows(connection, _UNPLACE, [(seq,)])


def successors(connection: Connection, seqs: Iterable[int], by: datetime | None = None) -> dict[int, list[int]]:
    """Number of each of these memories that is superseded -> of those that supersede it, the newest last.

    ``by``: only by what was said by then.
    """
    found: dict[int, list[int]] = {}
    until = ANY_TIME if by is None else to_micros(by)
    for older, newer, _ in plain_rows(connection, _SUCCESSORS, json.dumps([*seqs]), until):
        found.setdefault(older, []).append(newer)
    return found


def _records(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[Conflict]:
    named = turns_by_seq(connection, {seq for row in rows for seq in row[1:3]})
    return [
        Conflict(
            id=row[0],
            older=named[row[1]],
            newer=named[row[2]],
            state=row[3],
            why=row[4],
            older_value=_part(named[row[1]].text, row[5], row[6]),
            newer_value=_part(named[row[2]].text, row[7], row[8]),
            found_at=from_micros(row[9]),
            decided_at=None if row[10] is None else from_micros(row[10]),
        )
        for row in rows
    ]


def _part(text: str, start: int | None, length: int | None) -> str:
    return "" if start is None or length is None else text[start : start + length]
