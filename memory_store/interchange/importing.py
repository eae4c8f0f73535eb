"""Bring a file in: check all of it, then write it in transactions that are safe to repeat."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from memory_store import attachments
from memory_store.episodic.screening import SecretsAnswer
from memory_store.errors import SecretInWords
from memory_store.interchange.detecting import FORMATS, choose
from memory_store.interchange.entries import Entry, Heading, Reader, Remark, Skipped, Spared
from memory_store.interchange.files.reader import FileReader
from memory_store.interchange.source import Source, opened
from memory_store.interchange.ties.kinds import CALLED, Search, Since, Tie
from memory_store.interchange.writing import Writer
from memory_store.language.secrets import Secret, find, kinds
from memory_store.records import NewTurn

if TYPE_CHECKING:
    from memory_store.store import MemoryStore

__all__ = ["FORMATS", "FoundSecrets", "ImportReport", "Survey", "import_file"]

BATCH = 500
BATCH_LETTERS = 4_000_000
"""A transaction holds at most about this much text, so that a book does not have to fit in memory."""

Progress = Callable[[int, int], None]
"""Called with how many memories are on the disk, and how many there are."""


@dataclass(frozen=True, slots=True)
class FoundSecrets:
    """What looks like keys, tokens and card numbers in a file."""

    turns: int
    """Memories and titles that hold some."""
    kinds: str
    """For a person: ``AWS Access Key, Card Number``."""


Settle = Callable[[FoundSecrets], SecretsAnswer]
"""Says what is to become of them; it may raise instead, and then nothing is imported."""


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
    """What the person should know, a sentence each: what was skipped, what had no date, ..."""


@dataclass(slots=True)
class Survey:
    """What the first reading found."""

    turns: int = 0
    undated: int = 0
    headings: dict[str, Heading] = field(default_factory=dict)
    sizes: Counter[str] = field(default_factory=Counter)
    """Turns of each conversation."""
    began: dict[str | None, datetime] = field(default_factory=dict)
    """The first date in each conversation."""
    spared: dict[str, list[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    screens: bool = False
    """Whether secrets are looked for."""
    holding: int = 0
    secrets: list[Secret] = field(default_factory=list)
    twice: int = 0
    """Messages that stand in the file before, with the same id and words."""
    sharing: int = 0
    """Messages that share their id with an earlier one, in other words."""
    _seen: dict[int, int] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Count ``entry``."""
        if self.screens and isinstance(entry, NewTurn):
            self._look(entry.text, *(one.text for one in entry.revisions))
        elif self.screens and isinstance(entry, Heading):
            self._look(entry.title or "")
        elif self.screens and isinstance(entry, Search):
            self._look(entry.query)
        if isinstance(entry, NewTurn):
            self._add_turn(entry)
        elif isinstance(entry, Heading):
            self.headings[entry.id] = entry
        elif isinstance(entry, Spared):
            self.spared.setdefault(entry.conversation, []).append(entry.id)
        elif isinstance(entry, Skipped):
            self.skipped[entry.reason] += 1
        elif isinstance(entry, Remark):
            self.remarks.append(entry.text)

    def _look(self, *texts: str) -> None:
        found = [secret for text in texts for secret in find(text)]
        self.holding += bool(found)
        self.secrets += found

    def _add_turn(self, turn: NewTurn) -> None:
        self.turns += 1
        self.undated += turn.said_at is None
        if turn.conversation is not None:
            self.headings.setdefault(turn.conversation, Heading(turn.conversation))
            self.sizes[turn.conversation] += 1
        if turn.said_at is not None:
            self.began.setdefault(turn.conversation, turn.said_at)
        if turn.source_id is not None:
            key, words = hash((turn.conversation, turn.source_id)), hash(turn.text)
            known = self._seen.get(key)
            self._seen.setdefault(key, words)
            self.twice += known == words
            self.sharing += known not in (None, words)

    def notes(self) -> Iterator[str]:
        """For :attr:`ImportReport.notes`."""
        for reason, count in sorted(self.skipped.items()):
            yield f"{_counted(count, reason)} skipped."
        if self.undated:
            yield f"{_counted(self.undated, 'message')} had no date: dated like the one before, or now."
        if self.sharing:
            yield f"{_counted(self.sharing, 'message')} had the id of an earlier one and other words: each is kept."
        if self.twice:
            yield f"{_counted(self.twice, 'message')} stood in the file before, with the same id and words: kept once."
        yield from self.remarks


