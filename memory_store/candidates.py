"""From a query to candidate turns: the best of each channel, their neighbours, and what scoring must know of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store.addressing import Bools, Floats, Ints
from memory_store.database import plain_rows
from memory_store.lexical import among, distinct

PER_CHANNEL = 150
NO_CONVERSATION = -1

_COLUMNS = (
    "t.seq, coalesce(t.conversation_seq, -1), t.position, t.session, t.speaker_seq, t.said_at, t.standing,"
    " substr(CAST(t.text AS BLOB), -9)"  # as bytes: of a text, SQLite counts every character to find the last three
)
NUMBERS = 7
"""How many of the columns are numbers; the last is the end of the text."""

_PLACE_BITS = 32
"""A place is a conversation's number and, in so many bits, a position: one integer to compare."""

_DURING = "SELECT seq FROM turns WHERE said_at >= ? AND said_at < ? ORDER BY said_at DESC LIMIT ?"
_ROWS = f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN turns t ON t.seq = j.value"
_PLACED = (
    f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN turns t"
    " ON t.conversation_seq = j.value ->> 0 AND t.position = j.value ->> 1"
)
_FORGOTTEN = "SELECT seq FROM turns WHERE forgotten_at IS NOT NULL"
_EXCLUDED = "SELECT seq FROM turns WHERE id IN (SELECT value FROM json_each(?))"
_SAID_BY = "SELECT seq FROM turns WHERE said_at <= ?"


@dataclass(frozen=True, slots=True)
class Candidates:
    """n turns, in the order of their conversations. All arrays have shape (n,)."""

    seqs: Ints
    conversations: Ints
    sessions: Ints
    """A number per conversation and session; notes stand alone."""
    speakers: Ints
    said_at: Ints
    asks: Bools
    """Whether the turn ends in a question."""
    standing: Bools
    """Whether it is an instruction or a preference."""
    follows: Bools
    """Whether it comes right after the candidate before it, in one session."""

    def __len__(self) -> int:
        return len(self.seqs)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which turns may be recalled. ``barred`` and ``allowed`` are sorted; ``allowed`` None means all."""

    barred: Ints
    allowed: Ints | None = None

    @property
    def limits(self) -> bool:
        """Whether there is a turn that may not be recalled."""
        return bool(len(self.barred)) or self.allowed is not None

    def admits(self, seqs: Ints) -> Bools:
        """Shape (n,): whether each of ``seqs`` may be recalled."""
        inside = ~among(seqs, self.barred)
        return inside if self.allowed is None else inside & among(seqs, self.allowed)


def scope(
    connection: Connection, exclude: Collection[str], as_of_micros: int | None, *, include_forgotten: bool
) -> Scope:
    """The turns that may be recalled now."""
    barred = list(plain_rows(connection, _EXCLUDED, json.dumps(list(exclude)))) if exclude else []
    if not include_forgotten:
        barred += plain_rows(connection, _FORGOTTEN)
    if as_of_micros is None:
        return Scope(_sorted(barred))
    return Scope(_sorted(barred), _sorted(plain_rows(connection, _SAID_BY, as_of_micros)))


def _sorted(rows: Sequence[tuple[int, ...]]) -> Ints:
    return distinct(np.fromiter((row[0] for row in rows), np.int64, len(rows)))


def best(seqs: Ints, scores: NDArray[np.floating], limit: int = PER_CHANNEL) -> Ints:
    """The ``limit`` best of ``seqs``, in no particular order."""
    if len(seqs) <= limit:
        return seqs
    return np.asarray(seqs[np.argpartition(-scores, limit)[:limit]], np.int64)


def said_during(connection: Connection, times: Sequence[tuple[int, int]]) -> Ints:
    """The newest turns said in each of these intervals (microseconds): what "what did I say last week" asks for."""
    rows = [row for start, end in times for row in plain_rows(connection, _DURING, start, end, PER_CHANNEL)]
    return _sorted(rows)


def gather(connection: Connection, seqs: Ints, where: Scope) -> Candidates:
    """These turns (sorted) and their neighbours, as far as they may be recalled."""
    table, asks = _with_neighbours(connection, seqs)
    order = np.lexsort((table[:, 0], table[:, 2], table[:, 1]))
    order = order[where.admits(table[order, 0])]
    found, conversations, positions, sessions, speakers, said_at, standing = table[order].T
    together = np.zeros(len(order), np.bool_)
    together[1:] = (np.diff(conversations) == 0) & (np.diff(sessions) == 0) & (conversations[1:] != NO_CONVERSATION)
    joined = together.copy()
    joined[1:] &= np.diff(positions) == 1
    numbers = np.cumsum(~together, dtype=np.int64)  # a session's turns stand side by side in this order
    return Candidates(found, conversations, numbers, speakers, said_at, asks[order], standing.astype(bool), joined)


def _with_neighbours(connection: Connection, seqs: Ints) -> tuple[Ints, Bools]:
    """These turns, and those before and after them in their conversations, each once: :data:`_COLUMNS`, and who asks.

    A neighbour was nearly always written right before or after, so one look at the numbers around finds most; only
    where conversations went on at the same time is a place looked up.
    """
    around = distinct(np.concatenate([seqs - 1, seqs, seqs + 1]))
    table, asks = _table(plain_rows(connection, _ROWS, json.dumps(around.tolist())))
    places = (table[:, 1] << _PLACE_BITS) + table[:, 2]
    own = among(table[:, 0], seqs)
    placed = own & (table[:, 1] != NO_CONVERSATION)
    beside = distinct(np.concatenate([places[placed & (table[:, 2] > 0)] - 1, places[placed] + 1]))
    keep = own | among(places, beside)
    elsewhere = beside[~among(beside, np.sort(places))]
    if not len(elsewhere):
        return table[keep], asks[keep]
    wanted = np.stack([elsewhere >> _PLACE_BITS, elsewhere & ((1 << _PLACE_BITS) - 1)], axis=1)
    more, more_ask = _table(plain_rows(connection, _PLACED, json.dumps(wanted.tolist())))
    return np.concatenate([table[keep], more]), np.concatenate([asks[keep], more_ask])


def _table(rows: Sequence[tuple[Any, ...]]) -> tuple[Ints, Bools]:
    columns = [*zip(*rows, strict=True)]
    if not columns:
        return np.empty((0, NUMBERS), np.int64), np.empty(0, np.bool_)
    asks = np.array([_asks(tail) for tail in columns[NUMBERS]], np.bool_)
    return np.array(columns[:NUMBERS], np.int64).T, asks


def _asks(tail: bytes) -> bool:
    """Whether the last bytes of a text hold a question mark among its last three characters."""
    if b"?" not in tail and b"\xef\xbc\x9f" not in tail:
        return False
    last = tail.decode("utf-8", "ignore")[-3:]
    return "?" in last or "？" in last


def lookup(seqs: Ints, known: Ints, values: NDArray[np.floating], missing: float = 0.0) -> Floats:
    """``values`` of ``seqs``, where ``known`` (sorted) holds them; else ``missing``."""
    if not len(known):
        return np.full(len(seqs), missing)
    place = np.minimum(np.searchsorted(known, seqs), len(known) - 1)
    return np.where(known[place] == seqs, values[place].astype(np.float64), missing)
