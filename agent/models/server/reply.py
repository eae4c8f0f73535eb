"""One streamed reply: what comes over the wire -> pieces, with an eye on silence, on the end and on endlessness."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator

from agent.errors import ModelError
from agent.models.base import Piece, Thought
from agent.models.decoding import StopText
from agent.models.server.chunks import DONE, Chunk, nonsense, read_chunk
from agent.models.server.connection import LARGEST_ANSWER
from agent.models.server.events import EventReader
from agent.models.server.wire import Item, Opened
from agent.models.thoughts import ThoughtSplitter
from agent.quoting import MOST_CHARACTERS

_FAREWELL_S = 2.0
"""After the reason for the end, seconds for the usage and [DONE]: some servers send neither and do not hang up."""


class Reply:
    """Reads one answer. ``most_tokens``: what was asked for; a server that goes far beyond is left."""

    def __init__(self, place: str, *, silence_s: float, most_tokens: int, stops: tuple[str, ...]) -> None:
        self._place, self._silence_s = place, silence_s
        self._most_characters = most_tokens * MOST_CHARACTERS
        self._split, self._stop = ThoughtSplitter(""), StopText(stops)
        self._said = 0
        self._blank = True
        self._finish = ""
        self.usage = Chunk()
        self.begun = False
        """Whether a piece was given out; from then on nothing may be asked again."""

    def pieces(self, items: Generator[Item, None, None], cancel: threading.Event) -> Generator[Piece, None, str]:
        """Yield pieces; return how it ended: "stop", "length" or "cancelled". Raises ModelError."""
        try:
            for chunk in self._chunks(items, cancel):
                if cancel.is_set():  # what came over the wire in one go may be many chunks
                    return "cancelled"
                for piece in self._take(chunk):
                    self.begun = True
                    yield piece
                if self._stop.found:
                    return "stop"
                if self._said > self._most_characters:
                    return "length"
            if cancel.is_set():
                return "cancelled"
            for piece in self._held_back():
                yield piece
            return self._finish
        finally:
            items.close()

    def _chunks(self, items: Iterator[Item], cancel: threading.Event) -> Iterator[Chunk]:
        """Events until the server says that it is done; what goes wrong after that spoils nothing."""
        try:
            yield from self._events(items, cancel)
        except ModelError:
            if not self._finish:
                raise

    def _events(self, items: Iterator[Item], cancel: threading.Event) -> Iterator[Chunk]:
        """Silence is measured by what the server says, not by what it sends."""
        heard = time.monotonic()
        answer: EventReader | bytearray = EventReader()
        for item in items:
            if cancel.is_set():
                return
            if isinstance(item, Opened):
                answer = self._expected(item)
                continue
            for chunk in self._read(answer, item):
                if chunk is None:
                    return
                if chunk != Chunk():
                    heard = time.monotonic()
                yield chunk
            limit = min(self._silence_s, _FAREWELL_S) if self._finish else self._silence_s
            if time.monotonic() - heard > limit:
                raise ModelError(f"{self._place} said nothing for {limit:g} s and was left. Try again.")
        yield from self._last(answer)

    def _expected(self, opened: Opened) -> EventReader | bytearray:
        kind = opened.content_type.partition(";")[0].strip().lower()
        if kind == "application/json":
            return bytearray()
        if kind in ("text/event-stream", "text/plain", ""):
            return EventReader()
        raise ModelError(f"{self._place} answers with {kind[:40]}, which is no reply. Check model.base_url.")

    def _read(self, answer: EventReader | bytearray, item: bytes) -> Iterator[Chunk | None]:
        """None: the end, said by the server."""
        if isinstance(answer, bytearray):
            answer += item
            if len(answer) > LARGEST_ANSWER:
                raise nonsense(answer[:60].decode("utf-8", "replace"))
            return
        for data in answer.add(item):
            yield None if data.strip() == DONE else self._noted(read_chunk(data))

    def _last(self, answer: EventReader | bytearray) -> Iterator[Chunk]:
        """What an answer without [DONE] ends with: a whole reply in one piece, or the reason for the end."""
        if isinstance(answer, bytearray):
            chunk = self._noted(read_chunk(answer.decode("utf-8", "replace")))
            self._finish = self._finish or "stop"
            yield chunk
            return
        for data in answer.rest():
            if data.strip() == DONE:
                return
            yield self._noted(read_chunk(data))
        if not self._finish:
            raise ModelError(f"{self._place} broke off before the reply was complete. Try again.")

    def _noted(self, chunk: Chunk) -> Chunk:
        self._finish = chunk.finish or self._finish
        if chunk.prompt_tokens or chunk.reply_tokens:
            self.usage = chunk
        return chunk

    def _take(self, chunk: Chunk) -> Iterator[Piece]:
        self._said += len(chunk.text) + len(chunk.thought)
        if chunk.thought:
            yield Thought(chunk.thought)
        if chunk.text:
            yield from self._shown(self._split.add(chunk.text))

    def _held_back(self) -> Iterator[Piece]:
        yield from self._shown(self._split.rest())
        yield from self._worded(self._stop.rest())

    def _shown(self, pieces: list[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            if isinstance(piece, Thought):
                yield piece
            elif not self._stop.found:
                yield from self._worded(self._stop.add(piece))

    def _worded(self, text: str) -> Iterator[Piece]:
        """Nothing before the reply's first character."""
        text = text.lstrip() if self._blank else text
        if text:
            self._blank = False
            yield text
