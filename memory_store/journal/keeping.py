"""The journal's rows: written in the transaction of the change, never altered, bound to each other by hashes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from memory_store.database import dialects
from memory_store.database.base import change_rows, plain_rows
from memory_store.journal.changes import Change, to_json
from memory_store.schema import to_micros

COLUMNS = "seq, at, act, actor, subjects, changes, original, together"
_LAST = "SELECT coalesce((@given), 0), coalesce((SELECT chain FROM acts ORDER BY seq DESC LIMIT 1), '')"
_INSERT = f"INSERT INTO acts ({COLUMNS}, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FIRST = "SELECT 1 FROM acts WHERE seq = ? AND chain = ?"
NONE_YET = (0, "")
_GUARDS = ("acts_no_update", "acts_no_delete", "ledger_no_update", "ledger_no_delete")
"""The triggers of migration 0005."""

Field = str | int | None


class Journal:
    """Writes what one opening of the store does, in the name of one ``actor``. Safe to use from several threads."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self._now = threading.local()

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """What this thread does inside counts as one act, of the kind of its first part."""
        if getattr(self._now, "first", None) is not None:  # part of a larger one already
            yield
            return
        self._now.first = NONE_YET
        try:
            yield
        finally:
            self._now.first = None

    def note(
        self,
        connection: Connection,
        act: str,
        at: datetime,
        subjects: Sequence[str],
        changes: Iterable[Change] = (),
        original: int | None = None,
    ) -> int:
        """Write one row, in the transaction of the change it speaks of; its number. ``subjects``: ids."""
        seq, chain = plain_rows(connection, _LAST)[0]
        seq += 1
        first: tuple[int, str] | None = getattr(self._now, "first", None)
        # The first part may have been rolled back, and its number be another's by now.
        known = bool(first and original is None and plain_rows(connection, _FIRST, *first))
        together = first[0] if first and known else None
        row = (seq, to_micros(at), act, self.actor, json.dumps(list(subjects)), to_json(changes), original, together)
        chained = link(chain, row)
        if first and together is None:
            self._now.first = (seq, chained)
        change_rows(connection, _INSERT, [(*row, chained)])
        return int(seq)


def link(chain: str, row: Sequence[Field]) -> str:
    """The hash of a row and of all before it: SHA-256, in hexadecimal. ``chain``: that of the row before."""
    return sha256(f"{chain}\n{json.dumps(list(row))}".encode()).hexdigest()


def problems(connection: Connection) -> Iterator[str]:
    """What shows that the journal was altered past the store, a line each. Cut off at its end *and* renumbered, or
    hashed anew from the altered row on, it does not show: nobody outside keeps a copy of the last hash."""
    chain, seen = "", 0
    for *row, found in plain_rows(connection, f"SELECT {COLUMNS}, chain FROM acts ORDER BY seq"):
        if row[0] != seen + 1:
            yield f"the audit lacks acts {seen + 1} to {row[0] - 1}: somebody deleted them past mneme"
        elif link(chain, row) != found:
            yield f"act {row[0]} of the audit, or the one before it, was altered past mneme"
        chain, seen = found, row[0]
    last = int(plain_rows(connection, _LAST)[0][0])
    if last > seen:
        yield f"the audit lacks acts {seen + 1} to {last}: somebody deleted them past mneme"
    present = dialects.of(connection).triggers(connection)
    missing = [name for name in _GUARDS if name not in present]
    if missing:
        yield f"the audit is not guarded: the database lacks {', '.join(missing)}"
