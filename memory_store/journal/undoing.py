"""Which act is taken back next, and the taking back itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.episodic import conversing, reading
from memory_store.errors import CannotUndo
from memory_store.journal.acts import REDO, SHOWN, UNDO, Act, TakenBack, Way
from memory_store.journal.changes import Change, conversations_of, from_json, turns_of
from memory_store.journal.keeping import Journal
from memory_store.journal.reversing import Reversal, reverse
from memory_store.schema import from_micros

FINAL = ("purge",)
"""Acts that cannot be taken back and are not passed over: who undoes after one means it."""

# Each act with the last time that it was taken back or done again.
_HEADS = (
    "SELECT a.seq, a.at, a.act, a.actor, a.subjects, a.changes, a.original, last.act, last.seq, last.changes"
    " FROM acts a LEFT JOIN acts last ON last.seq = (SELECT max(seq) FROM acts WHERE original = a.seq)"
    " WHERE a.together IS NULL"
)
_PARTS = "SELECT subjects, changes FROM acts WHERE together = ? ORDER BY seq"
_PURGED = (
    "SELECT DISTINCT value FROM acts, @subjects subject WHERE act = 'purge' AND value NOT IN (SELECT id FROM turns)"
)
_BACKWARDS = (
    "SELECT seq, act, actor, original, together, changes <> '[]' FROM acts WHERE seq < ? ORDER BY seq DESC LIMIT 200"
)


@dataclass(frozen=True, slots=True)
class Head:
    """An act with all its parts, and what undoing it (or its undo) has to reverse."""

    act: Act
    changes: tuple[Change, ...]


def head_of(connection: Connection, row: Sequence[Any]) -> Head:
    """A row of :data:`_HEADS`."""
    seq, at, kind, actor, subjects, changes, original, last, _, last_changes = row
    parts = plain_rows(connection, _PARTS, seq)
    ids = dict.fromkeys([*json.loads(subjects), *(one for part in parts for one in json.loads(part[0]))])
    made = from_json(changes) + tuple(change for part in parts for change in from_json(part[1]))
    able = bool(made) and original is None
    act = Act(seq, from_micros(at), kind, actor, tuple(ids), able, last == UNDO, original)
    return Head(act, made if last is None else from_json(last_changes))


def heads(connection: Connection, condition: str, *values: str | int | None) -> list[Head]:
    """Acts that meet ``condition``, SQL that goes on after a WHERE."""
    return [head_of(connection, row) for row in plain_rows(connection, _HEADS + condition, *values)]


def take_back(
    connection: Connection, journal: Journal, way: Way, now: datetime, *, number: int | None, actor: str
) -> TakenBack | None:
    """Undo or redo one act: number ``number``, else the last there is (of ``actor``). None: there is none.

    Raises CannotUndo.
    """
    head = _next(connection, way, actor) if number is None else _numbered(connection, number, way)
    if head is None:
        return None
    _possible(head.act)
    result = reverse(connection, head.changes, now)
    _whole(connection, head, result)
    journal.note(connection, way, now, head.act.subjects, result.made, head.act.number)
    return _taken_back(connection, head.act, result)


def next_act(connection: Connection, way: Way, actor: str) -> Act | None:
    """The last act (of ``actor``) that an undo would take back, or a redo would do again."""
    head = _next(connection, way, actor)
    return None if head is None else head.act


def _next(connection: Connection, way: Way, actor: str) -> Head | None:
    number = _last_standing(connection, actor) if way == UNDO else _last_undone(connection, actor)
    return None if number is None else heads(connection, " AND a.seq = ?", number)[0]


def _last_standing(connection: Connection, actor: str) -> int | None:
    """The last act that stands, a redo counting as the act that it did again. Read backwards, as far as needed."""
    settled: set[int] = set()
    with_changes: set[int] = set()
    for seq, act, by, original, together, changed in _backwards(connection):
        if together is not None:
            with_changes |= {together} if changed else set()
        elif original is not None:
            if original not in settled and act == REDO and _by(connection, original, actor):
                return original
            settled.add(original)
        elif seq not in settled and (changed or act in FINAL or seq in with_changes) and actor in ("", by):
            return seq
    return None


def _last_undone(connection: Connection, actor: str) -> int | None:
    """The act that was undone last and not done again since."""
    settled: set[int] = set()
    for _, act, _, original, _, _ in _backwards(connection):
        if original is not None and original not in settled:
            if act == UNDO and _by(connection, original, actor):
                return original
            settled.add(original)
    return None


def _backwards(connection: Connection) -> Iterator[tuple[int, str, str, int | None, int | None, bool]]:
    """Rows of the journal, the newest first: number, act, actor, original, together, whether it changed anything."""
    last = sys.maxsize
    while rows := plain_rows(connection, _BACKWARDS, last):
        yield from rows
        last = rows[-1][0]


def _by(connection: Connection, number: int, actor: str) -> bool:
    return not actor or plain_rows(connection, "SELECT actor FROM acts WHERE seq = ?", number)[0][0] == actor


def _numbered(connection: Connection, number: int, way: Way) -> Head:
    found = heads(connection, " AND a.seq = ?", number)
    if not found:
        raise CannotUndo(f"There is no act {number}. See 'mneme memory audit'.")
    act = found[0].act
    if act.original is not None:
        raise CannotUndo(f"Act {number} is itself an {act.kind}, of act {act.original}: give that number.")
    if act.undone and way == UNDO:
        raise CannotUndo(f"Act {number} has been taken back already. 'mneme undo --redo --act {number}' does it again.")
    if not act.undone and way == REDO:
        raise CannotUndo(f"Act {number} stands: there is nothing to do again.")
    return found[0]


def _possible(act: Act) -> None:
    if act.undoable:
        return
    what = f"Act {act.number} ({described(act)})"
    if act.kind in FINAL:
        raise CannotUndo(f"{what} erased for good: it cannot be taken back. 'mneme undo --act N' takes an earlier one.")
    raise CannotUndo(f"{what} changed nothing that could be taken back.")


def _whole(connection: Connection, head: Head, result: Reversal) -> None:
    """Raises CannotUndo unless everything that is still there could be changed back."""
    what = f"Act {head.act.number} ({described(head.act)})"
    if result.held or result.held_conversations:
        newer = _newer(connection, head.act.number, result)
        if newer is None:
            raise CannotUndo(f"{what} cannot be taken back: what it changed was changed again since.")
        raise CannotUndo(
            f"{what} cannot be taken back before act {newer.number} ({described(newer)}), which came later:"
            f" 'mneme undo --act {newer.number}' first."
        )
    if (result.gone or result.gone_conversations) and not result.made:
        raise CannotUndo(f"{what} cannot be taken back: what it changed has been purged since.")


def _newer(connection: Connection, number: int, result: Reversal) -> Act | None:
    """The newest act after ``number`` that stands and touched what could not be changed back."""
    condition = " AND a.original IS NULL AND coalesce(last.seq, a.seq) > ? AND coalesce(last.act, '') <> 'undo'"
    for head in heads(connection, condition + " ORDER BY coalesce(last.seq, a.seq) DESC", number):
        touched = result.held.intersection(turns_of(head.changes))
        if head.act.number != number and (
            touched or result.held_conversations.intersection(conversations_of(head.changes))
        ):
            return head.act
    return None


def _taken_back(connection: Connection, act: Act, result: Reversal) -> TakenBack:
    turns = dict.fromkeys(turns_of(result.made))
    shown = reading.turns_by_seq(connection, list(turns)[:SHOWN])
    named = list(dict.fromkeys(conversations_of(result.made)))[:SHOWN]
    threads = [conversing.one(connection, known) for known in named]
    return TakenBack(act, tuple(shown.values()), tuple(threads), len(turns), len(result.gone))


def described(act: Act) -> str:
    """``forget by memory forget, 2026-11-22 09:00``."""
    by = f" by {act.actor}" if act.actor else ""
    return f"{act.kind.replace('_', ' ')}{by}, {act.at:%Y-%m-%d %H:%M}"


def purged(connection: Connection) -> list[str]:
    """The ids of all that was ever purged and is not there."""
    rows = plain_rows(connection, _PURGED)
    return [str(row[0]) for row in rows]
