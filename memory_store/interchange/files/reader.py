"""A file as the entries of an import: what it is, then its passages."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from memory_store import attachments
from memory_store.clock import utc_now
from memory_store.interchange.entries import Entry, Heading, Remark
from memory_store.interchange.files import images
from memory_store.interchange.files.cutting import passages
from memory_store.interchange.files.kinds import LARGEST, NotReadable, decoded, kind_of
from memory_store.interchange.files.pdf import pdf_text
from memory_store.interchange.source import Source
from memory_store.records import NewTurn, Turn

Page = tuple[int | None, str]
"""Its number, from 1, where the file has such, and its text."""


class FileReader:
    """Reads a file once and says the same each time. ``words`` are the user's own about it; ``remembered`` finds the
    entry of a file that is a conversation of this id, so that a file stays one memory when it has moved."""

    def __init__(self, words: str = "", remembered: Callable[[str], Turn | None] = lambda _: None) -> None:
        self.remembered = remembered
        self.conversation = ""
        """The id of the conversation that the file is, once it was read."""
        self._words = words.strip()
        self._read: list[Entry] | None = None

    def __call__(self, source: Source) -> Iterator[Entry]:
        """Raises ImportFailed."""
        if self._read is None:
            try:
                self._read = list(self._entries(source))
            except NotReadable as error:
                raise source.failed(None, str(error)) from error
        yield from self._read

    def _entries(self, source: Source) -> Iterator[Entry]:
        content = source.content(LARGEST)
        name = shown_name(source.name)
        kind = kind_of(content, name)
        pages, about, remarks = extracted(content, kind)
        digest = hashlib.sha256(content).hexdigest()
        self.conversation, speaker = attachments.conversation_of(digest), attachments.speaker_of(name)
        said_at = _dated(source.path)
        yield Heading(self.conversation, title=name, created_at=said_at, archived=True)
        known = self.remembered(self.conversation)
        if known is None:
            told = f"[file {name}: {', '.join([*about, _size(len(content))])}]"
            yield NewTurn(
                f"{self._words}\n\n{told}" if self._words else told,
                speaker="user" if self._words else speaker,
                conversation=self.conversation,
                said_at=said_at,
                source_id=attachments.entry_source(digest, source.path),
            )
        else:
            yield NewTurn(known.text, known.speaker, self.conversation, known.said_at, known.source_id, id=known.id)
            if self._words and self._words not in known.text:
                where = attachments.words_source(digest)
                yield NewTurn(self._words, "user", self.conversation, utc_now(), where)
        for page, number, passage in _cut(pages):
            where = attachments.passage_source(digest, page, number)
            yield NewTurn(passage, speaker, self.conversation, said_at, where)
        yield from (Remark(f"{name}: {remark}") for remark in remarks)


def extracted(content: bytes, kind: str) -> tuple[list[Page], list[str], list[str]]:
    """Its pages, what the file is in a few words, and what the person should know. Raises NotReadable."""
    if kind == "PDF":
        read = pdf_text(content)
        count = len(read.pages)
        about = [f"PDF of {count} page{'s' * (count != 1)}", *([f"“{read.title}”"] if read.title else [])]
        empty = sum(not page for page in read.pages)
        remarks = [f"no text on {empty} of {count} pages (scans, perhaps)."] if empty else []
        return list(enumerate(read.pages, 1)), about, remarks
    if kind == "image":
        text = images.words_in(content)
        if text is None:
            why = "the picture could not be read" if images.can_read() else "tesseract is not installed"
            return [], ["image"], [f"{why}: remembered by its name, and by what you say of it."]
        return [(None, text)], ["image"], []
    return [(None, decoded(content))], [kind], []


def shown_name(path: str) -> str:
    """A file's name as it can be printed and stored."""
    name = os.fsencode(Path(path).name).decode("utf-8", "replace")
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in name)[:190].strip() or "unnamed"


def _cut(pages: list[Page]) -> Iterator[tuple[int | None, int, str]]:
    """Page, number of the passage in the file, passage."""
    number = 0
    for page, text in pages:
        for passage in passages(text):
            number += 1
            yield page, number, passage


def _dated(path: Path | None) -> datetime:
    """When the file was written last, as it says itself; now for one that says the future."""
    now = utc_now()
    if path is None:
        return now
    return min(now, datetime.fromtimestamp(max(0.0, path.stat().st_mtime), UTC))


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1_000))} kB"
