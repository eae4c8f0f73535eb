"""Bring files in, each by itself: what cannot be read is told by file, and the rest comes in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from memory_store import attachments
from memory_store.errors import ImportFailed
from memory_store.interchange.detecting import FILES
from memory_store.interchange.files.kinds import LARGEST
from memory_store.interchange.files.reader import FileReader
from memory_store.interchange.importing import ImportReport, Progress, Settle, bring_in
from memory_store.interchange.source import opened

if TYPE_CHECKING:
    from memory_store.store import MemoryStore


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that did not become a memory."""

    path: Path
    reason: str
    """``a PDF file with a password: save a copy without one``."""


@dataclass(frozen=True, slots=True)
class FilesReport:
    """What an import of files did."""

    total: ImportReport
    """Of all files together; its ``conversations`` are the files that were read."""
    refused: tuple[Refused, ...]
    conversations: tuple[str, ...]
    """The id of the conversation that each file is, in their order."""


def import_files(
    store: MemoryStore,
    paths: Sequence[Path | str],
    *,
    words: str = "",
    progress: Progress | None = None,
    redact: bool = False,
    settle: Settle | None = None,
) -> FilesReport:
    """Text, Markdown, PDF and image files as memories. ``words``: the user's own, kept with each file's entry.

    A file is known by its content: one that is remembered already, wherever it lay then, changes nothing. All that is
    written counts as one act. ``redact`` and ``settle`` as in :func:`import_file`. ``progress`` counts files.

    Raises SecretInWords without ``settle``, where the store asks (what came before it is written), StoreUnavailable.
    """
    reports: list[ImportReport] = []
    refused: list[Refused] = []
    conversations: list[str] = []
    with store.as_one_act():
        for done, path in enumerate(map(Path, paths), 1):
            try:
                conversation, report = _import(store, path, words, redact, settle)
            except ImportFailed as error:
                refused.append(Refused(path, error.problem))
            else:
                reports.append(report)
                conversations.append(conversation)
            if progress is not None:
                progress(done, len(paths))
    return FilesReport(_total(reports), tuple(refused), tuple(conversations))


def files_in(paths: Sequence[Path]) -> list[Path]:
    """``paths`` with each folder replaced by the files in it and below, by name, without hidden ones and linked
    folders. A folder that has none, or cannot be read, stays: :func:`import_files` tells what is wrong with it."""
    found: list[Path] = []
    for path in paths:
        inside = list(_below(path)) if path.is_dir() else []
        found += inside or [path]
    return found


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here, name) for name in sorted(names) if not name.startswith("."))


def _import(
    store: MemoryStore, path: Path, words: str, redact: bool, settle: Settle | None
) -> tuple[str, ImportReport]:
    _look_at(path)
    reader = FileReader(words, partial(attachments.entry_of, store))
    with opened(path) as source:
        report = bring_in(store, source, FILES, reader, redact=redact, settle=settle)
    return reader.conversation, report


def _look_at(path: Path) -> None:
    """Raises ImportFailed for what is no file, before it is opened: a pipe would wait for ever."""
    try:
        mode = path.stat()
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise ImportFailed(str(path), None, f"cannot be read ({problem})") from error
    if stat.S_ISDIR(mode.st_mode):
        raise ImportFailed(
            str(path),
            None,
            "a folder: name a file in it; all of it: mneme memory import --format files FOLDER",
        )
    if not stat.S_ISREG(mode.st_mode):
        raise ImportFailed(str(path), None, "not a file, but a pipe or a device")
    if mode.st_size > LARGEST:
        raise ImportFailed(str(path), None, f"larger than {LARGEST // 1_000_000:,} MB")


def _total(reports: Sequence[ImportReport]) -> ImportReport:
    notes = tuple(note for report in reports for note in report.notes)
    new, known = (sum(getattr(report, name) for report in reports) for name in ("turns_new", "turns_known"))
    return ImportReport(FILES, new, known, len(reports), notes)
