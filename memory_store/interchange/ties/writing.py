"""Ties put into a store: steps of a transaction that an import began. What is there already is left as it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from memory_store.database.base import change_rows, plain_rows
from memory_store.episodic import judging
from memory_store.episodic.appending import Written
from memory_store.episodic.screening import Screening
from memory_store.interchange.ties.kinds import (
    Consolidated,
    Contradiction,
    DerivedFrom,
    Mark,
    Recalled,
    Search,
    Since,
    Tie,
)
from memory_store.journal.changes import Change
from memory_store.knowledge import conflicts, derived
from memory_store.learning import openings
from memory_store.records import NewTurn
from memory_store.schema import ledger, to_micros, turns

_LEDGER = "SELECT 1 FROM ledger WHERE reply_seq = ? LIMIT 1"
_SEARCHED = "SELECT 1 FROM openings WHERE memory_seq = ? AND query = ?"
_IS_NOTE = "SELECT 1 FROM turns WHERE seq = ? AND conversation_seq IS NULL"
_IS_DERIVED = "SELECT 1 FROM derived WHERE note_seq = ?"
_DONE = "INSERT INTO consolidated (turn_seq, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
_NAMED = "SELECT id, seq FROM turns WHERE id IN (@names)"


@dataclass(slots=True)
class Tied:
    """What came of some ties."""

    came: Counter[type[Tie]] = field(default_factory=Counter)
    """What was not there before, by kind."""
    alone: int = 0
    """Ties of a memory that is neither in the file nor here."""
    changes: list[Change] = field(default_factory=list)
    """What was changed of memories that were here before the import: the rest goes with the memories it came with."""


class Ties:
    """The ties of one import, on their way in."""

    def __init__(self, connection: Connection) -> None:
        self._newest = int(connection.execute(select(func.coalesce(func.max(turns.c.seq), 0))).scalar_one())
        """Memories up to this number were here before."""
        self._reworded: set[int] = set()
        """Memories that say something else here than in the file."""
        self._aliases: dict[str, str] = {}
        """Id in the file -> id here, of memories that were known by what they say."""

    def known(self, turn: NewTurn, here: Written) -> None:
        """A memory of the file is here already."""
        if turn.id is not None and turn.id != here.turn.id:
            self._aliases[turn.id] = here.turn.id
        if turn.text != here.turn.text:
            self._reworded.add(here.seq)

    def write(self, connection: Connection, ties: Sequence[Tie], screening: Screening) -> Tied:
        """Put them in."""
        did = Tied()
        seqs = self._named(connection, ties) if ties else {}
        for tie in ties:
            if isinstance(tie, Since):
                self._since(connection, tie, seqs)
            elif (here := _here(seqs, tie)) is None:
                did.alone += 1
            elif isinstance(tie, Recalled):
                did.came[Recalled] += self._recalled(connection, tie, here[0], seqs)
            elif isinstance(tie, Mark):
                self._mark(connection, tie, here, did)
            elif isinstance(tie, Search):
                did.came[Search] += _search(connection, tie, here[0], screening)
            elif isinstance(tie, Contradiction):
                self._contradiction(connection, tie, here, did)
            elif isinstance(tie, DerivedFrom):
                did.came[DerivedFrom] += _derived(connection, tie, here[0], seqs)
            else:
                change_rows(connection, _DONE, [(here[0], to_micros(tie.at))])
        return did

    def _named(self, connection: Connection, ties: Iterable[Tie]) -> dict[str, int]:
        """Number of each memory that these name and that is here, by its id in the file."""
        here = {name: self._aliases.get(name, name) for tie in ties for name in _ids(tie)}
        seqs = dict(plain_rows(connection, _NAMED, json.dumps(sorted(set(here.values())))))
        return {name: seqs[known] for name, known in here.items() if known in seqs}

    def _since(self, connection: Connection, tie: Since, seqs: Mapping[str, int]) -> None:
        seq = seqs.get(tie.memory, 0)
        if seq <= self._newest:
            return
        if tie.pinned_at is not None:
            pinned = (turns.c.seq == seq) & turns.c.pinned_at.is_not(None)
            connection.execute(update(turns).where(pinned).values(pinned_at=tie.pinned_at))
        if tie.forgotten_at is not None:
            forgotten = (turns.c.seq == seq) & turns.c.forgotten_at.is_not(None)
            connection.execute(update(turns).where(forgotten).values(forgotten_at=tie.forgotten_at))

    def _recalled(self, connection: Connection, tie: Recalled, reply: int, seqs: Mapping[str, int]) -> bool:
        if not tie.memories or plain_rows(connection, _LEDGER, reply):
            return False
        rows: list[dict[str, Any]] = [
            {
                "reply_seq": reply,
                "rank": one.rank,
                "memory_seq": seqs.get(one.memory),
                "memory_id": self._aliases.get(one.memory, one.memory),
                "score": one.score,
                "reasons": json.dumps(dict(one.reasons)),
                "in_prompt": int(one.in_prompt),
                "number": one.number,
                "cited": int(one.cited),
                "actor": tie.actor,
            }
            for one in tie.memories
        ]
        connection.execute(insert(ledger), rows)
        connection.execute(update(turns).where(turns.c.seq == reply).values(recorded_at=tie.at))
        return True

    def _mark(self, connection: Connection, tie: Mark, pair: tuple[int, ...], did: Tied) -> None:
        reply, memory = pair
        if judging.judged(connection, reply, memory) is None:
            changes = judging.judge(connection, reply, memory, tie.signal, tie.at)
            did.came[Mark] += 1
            did.changes += [] if self._came_with(pair) else changes

    def _contradiction(self, connection: Connection, tie: Contradiction, pair: tuple[int, ...], did: Tied) -> None:
        """The file's decision holds unless there is one here. What was found in other words is found no more."""
        older, newer = pair
        was, reworded = conflicts.state_of(connection, older, newer), bool(self._reworded.intersection(pair))
        if was is None and not (tie.state == "open" and reworded):
            parts = (None, None) if reworded else (tie.older_part, tie.newer_part)
            conflicts.put(connection, pair, tie.state, tie.why, parts, tie.found_at, tie.decided_at)
            did.came[Contradiction] += 1
        elif was == "open" != tie.state:
            changes = conflicts.rule(connection, older, newer, tie.state, tie.decided_at or tie.found_at)
            did.came[Contradiction] += 1
            did.changes += [] if self._came_with(pair) else changes

    def _came_with(self, pair: Sequence[int]) -> bool:
        """Whether one of these memories came with this import: what is taken back with it need not be kept twice."""
        return max(pair) > self._newest


