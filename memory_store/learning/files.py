"""Learned heads on the disk: safetensors in the profile's folder, numbered; the highest number is in force.

A head holds numbers and where they come from, and no words. Each is written whole or not at all, and read with care:
what is damaged, of another version or for another embedder is refused with the reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import threading
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from memory_store.database.base import Database
from memory_store.embedding.base import Embedder
from memory_store.errors import HeadRefused, StoreUnavailable
from memory_store.learning import features
from memory_store.learning.head import WEIGHTS, Head, blank
from memory_store.semantic import vectors

FOLDER = "learned"
NAME = "memory_name"
"""In ``meta``: what the heads of a memory on a server are filed under."""
VERSION = 1
KEPT = 5
"""Heads that are kept for :meth:`Heads.undo`, the one in force included."""

_NAME = re.compile(r"head-(\d{4,})\.safetensors")
_LARGEST = 4_000_000
"""Bytes: a larger file is no head."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a head comes from."""

    learned_at: str
    """ISO 8601, UTC."""
    embedder: str
    """Fingerprint."""
    embedder_name: str
    sources: dict[str, int]
    """Kind of signal, or format of labelled data -> pairs of query and memory."""
    queries: int
    pairs: int
    skipped: dict[str, int] = field(default_factory=dict)
    """Reason -> how many labels were left out."""
    first_asked_at: str | None = None
    last_asked_at: str | None = None
    held_out: dict[str, Any] = field(default_factory=dict)
    """Figure -> ``formula``, ``head``, ``gain``, ``low``, ``high`` on queries it was not trained on."""
    weights: dict[str, float] = field(default_factory=dict)
    """Constant -> what it became, in the mean over the queries."""
    mneme: str = ""


def save(file: Path, head: Head, provenance: Provenance) -> None:
    """Write it, mode 0600, whole or not at all. Raises StoreUnavailable."""
    from safetensors.numpy import save as serialised

    described = {"format": "mneme-head", "version": str(VERSION), "columns": _columns()}
    described["provenance"] = json.dumps(asdict(provenance))
    arrays = {one.name: np.ascontiguousarray(getattr(head, one.name), np.float64) for one in fields(Head)}
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(serialised(arrays, described))
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StoreUnavailable(f"{file} cannot be written: {error.strerror or error}.") from error


def load(file: Path) -> tuple[Head, Provenance]:
    """Raises HeadRefused with the reason."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as arrays_of

    try:
        if file.stat().st_size > _LARGEST:
            raise HeadRefused("it is too large to be one")
        data = file.read_bytes()
        described = _described(data)
        arrays = arrays_of(data)
    except (OSError, ValueError, SafetensorError) as error:
        raise HeadRefused("its file cannot be read") from error
    if described.get("format") != "mneme-head":
        raise HeadRefused("its file is no learned head")
    if described.get("version") != str(VERSION) or described.get("columns") != _columns():
        raise HeadRefused("it was made by another version of mneme")
    try:
        provenance = Provenance(**json.loads(described["provenance"]))
        head = Head(**{name: np.asarray(values, np.float64) for name, values in arrays.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise HeadRefused("its file is damaged") from error
    if not _fits(head):
        raise HeadRefused("its file is damaged")
    return head, provenance


def _described(data: bytes) -> dict[str, str]:
    """The metadata that stands at the beginning of a safetensors file. Raises ValueError."""
    length = int.from_bytes(data[:8], "little")
    found = json.loads(data[8 : 8 + length])
    described = found.get("__metadata__") if isinstance(found, dict) else None
    return described if isinstance(described, dict) else {}


def _columns() -> str:
    """What a head's numbers stand for: it is of no use to a version that counts otherwise."""
    return json.dumps([features.CANDIDATE, features.QUERY, WEIGHTS])


def _fits(head: Head) -> bool:
    """Whether the numbers are numbers, as many as there should be."""
    known = blank()
    members, hidden = (*head.inward.shape[:2], 0, 0)[:2]
    shapes = {one.name: getattr(known, one.name).shape for one in fields(Head)}
    shapes |= {"inward": (members, hidden, known.inward.shape[2])}
    shapes |= {"bias": (members, hidden), "outward": (members, hidden)}
    arrays = {one.name: getattr(head, one.name) for one in fields(Head)}
    return all(arrays[name].shape == shape and bool(np.isfinite(arrays[name]).all()) for name, shape in shapes.items())


