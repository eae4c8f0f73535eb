"""Server-sent events, as they come in pieces: bytes -> what stands after ``data:``.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html; of an event only its data matters.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from agent.errors import ModelError

LONGEST_EVENT = 1024 * 1024
"""Characters of one event; more is no reply."""


class EventReader:
    """Collects bytes and gives out the data of each event that is complete."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._line = ""
        self._data: list[str] = []
        self._size = 0

    def add(self, chunk: bytes) -> Iterator[str]:
        """The data of every event that ``chunk`` completes. Raises ModelError for one that does not end."""
        *lines, self._line = (self._line + self._decode(chunk)).split("\n")
        for line in lines:
            yield from self._take(line.removesuffix("\r"))
        if self._size + len(self._line) > LONGEST_EVENT:
            raise ModelError("The server sends something that is no reply. Check model.base_url.")

    def rest(self) -> Iterator[str]:
        """The last event, when the stream ended without the empty line behind it."""
        yield from self._take(self._line)
        yield from self._take("")

    def _take(self, line: str) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data, self._size = [], 0
            return
        name, _, value = line.partition(":")
        if name in ("data", "error"):  # llama.cpp once named its errors so
            self._data.append(value.removeprefix(" "))
            self._size += len(value)
