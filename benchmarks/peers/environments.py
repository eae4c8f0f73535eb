"""A virtual environment for each peer, built once from its pinned requirements and kept in a cache folder."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from benchmarks.peers.catalogue import Peer, PeerFailed

Say = Callable[[str], None]
DONE, LOG = "complete", "install.log"
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Exit)(: |$)")


def default_root() -> Path:
    """Where environments are kept, unless told: the user's cache folder."""
    return user_cache_path("mneme") / "benchmark-peers"


def python_of(peer: Peer, root: Path, say: Say) -> Path:
    """The Python of ``peer``'s environment, which is built first if its requirements have changed or it is new.

    ``say`` is told what pip is doing. Raises PeerFailed, with where the log is.
    """
    pins = peer.requirements.read_text("utf-8")
    mark = hashlib.sha256(f"{sys.version}\n{pins}".encode()).hexdigest()[:12]
    folder = root / f"{peer.requirements.stem}-{mark}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{folder.name}.lock"):
        if not (folder / DONE).exists():
            _build(peer, folder, python, say)
            (folder / DONE).touch()
    return python


def _build(peer: Peer, folder: Path, python: Path, say: Say) -> None:
    say("making an environment")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise PeerFailed(f"no environment could be made at {folder}: {last_line(made.stderr + made.stdout)}")
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    log = folder / LOG
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            [*command, "-r", str(peer.requirements)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as pip,
    ):
        assert pip.stdout is not None
        for line in pip.stdout:
            kept.write(line)
            say(line.strip()[:60])
    if pip.returncode:
        raise PeerFailed(f"pip could not install it: {_complaint(log.read_text('utf-8'))} (whole log: {log})")


def _complaint(said: str) -> str:
    """pip's first line of error: those after it are advice."""
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    return errors[0].removeprefix("ERROR:").strip() if errors else last_line(said)


def last_line(said: str) -> str:
    """What went wrong, in one line of readable length: the exception a traceback ends with, else the last words."""
    lines = [line for line in said.splitlines() if line.strip()]
    named = [place for place, line in enumerate(lines) if _EXCEPTION.match(line)]
    words = lines[named[-1] :] if named else lines[-1:]
    return " ".join(" ".join(words).split())[:200] or "it said nothing"