def _here(seqs: Mapping[str, int], tie: Tie) -> tuple[int, ...] | None:
    """The numbers of the memories that a tie cannot do without; None: one of them is not here."""
    if isinstance(tie, Recalled):
        wanted: tuple[str, ...] = (tie.reply,)
    elif isinstance(tie, DerivedFrom):
        wanted = (tie.note,)
    else:
        wanted = _ids(tie)
    return tuple(seqs[name] for name in wanted) if all(name in seqs for name in wanted) else None


def _search(connection: Connection, tie: Search, memory: int, screening: Screening) -> bool:
    query = screening.words(tie.query)
    if plain_rows(connection, _SEARCHED, memory, query):
        return False
    openings.keep(connection, query, memory, tie.at)
    return True


def _derived(connection: Connection, tie: DerivedFrom, note: int, seqs: Mapping[str, int]) -> bool:
    if not plain_rows(connection, _IS_NOTE, note):
        return False
    known = plain_rows(connection, _IS_DERIVED, note)
    if not known:
        derived.keep(connection, note, tie.kind, tie.model, [seqs[one] for one in tie.sources if one in seqs], tie.at)
    return not known


def _ids(tie: Tie) -> tuple[str, ...]:
    """The memories that a tie names."""
    if isinstance(tie, Recalled):
        return (tie.reply, *(one.memory for one in tie.memories))
    if isinstance(tie, Mark):
        return tie.reply, tie.memory
    if isinstance(tie, Contradiction):
        return tie.older, tie.newer
    if isinstance(tie, DerivedFrom):
        return (tie.note, *tie.sources)
    return (tie.through,) if isinstance(tie, Consolidated) else (tie.memory,)
