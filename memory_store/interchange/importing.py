"""Bring a file in: check all of it, then write it in batches that are safe to repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from memory_store.interchange.detecting import FORMATS, choose
from memory_store.interchange.entries import Entry, Heading, Reader, Skipped
from memory_store.interchange.source import Source, opened
from memory_store.records import NewTurn

if TYPE_CHECKING:
    from memory_store.store import MemoryStore

__all__ = ["FORMATS", "ImportReport", "import_file"]

BATCH = 500
Progress = Callable[[int, int], None]
"""Called with how many memories are written, and how many there are."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    format: str
    turns_new: int
    """Memories that were not there before, notes included."""
    turns_known: int
    """Memories that were there already, and were left as they are."""
    conversations: int
    """Conversations the file speaks of."""
    notes: tuple[str, ...] = ()
    """What the person should know: what was skipped, what had no date, ..."""


@dataclass(slots=True)
class _Survey:
    """What the first reading found."""

    turns: int = 0
    undated: int = 0
    headings: dict[str, Heading] = field(default_factory=dict)
    began: dict[str | None, datetime] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        if isinstance(entry, NewTurn):
            self._add_turn(entry)
        elif isinstance(entry, Heading):
            self.headings.setdefault(entry.id, entry)
        elif isinstance(entry, Skipped):
            self.skipped[entry.reason] += 1
        else:
            self.remarks.append(entry.text)

    def _add_turn(self, turn: NewTurn) -> None:
        self.turns += 1
        self.undated += turn.said_at is None
        if turn.conversation is not None:
            self.headings.setdefault(turn.conversation, Heading(turn.conversation))
        if turn.said_at is not None:
            self.began.setdefault(turn.conversation, turn.said_at)

    def notes(self) -> Iterator[str]:
        for reason, count in sorted(self.skipped.items()):
            yield f"{_counted(count, reason)} skipped."
        if self.undated:
            yield f"{_counted(self.undated, 'message')} without a date: dated like the one before, else today."
        yield from self.remarks


def import_file(
    store: MemoryStore, path: Path | str, *, format: str | None = None, progress: Progress | None = None
) -> ImportReport:
    """Import ``path`` into ``store``; the format is detected when it is not given.

    Everything is read and checked before anything is written, then written in batches of one transaction each. What is
    already there (by id for mneme's own format, else by conversation, source id and text) is left as it is: importing
    twice changes nothing, and importing again completes an import that was interrupted.

    Raises ImportFailed (with the line; nothing was written), InvalidInput, StoreUnavailable.
    """
    with opened(Path(path)) as source:
        name, reader = choose(source, format)
        survey = _Survey()
        for entry in reader(source):
            survey.add(entry)
        new = _write(store, _dated(reader, source, survey), survey, progress)
    return ImportReport(name, new, survey.turns - new, len(survey.headings), tuple(survey.notes()))


def _dated(reader: Reader, source: Source, survey: _Survey) -> Iterator[NewTurn]:
    """The turns again; one without a date gets that of the turn before it, or of the first dated one after it."""
    latest = dict(survey.began)
    for entry in reader(source):
        if not isinstance(entry, NewTurn):
            continue
        if entry.said_at is not None:
            latest[entry.conversation] = entry.said_at
            yield entry
        else:
            yield replace(entry, said_at=latest.get(entry.conversation))


def _write(store: MemoryStore, turns: Iterator[NewTurn], survey: _Survey, progress: Progress | None) -> int:
    begun = {one.id for one in store.conversations(archived=None)}
    new = done = 0
    while batch := list(islice(turns, BATCH)):
        for conversation in dict.fromkeys(turn.conversation for turn in batch):
            if conversation is not None and conversation not in begun:
                _begin(store, survey.headings[conversation])
                begun.add(conversation)
        before = store.stats().memories
        store.remember_many(batch, batch=BATCH)
        new += store.stats().memories - before
        done += len(batch)
        if progress is not None:
            progress(done, survey.turns)
    for heading in survey.headings.values():
        if heading.id not in begun:
            _begin(store, heading)
    return new


def _begin(store: MemoryStore, heading: Heading) -> None:
    store.begin_conversation(title=heading.title, id=heading.id)


def _counted(count: int, noun: str) -> str:
    head, _, tail = noun.partition(" without ")
    plural = noun if count == 1 else f"{head}s without {tail}" if tail else f"{noun}s"
    return f"{count} {plural}"
