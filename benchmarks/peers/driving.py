"""Running an adapter and answering it: it asks for vectors, tells how far it is, and gives what its product found."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Any

import numpy as np

from agent.bench.data import Corpus
from benchmarks.peers.catalogue import COMMON, Peer, PeerFailed
from benchmarks.peers.environments import last_line
from benchmarks.peers.plan import write_job
from memory_store.embedding.base import Embedder

KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "SYSTEMROOT")
"""Of the surrounding environment: nothing that could point a product at an account or at a user's own data."""


@dataclass(slots=True)
class Heard:
    """What one peer brought back from one store. ``found`` and ``seconds`` by the question's place."""

    found: dict[int, list[int]] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    """Without making vectors."""
    version: str = ""
    reached_for: tuple[str, ...] = ()
    """Hosts that it tried to connect to, and was not let."""


def ask_peer(
    peer: Peer,
    python: Path,
    corpus: Corpus,
    depth: int,
    embedder: Embedder,
    move: Callable[[int, int], None],
    *,
    minutes: float,
) -> Heard:
    """Let ``peer`` remember one corpus in a scratch folder and answer its questions, in a process of its own.

    Raises PeerFailed, EmbedderError.
    """
    with tempfile.TemporaryDirectory(prefix="mneme-peer-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        job, said = folder / "job.json", folder / "said"
        write_job(job, corpus, depth)
        with (
            said.open("wb") as errors,
            subprocess.Popen(
                [str(python), str(peer.adapter), str(job), *peer.options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
                env=_environment(peer, folder),
                text=True,
                encoding="utf-8",
            ) as process,
        ):
            alarm = Timer(60 * minutes, process.kill)
            alarm.start()
            try:
                heard = _converse(process, corpus, embedder, move)
            finally:
                in_time = alarm.is_alive()
                alarm.cancel()
                _hang_up(process)
        words = said.read_text("utf-8", errors="replace")
    _check(heard, corpus, words if in_time else f"stopped after {minutes:g} minutes")
    return heard


def _converse(
    process: subprocess.Popen[str], corpus: Corpus, embedder: Embedder, move: Callable[[int, int], None]
) -> Heard:
    heard, done = Heard(), 0
    total = len(corpus.turns) + len(corpus.questions)
    assert process.stdin is not None
    assert process.stdout is not None
    for line in process.stdout:
        message = _message(line)
        if "embed" in message:
            _give_vectors(process.stdin, embedder, message["embed"])
        elif "ask" in message:
            heard.found[message["ask"]] = message["found"]
            heard.seconds[message["ask"]] = message["seconds"]
            done += 1
        elif "version" in message:
            heard.version, heard.reached_for = message["version"], tuple(message["reached_for"])
        else:
            done += message["done"]
        move(done, total)
    return heard


def _hang_up(process: subprocess.Popen[str]) -> None:
    process.kill()
    if process.stdin is not None:
        with suppress(BrokenPipeError):  # what it no longer reads
            process.stdin.close()


def _message(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError as error:
        raise PeerFailed(f"its adapter said what is no message: {line.strip()[:80]!r}") from error


def _give_vectors(to: IO[str], embedder: Embedder, texts: list[str]) -> None:
    rows = np.ascontiguousarray(embedder.encode(texts), np.float32)
    reply = {"dimensions": embedder.dimensions, "vectors": base64.b64encode(rows.tobytes()).decode()}
    with suppress(BrokenPipeError):  # it ended meanwhile; why, its standard error says
        to.write(json.dumps(reply) + "\n")
        to.flush()


def _check(heard: Heard, corpus: Corpus, words: str) -> None:
    """Raises PeerFailed unless it answered everything, with places that there are."""
    if not heard.version or len(heard.found) < len(corpus.questions):
        raise PeerFailed(last_line(words))
    known = range(len(corpus.turns))
    if any(place not in known for found in heard.found.values() for place in found):
        raise PeerFailed("its adapter named a turn that there is not")


def _environment(peer: Peer, home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), **COMMON, **peer.variables}
