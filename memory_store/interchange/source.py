"""A file on its way in: read twice (once to check everything, once to write), always able to name the line at fault."""

from __future__ import annotations

import codecs
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from memory_store.errors import ImportFailed
from memory_store.interchange import archives

_SPACE = re.compile(r"[ \t\n\r]*")
HEAD = 1 << 16
"""What a file is, its beginning tells."""
LARGEST_PIECE = 128 << 20
"""Bytes of what has to be in memory as a whole: a line, a document, one conversation of many. Files may be larger."""
TOO_LARGE = f"{{}} of more than {LARGEST_PIECE >> 20} MB in one piece"


class Source:
    """UTF-8 text behind a seekable handle. A byte-order mark, CRLF and empty lines are tolerated."""

    def __init__(self, name: str, handle: BinaryIO, path: Path | None = None) -> None:
        self.name = name
        self.path = path
        """Where it lies on the disk; None for a pipe."""
        self._handle = handle

    @property
    def stem(self) -> str:
        """The file's name without folder and ending."""
        return Path(self.name).stem

    def failed(self, line: int | None, problem: str) -> ImportFailed:
        """The error for ``line`` (from 1; None: the whole file)."""
        return ImportFailed(self.name, line, problem)

    def lines(self) -> Iterator[tuple[int, str]]:
        """``(number from 1, text)`` of every line that is not blank, from the start. Raises ImportFailed."""
        self._handle.seek(0)
        for number, raw in enumerate(iter(lambda: self._handle.readline(LARGEST_PIECE + 1), b""), start=1):
            if len(raw) > LARGEST_PIECE:
                raise self.failed(number, TOO_LARGE.format("a line"))
            text = self._decoded(raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw, number)
            if text.strip():
                yield number, text.rstrip("\r\n")

    def head(self) -> bytes:
        """How it begins, :data:`HEAD` bytes at most."""
        self._handle.seek(0)
        return self._handle.read(HEAD)

    def content(self, most: int) -> bytes:
        """All of it. Raises ImportFailed where that is more than ``most`` bytes."""
        self._handle.seek(0)
        content = self._handle.read(most + 1)
        if len(content) > most:
            raise self.failed(None, f"larger than {most // 1_000_000:,} MB")
        return content

    def streams(self, wanted: re.Pattern[str]) -> Iterator[tuple[str, BinaryIO]]:
        """``(name, bytes from the start)``: the file itself; of a zip file, each member whose file name is ``wanted``.

        Raises ImportFailed where there is none.
        """
        if not archives.is_zip(self._handle):
            self._handle.seek(0)
            yield self.name, self._handle
            return
        found = archives.members(self.name, self._handle, wanted)
        if not found:
            raise archives.NothingInside(
                self.name,
                None,
                "this zip file holds no conversations.json, no other .json and no WhatsApp chat (_chat.txt)",
            )
        for inside in found:
            with archives.member(self.name, self._handle, inside) as stream:
                yield f"{self.name}/{inside}", stream

    def text(self) -> str:
        """The whole file. Raises ImportFailed."""
        self._handle.seek(0)
        content = self._handle.read(LARGEST_PIECE + 1)
        if len(content) > LARGEST_PIECE:
            raise self.failed(None, f"{TOO_LARGE.format('a document')}: as JSON Lines, a file of any size is read")
        return self._decoded(content.removeprefix(codecs.BOM_UTF8), 1)

    def values(self) -> Iterator[tuple[int, Any]]:
        """``(line, value)`` of every line that is not blank, each read as one JSON value. Raises ImportFailed."""
        for number, text in self.lines():
            yield number, self.decode(text, number)

    def decode(self, text: str, first_line: int = 1) -> Any:
        """``text`` as JSON; its first line is line ``first_line`` of the file. Raises ImportFailed."""
        try:
            return json.loads(text, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            problem = f"not valid JSON ({error.msg}, column {error.colno})"
            raise self.failed(first_line + error.lineno - 1, problem) from error
        except ValueError as error:
            raise self.failed(first_line, f"not valid JSON ({error})") from error
        except RecursionError as error:
            raise self.failed(first_line, "JSON nested too deeply") from error

    def _decoded(self, raw: bytes, line: int) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            at = line + raw.count(b"\n", 0, error.start)
            raise self.failed(at, "not UTF-8 text: save the file as UTF-8") from error


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """``path`` as a :class:`Source`; a pipe is first copied to a temporary file. Raises ImportFailed."""
    try:
        handle: BinaryIO = path.open("rb")
    except OSError as error:
        raise ImportFailed(str(path), None, f"cannot be read ({error.strerror or error})") from error
    with handle:
        if handle.seekable():
            yield Source(str(path), handle, path)
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(handle, copy)
            yield Source(str(path), copy)


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) on which the value at ``path`` begins: keys and indices from the root of the JSON in ``text``.

    Only used to word an error, so that reading itself can use the fast decoder. A path that leads nowhere gives the
    line of the last step that exists.
    """
    at = _skip(text, 0)
    for step in path:
        found = _item(text, at, step) if isinstance(step, int) else _member(text, at, step)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _member(text: str, at: int, key: str) -> int | None:
    found = None
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if name == key:
            found = at  # the last one wins, as it does for the decoder
        at = _after_value(text, at)
    return found


def _item(text: str, at: int, index: int) -> int | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    while text[at] != "]":
        if index == 0:
            return at
        index -= 1
        at = _after_value(text, at)
    return None


def _after_value(text: str, at: int) -> int:
    _, at = _DECODER.raw_decode(text, at)
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder()
