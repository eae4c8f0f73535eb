"""A server on loopback that does what a test tells it: real sockets, no model. It ends with the test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_S = 30.0

Answer = Callable[["Exchange"], None]


@dataclass
class Served:
    """What the server was asked, and what it says."""

    answers: dict[str, Answer]
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    """Of each question: method and path, headers, body."""
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when the client has closed the connection of a reply before its end."""
    open: threading.Event = field(default_factory=threading.Event)
    """Clear at the end of the test: what stalls, stops stalling."""
    url: str = ""

    def bodies(self, path: str = "POST /v1/chat/completions") -> list[Any]:
        return [body for place, _, body in self.asked if place == path]


class Exchange(BaseHTTPRequestHandler):
    """One question."""

    served: Served
    body: Any = None
    protocol_version = "HTTP/1.1"

    def json(self, document: Any, status: int = 200) -> None:
        self.bytes(json.dumps(document).encode(), "application/json", status)

    def bytes(self, content: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def begin(self, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def raw(self, content: bytes) -> None:
        """Raises OSError, and says so, once the client is gone."""
        try:
            self.wfile.write(content)
            self.wfile.flush()
        except OSError:
            self.served.gone.set()
            raise

    def say(self, *pieces: str, name: str = "content") -> None:
        for piece in pieces:
            self.event({"choices": [{"index": 0, "delta": {name: piece}}]})

    def event(self, document: Any) -> None:
        self.raw(b"data: " + json.dumps(document).encode() + b"\n\n")

    def done(self, reason: str = "stop", **usage: int) -> None:
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if usage:
            self.event({"choices": [], "usage": usage})
        self.raw(b"data: [DONE]\n\n")

    def stall(self) -> None:
        """Say nothing until the client leaves or the test ends."""
        self.connection.settimeout(0.02)
        while self.served.open.is_set():
            try:
                if not self.connection.recv(1):
                    self.served.gone.set()
                    return
            except TimeoutError:
                continue
            except OSError:
                self.served.gone.set()
                return

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        self.body = json.loads(content) if content else None
        place = f"{self.command} {self.path}"
        self.served.asked.append((place, dict(self.headers), self.body))
        answer = self.served.answers.get(place)
        try:
            answer(self) if answer else self.json({"error": {"message": "no such address"}}, 404)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        del format, arguments


def models(*names: str, **more: Any) -> Answer:
    return lambda exchange: exchange.json({"object": "list", "data": [{"id": name, **more} for name in names]})


def saying(*pieces: str, **usage: int) -> Answer:
    """A good reply in these pieces."""

    def answer(exchange: Exchange) -> None:
        exchange.begin()
        exchange.say(*pieces)
        exchange.done(**usage)

    return answer


@contextmanager
def serving(chat: Answer | None = None, port: int = 0, **answers: Answer) -> Iterator[Served]:
    """A server with one model, ``tiny``, that answers to ``/v1/chat/completions`` with ``chat``.

    Other answers are named by method and path, with ``__`` for each slash: ``GET__v1__models=...``.
    """
    places = {name.replace("__", " /", 1).replace("__", "/"): answer for name, answer in answers.items()}
    served = Served({"GET /v1/models": models("tiny"), **places})
    if chat is not None:
        served.answers["POST /v1/chat/completions"] = chat
    handler = type("Handler", (Exchange,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    served.open.set()
    served.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.open.clear()
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE_S)