def own_name(database: Database) -> str:
    """The folder, among those of heads in a profile, that is one memory's own: none where the profile's folder is the
    memory. What is learned from a memory on a server is its words' only: another user's, whose memory the same profile
    may be pointed to, has no part in it."""
    if database.engine.dialect.name == "sqlite":
        return ""

    def named(connection: Connection) -> str:
        name = vectors.read_meta(connection, NAME) or secrets.token_hex(8)
        vectors.write_meta(connection, NAME, name)
        return name

    return database.asked(lambda connection: vectors.read_meta(connection, NAME)) or database.written(named)


def carry(source: Path, target: Path) -> int:
    """Copy the heads in one folder to another, which has none: how many. Raises StoreUnavailable."""
    found = [] if any(target.glob("*.safetensors")) else sorted(source.glob("*.safetensors"))
    try:
        for file in found:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(file, target / file.name)
    except OSError as error:
        raise StoreUnavailable(f"{target} cannot be written: {error.strerror or error}.") from error
    return len(found)


def _not_used(reason: str) -> str:
    return f"What was learned is not used: {reason}. `mneme learn` learns anew, `mneme learn --undo` takes it away."


class Heads:
    """The heads of one profile. Thread-safe; sees what another process has learned."""

    def __init__(self, profile: Path | None, embedder: Embedder, name: str = "") -> None:
        """``profile``: its folder; None: there is none, so nothing can be learned. ``name``: see :func:`own_name`."""
        self._folder = None if profile is None else profile / FOLDER / name
        self._embedder = embedder
        self._lock = threading.Lock()
        self._seen: tuple[Path, int, int] | None = None
        self._head: Head | None = None
        self._refusal = ""

    def files(self) -> list[Path]:
        """Oldest first; the last is in force."""
        if self._folder is None:
            return []
        try:
            found = [one for one in self._folder.iterdir() if _NAME.fullmatch(one.name)]
        except OSError:
            return []
        return sorted(found, key=lambda one: int(_NAME.sub(r"\1", one.name)))

    def in_force(self) -> tuple[Head | None, str]:
        """The head, if there is one that can be used; else why not, or nothing. Read again only where it changed."""
        with self._lock:
            seen: tuple[Path, int, int] | None = None
            for file in self.files()[-1:]:
                with contextlib.suppress(OSError):
                    now = file.stat()
                    seen = (file, now.st_mtime_ns, now.st_size)
            if seen != self._seen:
                self._seen = seen
                self._head, self._refusal = self._read(seen[0]) if seen else (None, "")
            return self._head, self._refusal

    def _read(self, file: Path) -> tuple[Head | None, str]:
        try:
            head, provenance = load(file)
        except HeadRefused as refused:
            return None, _not_used(str(refused))
        refusal = self.refusal(provenance)
        return (None, _not_used(refusal)) if refusal else (head, "")

    def refusal(self, provenance: Provenance) -> str:
        """Why a head that comes from there cannot be used here; nothing where it can."""
        if provenance.embedder == self._embedder.fingerprint:
            return ""
        return f"it was learned with another embedding model ({provenance.embedder_name})"

    def adopt(self, head: Head, provenance: Provenance) -> Path:
        """Put a head in force. Raises StoreUnavailable; what was in force before then stays so."""
        if self._folder is None:
            raise StoreUnavailable("What is learned is kept in a folder, and this memory has none.")
        files = self.files()
        number = int(_NAME.sub(r"\1", files[-1].name)) + 1 if files else 1
        file = self._folder / f"head-{number:04}.safetensors"
        save(file, head, provenance)
        for old in files[: -(KEPT - 1)]:
            with contextlib.suppress(OSError):
                old.unlink()
        return file

    def undo(self) -> bool:
        """Take the head in force away: the one before it is in force again, or the fixed formula. False: there was
        none. Raises StoreUnavailable."""
        files = self.files()
        if not files:
            return False
        try:
            files[-1].unlink()
        except OSError as error:
            raise StoreUnavailable(f"{files[-1]} cannot be removed: {error.strerror or error}.") from error
        return True