def import_file(
    store: MemoryStore,
    path: Path | str,
    *,
    format: str | None = None,
    progress: Progress | None = None,
    redact: bool = False,
    settle: Settle | None = None,
) -> ImportReport:
    """Import ``path`` into ``store``; the format is detected when it is not given.

    Everything is read and checked before anything is written, then written in batches of one transaction each. What is
    already there (by id for mneme's own format, else by conversation, source id and text) is left as it is: importing
    twice changes nothing, and importing again completes an import that was interrupted. ``redact``: keys, tokens
    and card numbers are left out of everything before it is written. ``settle`` is asked what is to become of those
    that were found, where the store asks about such.

    Raises ImportFailed (with the line; nothing was written), SecretInWords (the same, without ``settle``),
    InvalidInput, StoreUnavailable.
    """
    with opened(Path(path)) as source:
        name, reader = choose(source, format)
        if isinstance(reader, FileReader):
            reader.remembered = partial(attachments.entry_of, store)
        return bring_in(store, source, name, reader, progress=progress, redact=redact, settle=settle)


def bring_in(
    store: MemoryStore,
    source: Source,
    name: str,
    reader: Reader,
    *,
    progress: Progress | None = None,
    redact: bool = False,
    settle: Settle | None = None,
) -> ImportReport:
    """Import what ``reader`` reads of ``source``, as :func:`import_file` does; ``name`` is that of the format."""
    survey = Survey(screens=store.asks_about_secrets and not redact)
    for entry in reader(source):
        survey.add(entry)
    writer = Writer(store, survey)
    done = 0
    with store.as_one_act(), store.secrets_settled("redact" if redact else _settled(survey, settle)):
        for batch in _batches(_dated(reader, source, survey)):
            done += writer.write(batch)
            if progress is not None:
                progress(done, survey.turns)
        writer.finish()
    notes = (*survey.notes(), *_left_alone(writer.otherwise, writer.hidden), *_came_along(writer))
    return ImportReport(name, writer.new, survey.turns - writer.new, len(survey.headings), notes)


def _settled(survey: Survey, settle: Settle | None) -> SecretsAnswer | None:
    if not survey.secrets:
        return None
    found = FoundSecrets(survey.holding, kinds(survey.secrets))
    if settle is None:
        raise SecretInWords(found.kinds)
    return settle(found)


def _left_alone(otherwise: int, hidden: int) -> Iterator[str]:
    """What is known already is never overwritten; where it says something else, that is told."""
    if otherwise:
        known = "1 memory is" if otherwise == 1 else f"{otherwise:,} memories are"
        yield f"{known} here already in other words (edited since, perhaps), and left so."
    if hidden:
        known = "1 memory was" if hidden == 1 else f"{hidden:,} memories were"
        yield f"{known} forgotten here, and left so: 'mneme undo' or 'mneme memory restore' brings them back."


def _came_along(writer: Writer) -> Iterator[str]:
    """What ties the memories of the file together."""
    came = [
        f"1 {one}" if writer.came[kind] == 1 else f"{writer.came[kind]:,} {many}"
        for kind, (one, many) in CALLED.items()
        if writer.came[kind]
    ]
    if came:
        yield f"With them came {', '.join(came)}."
    if writer.alone:
        told = "1 was" if writer.alone == 1 else f"{writer.alone:,} were"
        yield f"{told} left out: of memories that are neither in the file nor here."


def _dated(reader: Reader, source: Source, survey: Survey) -> Iterator[NewTurn | Tie]:
    """The turns again, and what ties them together; a turn without a date gets that of the turn before it, or of the
    first dated one after it."""
    latest = dict(survey.began)
    for entry in reader(source):
        if isinstance(entry, Tie):
            yield entry
        elif not isinstance(entry, NewTurn):
            continue
        elif entry.said_at is not None:
            latest[entry.conversation] = entry.said_at
            yield entry
        else:
            yield replace(entry, said_at=latest.get(entry.conversation))


def _batches(entries: Iterator[NewTurn | Tie]) -> Iterator[list[NewTurn | Tie]]:
    batch: list[NewTurn | Tie] = []
    letters = 0
    for entry in entries:
        full = len(batch) >= BATCH or letters >= BATCH_LETTERS
        if full and not isinstance(entry, Since):  # which stays with its memory
            yield batch
            batch, letters = [], 0
        batch.append(entry)
        if isinstance(entry, NewTurn):
            letters += len(entry.text) + sum(len(old.text) for old in entry.revisions)
    if batch:
        yield batch


def _counted(count: int, noun: str) -> str:
    head, *tail = re.split(r"(?= without | of )", noun, maxsplit=1)
    return f"{count} {noun}" if count == 1 else f"{count:,} {head}s{''.join(tail)}"
