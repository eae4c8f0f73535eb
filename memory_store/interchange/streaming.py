"""One large JSON array, an element at a time: an export of years need not fit in memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any, BinaryIO

from memory_store.errors import ImportFailed
from memory_store.interchange.source import LARGEST_PIECE, TOO_LARGE

CHUNK = 4 << 20
"""Bytes that the parser gets at once: it looks at a text from its beginning again with each, so few large ones."""


def elements(name: str, stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    """``(position from 1, value)`` of each element of the array in ``stream``; of an object alone, that object.

    Raises ImportFailed, naming the element after which the JSON is broken.
    """
    import ijson

    begins = _Peeked(stream)
    prefix = "item" if begins.first_mark() == b"[" else ""
    position = 0
    try:
        for position, value in enumerate(ijson.items(begins, prefix, use_float=True, buf_size=CHUNK), start=1):
            begins.left = LARGEST_PIECE
            yield position, value
    except _TooLarge:
        raise ImportFailed(name, None, f"element {position + 1}: {TOO_LARGE.format('a conversation')}") from None
    except (ijson.JSONError, UnicodeDecodeError, OverflowError) as error:
        problem = str(error).partition("\n")[0]
        raise ImportFailed(name, None, f"not valid JSON after element {position} ({problem})") from error


class _TooLarge(Exception):
    """An element that memory need not hold."""


class _Peeked:
    """A stream whose beginning was looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._begins = stream.read(4096).removeprefix(codecs.BOM_UTF8)
        self.left = LARGEST_PIECE
        """Bytes that may be read before the next element is whole."""

    def first_mark(self) -> bytes:
        """The first byte that is not white space."""
        return self._begins.lstrip()[:1]

    def read(self, size: int = -1) -> bytes:
        if self._begins and size:
            begins, self._begins = self._begins, b""
            return begins
        found = self._stream.read(size)
        self.left -= len(found)
        if self.left < 0:
            raise _TooLarge
        return found
