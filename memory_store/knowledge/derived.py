"""Notes that a language model derived from what was said: marked, linked to their sources, and going where those go.

A derived note is a note by the speaker :data:`SPEAKER`, so that every list, panel and export shows what it is. Beside
it stand its kind, the model, and the turns it was drawn from. It is purged with any of them, forgotten and restored
with any of them, and forgotten when one of them is reworded. It is recalled only where that is asked for.

Steps of a transaction that the store began.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from memory_store.database.base import change_rows, plain_rows
from memory_store.episodic.reading import turns_by_seq
from memory_store.records import Derived, Recollections, Turn
from memory_store.schema import from_micros, to_micros

SPEAKER = "derived"

_INSERT = "INSERT INTO derived (note_seq, kind, model, at) VALUES (?, ?, ?, ?)"
_LINK = "INSERT INTO derivations (note_seq, source_seq) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ALL = "SELECT note_seq FROM derived"
_LISTED = (
    "SELECT d.note_seq, d.kind, d.model, d.at FROM derived d JOIN turns t ON t.seq = d.note_seq"
    " WHERE t.forgotten_at IS NULL{about} ORDER BY t.said_at DESC, d.note_seq DESC"
)
_ABOUT = " AND (d.note_seq = ? OR d.note_seq IN (SELECT note_seq FROM derivations WHERE source_seq = ?))"
_SOURCES = (  # in the order they were said: the numbers of turns are others in another store
    "SELECT x.note_seq, x.source_seq FROM derivations x JOIN turns s ON s.seq = x.source_seq"
    " WHERE x.note_seq IN (@numbers) ORDER BY s.said_at, s.position, s.id"
)
_FROM = "SELECT DISTINCT note_seq FROM derivations WHERE source_seq IN (@numbers)"
_SHOWN_FROM = (
    "SELECT DISTINCT x.note_seq FROM derivations x JOIN turns n ON n.seq = x.note_seq"
    " WHERE x.source_seq IN (@numbers) AND n.forgotten_at IS NULL"
)
_HIDDEN_WITH = (
    "SELECT DISTINCT x.note_seq FROM derivations x JOIN turns n ON n.seq = x.note_seq"
    " JOIN turns s ON s.seq = x.source_seq WHERE x.source_seq IN (@numbers) AND n.forgotten_at = s.forgotten_at"
)
_DONE = "INSERT INTO consolidated (turn_seq, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
_WAITING = (
    "SELECT t.seq FROM turns t LEFT JOIN (SELECT d.conversation_seq, max(d.position) AS position FROM consolidated c"
    " JOIN turns d ON d.seq = c.turn_seq GROUP BY d.conversation_seq) done"
    " ON done.conversation_seq = t.conversation_seq"
    " WHERE t.conversation_seq IS NOT NULL AND t.forgotten_at IS NULL AND t.position > coalesce(done.position, -1)"
    " ORDER BY t.conversation_seq, t.position"
)


def keep(connection: Connection, note: int, kind: str, model: str, sources: Iterable[int], now: datetime) -> None:
    """What is known of a note that was just written."""
    change_rows(connection, _INSERT, [(note, kind, model, to_micros(now))])
    change_rows(connection, _LINK, [(note, source) for source in sources])


def every(connection: Connection) -> list[int]:
    """The numbers of all derived notes."""
    return [row[0] for row in plain_rows(connection, _ALL)]


def listed(connection: Connection, memory: int | None = None) -> list[Derived]:
    """Those that are not forgotten, the newest first: all, or one ``memory`` and what was drawn from it."""
    values = [] if memory is None else [memory, memory]
    rows = plain_rows(connection, _LISTED.format(about="" if memory is None else _ABOUT), *values)
    sources: dict[int, list[int]] = {}
    for note, source in plain_rows(connection, _SOURCES, json.dumps([row[0] for row in rows])):
        sources.setdefault(note, []).append(source)
    named = turns_by_seq(connection, {*sources, *(one for some in sources.values() for one in some)})
    return [
        Derived(named[note], kind, tuple(named[one] for one in sources[note]), model, from_micros(at))
        for note, kind, model, at in rows
        if note in sources
    ]


def drawn_from(connection: Connection, seqs: Collection[int]) -> list[int]:
    """The notes that were drawn from any of these turns: they say what those say."""
    return [row[0] for row in plain_rows(connection, _FROM, json.dumps(sorted(seqs)))]


def going_along(connection: Connection, seqs: Sequence[int], *, hiding: bool) -> list[int]:
    """The notes that are forgotten with these turns, or (not ``hiding``) that were, and come back with them."""
    rows = plain_rows(connection, _SHOWN_FROM if hiding else _HIDDEN_WITH, json.dumps(list(seqs)))
    return [row[0] for row in rows]


def waiting(connection: Connection) -> list[Turn]:
    """What was said in conversations, is not forgotten, and was not consolidated yet, a conversation at a time."""
    seqs = [row[0] for row in plain_rows(connection, _WAITING)]
    named = turns_by_seq(connection, seqs)
    return [named[seq] for seq in seqs if named[seq].speaker != SPEAKER]


def done_through(connection: Connection, turn: int, now: datetime) -> None:
    """A conversation was consolidated up to this turn."""
    change_rows(connection, _DONE, [(turn, to_micros(now))])


def start_again(connection: Connection) -> None:
    """Nothing counts as consolidated any more."""
    change_rows(connection, "DELETE FROM consolidated", [()])


def behind_words(found: Recollections, sources: dict[str, set[str]]) -> Recollections:
    """``found`` with each derived note behind the best of its sources (note's id -> theirs) that was found, or behind
    everything: what was said comes before what was made of it."""
    notes = [item for item in found if item.memory.id in sources]
    if not notes:
        return found
    placed = [item for item in found if item.memory.id not in sources]
    for note in notes:
        first = next((n for n, item in enumerate(placed) if item.memory.id in sources[note.memory.id]), len(placed) - 1)
        placed.insert(first + 1, note)
    return found.having(placed)


def sources_of(connection: Connection, notes: Collection[int]) -> dict[str, set[str]]:
    """Id of each of these that is a derived note -> ids of its sources."""
    pairs = plain_rows(connection, _SOURCES, json.dumps(sorted(notes)))
    named = turns_by_seq(connection, {seq for pair in pairs for seq in pair})
    found: dict[str, set[str]] = {}
    for note, source in pairs:
        found.setdefault(named[note].id, set()).add(named[source].id)
    return found
