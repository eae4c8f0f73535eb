"""The side of the benchmark that runs inside a peer's environment: the standard library and nothing else.

An adapter calls :func:`serve` with a function that opens its product. Over standard output and input, as lines of
JSON, it then asks mneme for vectors (``embed``), tells how far it is (``done``), and gives its answers (``ask``).
"""

from __future__ import annotations

import base64
import json
import os
import sys
from array import array
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, Protocol

Embed = Callable[[Sequence[str]], list[list[float]]]
HERE = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0"}


class Product(Protocol):
    """A peer's public door, as narrow as the benchmark needs it."""

    def add(self, places: Sequence[int], texts: Sequence[str], /) -> None: ...

    def search(self, query: str, limit: int, /) -> Sequence[int]:
        """Places of what was found, best first."""
        ...


class Pipe:
    """The driver at the other end. Whatever the product prints goes to standard error."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        self._in = os.fdopen(os.dup(0), encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lock = Lock()
        self.seconds = 0.0
        """Spent on vectors altogether: mneme's work and the pipe's, to be taken off what a search took."""

    def tell(self, **message: Any) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors of mneme's embedder, one for each text."""
        with self._lock:
            began = perf_counter()
            self.tell(embed=list(texts))
            reply = json.loads(self._in.readline())
            numbers = array("f", base64.b64decode(reply["vectors"])).tolist()
            wide = reply["dimensions"]
            rows = [numbers[start : start + wide] for start in range(0, len(numbers), wide)]
            self.seconds += perf_counter() - began
            return rows


def serve(distribution: str, opened: Callable[[Path, Embed], Product]) -> None:
    """Read the job named on the command line, do it, and say which version did it."""
    pipe, reached_for = Pipe(), set[str]()
    sys.addaudithook(lambda event, arguments: _stay_here(event, arguments, reached_for))
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    folder = Path(job["folder"])
    folder.mkdir()
    product = opened(folder, pipe.embed)
    _work(job, product, pipe)
    pipe.tell(version=version(distribution), reached_for=sorted(reached_for))


def _work(job: dict[str, Any], product: Product, pipe: Pipe) -> None:
    added = 0
    for step in job["steps"]:
        for start in range(0, len(step["add"]), 100):
            places = step["add"][start : start + 100]
            product.add(places, [job["texts"][place] for place in places])
            pipe.tell(done=len(places))
            added += len(places)
        if added and step["ask"]:
            product.search(job["questions"][step["ask"][0]], job["depth"])  # a first search opens files
        for number in step["ask"]:
            found, seconds = _asked(product, job["questions"][number], job["depth"], pipe) if added else ([], 0.0)
            pipe.tell(ask=number, found=found, seconds=seconds)


def _asked(product: Product, question: str, depth: int, pipe: Pipe) -> tuple[list[int], float]:
    before, began = pipe.seconds, perf_counter()
    found = product.search(question, depth)
    return list(found), perf_counter() - began - (pipe.seconds - before)


def _stay_here(event: str, arguments: tuple[Any, ...], reached_for: set[str]) -> None:
    """An audit hook: no socket leaves this machine while it is measured."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name not in HERE:
        reached_for.add(name)
        raise OSError(f"no network while measuring: {name}")
