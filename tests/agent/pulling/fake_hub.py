"""A hub on loopback: the few routes that huggingface_hub asks, and everything that can go wrong with them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

NAME = "ana/tiny-chat"
CARD = b"---\nlicense: apache-2.0\nlanguage: en\n---\n# Tiny chat\n"


def commit_of(files: dict[str, bytes]) -> str:
    return hashlib.sha1(json.dumps(sorted((name, len(data)) for name, data in files.items())).encode()).hexdigest()


@dataclass
class FakeHub:
    """What it holds, how it misbehaves, and what it was asked."""

    files: dict[str, bytes]
    name: str = NAME
    revisions: tuple[str, ...] = ("main", "v1")
    status: int = 0
    """Answer everything with this status."""
    error_code: str = ""
    """The hub's own name for it, in X-Error-Code."""
    closes_after: int | None = None
    """Break each transfer off after so many bytes, until ``breaks`` are used up."""
    breaks: int = 0
    sends: dict[str, bytes] = field(default_factory=dict)
    """What is sent in place of what was announced."""
    ignores_ranges: bool = False
    stalls: bool = False
    cdn: str = ""
    """Large files are sent from there."""
    endpoint: str = ""
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def commit(self) -> str:
        return commit_of(self.files)

    def sibling(self, path: str) -> dict[str, object]:
        data = self.files[path]
        entry: dict[str, object] = {"rfilename": path, "size": len(data), "blobId": git_hash(data)}
        if is_large(path):
            entry["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 134}
        return entry

    def leaf(self, path: str) -> dict[str, object]:
        entry = self.sibling(path)
        lfs = {"oid": sha256(self.files[path]), "size": entry["size"], "pointerSize": 134}
        found = {"type": "file", "path": path, "size": entry["size"], "oid": entry["blobId"]}
        return found | ({"lfs": lfs} if is_large(path) else {})


def is_large(path: str) -> bool:
    return path.endswith((".safetensors", ".bin", ".gguf"))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: FakeHub, *rest: object) -> None:
        self.hub = hub
        super().__init__(*rest)

    def log_message(self, *_: object) -> None:
        return None

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        hub.asked.append(f"{self.command} {path}")
        hub.tokens[path] = self.headers.get("authorization", "")
        if hub.stalls:
            hub.go_on.wait(60)
        if hub.status:
            return self.refuse(hub.status, hub.error_code)
        parts = path.strip("/").split("/")
        owner_name = hub.name.split("/")
        if parts[:2] == ["api", "models"]:
            if parts[2:4] != owner_name:
                return self.refuse(404, "RepoNotFound")
            return self.api(parts[4:])
        if parts[:2] != owner_name or parts[2] != "resolve" or parts[4] not in hub.files:
            return self.refuse(404, "EntryNotFound")
        return self.send_file(parts[4], body=body)

    def api(self, rest: list[str]) -> None:
        hub = self.hub
        revision = rest[1] if len(rest) > 1 else "main"
        if revision not in (*hub.revisions, hub.commit):
            return self.refuse(404, "RevisionNotFound")
        if rest[:1] == ["tree"]:
            return self.send_json([hub.leaf(path) for path in hub.files])
        siblings = [hub.sibling(path) for path in hub.files]
        card = {"license": "apache-2.0"} if "README.md" in hub.files else None
        info = {"id": hub.name, "sha": hub.commit, "siblings": siblings, "tags": [], "gated": False, "private": False}
        return self.send_json(info | ({"cardData": card} if card else {}))

    def send_file(self, path: str, *, body: bool) -> None:
        hub = self.hub
        true = hub.files[path]
        if body or not (hub.cdn and is_large(path)):
            data = hub.sends.get(path, true)
            asked = self.headers.get("range", "")
            start = 0
            if body and asked and not hub.ignores_ranges:
                start = int(asked.removeprefix("bytes=").partition("-")[0])
                hub.ranges.append(asked)
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
        else:
            data, start = true, 0
            self.send_response(302)
            self.send_header("Location", f"{hub.cdn}{self.path}")
            self.send_header("Content-Length", "0")
        self.send_header("X-Repo-Commit", hub.commit)
        self.send_header("ETag", f'"{git_hash(true)}"')
        if is_large(path):
            self.send_header("X-Linked-ETag", f'"{sha256(true)}"')
            self.send_header("X-Linked-Size", str(len(true)))
        self.end_headers()
        if body:
            self.send_bytes(data[start:], large=is_large(path))

    def send_bytes(self, data: bytes, *, large: bool) -> None:
        hub = self.hub
        if large and hub.closes_after is not None and hub.breaks > 0:
            hub.breaks -= 1
            self.wfile.write(data[: hub.closes_after])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(2)
            return
        self.wfile.write(data)

    def send_json(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is part of the tests."""


@contextmanager
def running(hub: FakeHub) -> Iterator[FakeHub]:
    server = Server(("127.0.0.1", 0), partial(Handler, hub))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
