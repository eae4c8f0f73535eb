"""From a query to candidate turns: the best of each channel, their neighbours, and what scoring must know of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store.addressing import Bools, Ints
from memory_store.database.base import plain_rows
from memory_store.lookups import among, distinct
from memory_store.recall.places import CONVERSATION, POSITION, SEQ, Places, placed

PER_CHANNEL = 150
NO_CONVERSATION = -1

_PLACE_BITS = 32
"""A place is a conversation's number and, in so many bits, a position: one integer to compare."""

_DURING = "SELECT seq FROM turns WHERE said_at >= ? AND said_at < ? ORDER BY said_at DESC LIMIT ?"
_FORGOTTEN = "SELECT seq FROM turns WHERE forgotten_at IS NOT NULL"
_DERIVED = "SELECT note_seq FROM derived"
_EXCLUDED = "SELECT seq FROM turns WHERE id IN (@names)"
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
    connection: Connection,
    exclude: Collection[str],
    as_of_micros: int | None,
    *,
    include_forgotten: bool,
    derived: bool = False,
    said_by: Ints | None = None,
) -> Scope:
    """The turns that may be recalled now. ``derived``: notes that a language model made, too. ``said_by``: the turns
    said by that instant, sorted, where they are known."""
    barred = list(plain_rows(connection, _EXCLUDED, json.dumps(list(exclude)))) if exclude else []
    if not include_forgotten:
        barred += plain_rows(connection, _FORGOTTEN)
    if not derived:
        barred += plain_rows(connection, _DERIVED)
    if as_of_micros is None:
        return Scope(_sorted(barred))
    if said_by is None:
        said_by = _sorted(plain_rows(connection, _SAID_BY, as_of_micros))
    return Scope(_sorted(barred), said_by)


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


def gather(connection: Connection, places: Places, seqs: Ints, where: Scope) -> Candidates:
    """These turns (sorted, each once) and their neighbours, as far as they may be recalled."""
    table = _with_neighbours(connection, places, seqs)
    stands = _stands(table)
    order = np.argsort(stands, kind="stable")  # they are sorted by number, and mostly written in order
    if where.limits:
        order = order[where.admits(table[order, SEQ])]
    found, conversations, _, sessions, speakers, said_at, standing, asks = table[order].T
    stands = stands[order]
    together = np.zeros(len(order), np.bool_)
    together[1:] = (conversations[1:] == conversations[:-1]) & (sessions[1:] == sessions[:-1])
    together &= conversations != NO_CONVERSATION
    joined = together.copy()
    joined[1:] &= stands[1:] - stands[:-1] == 1
    numbers = np.cumsum(~together, dtype=np.int64)  # a session's turns stand side by side in this order
    return Candidates(
        found, conversations, numbers, speakers, said_at, asks.astype(bool), standing.astype(bool), joined
    )


def around(seqs: Ints) -> Ints:
    """The numbers of these turns and of those written right before and after them, sorted."""
    return distinct(np.concatenate([seqs - 1, seqs, seqs + 1]))


def _with_neighbours(connection: Connection, places: Places, seqs: Ints) -> Ints:
    """The places of these turns, and of those before and after them in their conversations, each once.

    A neighbour was nearly always written right before or after, so one look at the numbers around finds most; only
    where conversations went on at the same time is a place looked up.
    """
    table = places.of(connection, around(seqs))
    stands = _stands(table)
    own = among(table[:, SEQ], seqs)
    talk = table[:, CONVERSATION] != NO_CONVERSATION
    beside = np.zeros(len(own) + 1, np.bool_)  # whether row i is the turn right after row i - 1
    beside[1:-1] = (stands[1:] - stands[:-1] == 1) & talk[1:]
    keep = own.copy()
    keep[1:] |= beside[1:-1] & own[:-1]
    keep[:-1] |= beside[1:-1] & own[1:]
    talk &= own
    wanted = np.concatenate(
        [stands[talk & ~beside[:-1] & (table[:, POSITION] > 0)] - 1, stands[talk & ~beside[1:]] + 1]
    )
    if not len(wanted):
        return table[keep]
    keep |= among(stands, np.sort(wanted))
    elsewhere = distinct(wanted[~among(wanted, np.sort(stands))])
    if not len(elsewhere):
        return table[keep]
    pairs = np.stack([elsewhere >> _PLACE_BITS, elsewhere & ((1 << _PLACE_BITS) - 1)], axis=1)
    return np.concatenate([table[keep], placed(connection, pairs.tolist())])


def _stands(table: Ints) -> Ints:
    """Where turns stand, as one number each: their order, and 1 more for the next in a conversation."""
    return np.asarray((table[:, CONVERSATION] << _PLACE_BITS) + table[:, POSITION], np.int64)
