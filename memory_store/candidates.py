"""From a query to candidate turns: the best of each channel, their neighbours, and what scoring must know of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store.addressing import Bools, Floats, Ints
from memory_store.database import plain_rows

PER_CHANNEL = 150
NO_CONVERSATION = -1

_COLUMNS = (
    "t.seq, coalesce(t.conversation_seq, -1), t.position, t.session, t.speaker_seq, t.said_at,"
    " CASE WHEN substr(t.text, -3) LIKE '%?%' OR substr(t.text, -3) LIKE '%？%' THEN 1 ELSE 0 END, t.standing"
)
COLUMNS = 8
_DURING = "SELECT seq FROM turns WHERE said_at >= ? AND said_at < ? ORDER BY said_at DESC LIMIT ?"
_ROWS = (
    f"SELECT {_COLUMNS} FROM turns t WHERE t.seq IN (SELECT value FROM json_each(?))"
    f" UNION SELECT {_COLUMNS} FROM json_each(?) j JOIN turns b ON b.seq = j.value JOIN turns t"
    " ON t.conversation_seq = b.conversation_seq AND t.position IN (b.position - 1, b.position + 1)"
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

    def admits(self, seqs: Ints) -> Bools:
        """Shape (n,): whether each of ``seqs`` may be recalled."""
        inside = ~np.isin(seqs, self.barred) if len(self.barred) else np.ones(len(seqs), np.bool_)
        return inside if self.allowed is None else inside & np.isin(seqs, self.allowed)


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
    return np.unique(np.fromiter((row[0] for row in rows), np.int64, len(rows)))


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
    """These turns and their neighbours, as far as they may be recalled."""
    wanted = json.dumps(seqs.tolist())
    table = np.array(plain_rows(connection, _ROWS, wanted, wanted), np.int64).reshape(-1, COLUMNS)
    table = table[where.admits(table[:, 0])]
    table = table[np.lexsort((table[:, 0], table[:, 2], table[:, 1]))]
    found, conversations, positions, sessions, speakers, said_at, asks, standing = table.T
    joined = np.zeros(len(table), np.bool_)
    joined[1:] = (
        (np.diff(conversations) == 0)
        & (np.diff(sessions) == 0)
        & (np.diff(positions) == 1)
        & (conversations[1:] != NO_CONVERSATION)
    )
    numbers = _session_numbers(conversations, sessions)
    return Candidates(
        found, conversations, numbers, speakers, said_at, asks.astype(bool), standing.astype(bool), joined
    )


def _session_numbers(conversations: Ints, sessions: Ints) -> Ints:
    alone = conversations == NO_CONVERSATION
    keys = np.stack([np.where(alone, -1 - np.arange(len(alone)), conversations), sessions])
    _, numbers = np.unique(keys, axis=1, return_inverse=True)
    return np.asarray(numbers, np.int64).reshape(-1)


def lookup(seqs: Ints, known: Ints, values: Floats, missing: float = 0.0) -> Floats:
    """``values`` of ``seqs``, where ``known`` (sorted) holds them; else ``missing``."""
    if not len(known):
        return np.full(len(seqs), missing)
    place = np.minimum(np.searchsorted(known, seqs), len(known) - 1)
    return np.where(known[place] == seqs, values[place], missing)
