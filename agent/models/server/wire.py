"""The streamed answer to one question, read by a thread of its own, so that it can be left at any moment.

Reading blocks: until headers come, which may take as long as the server reads the prompt, and between any two tokens.
Leaving shuts the socket down from outside, which wakes the reader and tells the server to stop. httpx names the socket
through its ``trace`` extension: https://www.python-httpx.org/advanced/extensions/#trace
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Any

from agent.errors import ModelError
from agent.models.server.connection import LARGEST_ANSWER, Connection

LOOK_S = 0.05
"""How often the reader of :meth:`Wire.items` gets to look up while nothing comes."""
_WAITING_CHUNKS = 256


@dataclass(frozen=True, slots=True)
class Opened:
    """The server has begun to answer."""

    content_type: str


Item = Opened | bytes
"""What comes over the wire. Empty bytes: nothing came for a moment."""


class Wire:
    """One question and its answer. Used once, by one consumer."""

    def __init__(self, connection: Connection, path: str, body: dict[str, Any]) -> None:
        self._connection = connection
        self._url = connection.url(path)
        self._body = body
        self._queue: Queue[Item | Exception | None] = Queue(_WAITING_CHUNKS)
        self._left = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def items(self) -> Generator[Item, None, None]:
        """``Opened``, then bytes until the answer ends. Closing the generator leaves the server at once.

        Raises Unreachable, Refused (an error status) and ModelError (silence, or a connection that broke).
        """
        threading.Thread(target=self._run, name="mneme-reply-wire", daemon=True).start()
        try:
            while True:
                try:
                    item = self._queue.get(timeout=LOOK_S)
                except Empty:
                    yield b""
                    continue
                if item is None:
                    return
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.leave()

    def leave(self) -> None:
        """Close the connection, from any thread."""
        with self._lock:
            self._left.set()
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        try:
            self._read()
        except ModelError as error:
            self._put(error)
        except Exception as error:  # noqa: BLE001  (the edge of a thread: the consumer is told)
            connecting = self._socket is None
            limit = self._connection.connect_s if connecting else self._connection.silence_s
            self._put(self._connection.failure(error, limit))
        else:
            self._put(None)

    def _read(self) -> None:
        watched = {"trace": self._traced}
        replies = self._connection.replies
        with replies.stream("POST", self._url, json=self._body, extensions=watched) as response:
            if response.status_code != 200:
                raise self._connection.refusal(response.status_code, _beginning(response.iter_bytes()))
            self._put(Opened(response.headers.get("content-type", "")))
            for chunk in response.iter_bytes():
                if chunk and not self._put(chunk):
                    return

    def _traced(self, event: str, told: dict[str, Any]) -> None:
        """Keep hold of the socket; of the one inside TLS, where there is TLS."""
        found = self._connection.guard(event, told)
        if found is None:
            return
        with self._lock:
            self._socket = found
            if self._left.is_set():  # left while connecting: the words need not be sent any more
                found.close()
                raise ModelError("The reply was stopped.")

    def _put(self, item: Item | Exception | None) -> bool:
        """False when nobody listens any more."""
        while not self._left.is_set():
            try:
                self._queue.put(item, timeout=LOOK_S)
            except Full:
                continue
            return True
        return False


def _beginning(chunks: Any) -> bytes:
    """An error's body, as much of it as a message can be."""
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_ANSWER // 256:
            break
    return body
