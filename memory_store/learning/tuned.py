"""Tuned cross-encoders on the disk: folders in the profile, numbered; the highest number is in force.

Each is what transformers reads (safetensors), and a file that says where it comes from; written whole or not at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from memory_store.embedding.base import Embedder
from memory_store.errors import HeadRefused, RerankerError, StoreUnavailable
from memory_store.learning.files import FOLDER, Provenance
from memory_store.reranking.base import Stage
from memory_store.reranking.cross_encoder import CrossEncoder

VERSION = 1
KEPT = 2
"""Rerankers that are kept for :meth:`Rerankers.undo`, the one in force included: each takes 90 MB."""
ORIGIN = "mneme.json"

_NAME = re.compile(r"reranker-(\d{4,})")


@dataclass(frozen=True, slots=True)
class Tuned:
    """Where a tuned cross-encoder comes from, and how recall is to use it."""

    provenance: Provenance
    weight: float
    """What its favourite gains."""
    top: int
    """How many of the best it is asked about."""
    milliseconds: float
    """What that took for a query, where it was tuned."""


def tuned_in(profile: Path) -> list[Path]:
    """The folders of a profile's tuned cross-encoders, oldest first."""
    try:
        found = [one for one in (profile / FOLDER).iterdir() if _NAME.fullmatch(one.name)]
    except OSError:
        return []
    return sorted(found, key=lambda one: int(_NAME.sub(r"\1", one.name)))


class Rerankers:
    """The tuned cross-encoders of one profile."""

    def __init__(self, profile: Path | None, embedder: Embedder) -> None:
        """``profile``: its folder; None: there is none, so nothing can be kept."""
        self._profile = profile
        self._embedder = embedder

    def folders(self) -> list[Path]:
        """Oldest first; the last is in force."""
        return [] if self._profile is None else tuned_in(self._profile)

    def newest(self) -> tuple[Tuned | None, str]:
        """Where the one in force comes from, and why it cannot be used; nothing where it can, or where none is."""
        for folder in self.folders()[-1:]:
            try:
                tuned = read(folder)
            except HeadRefused as refused:
                return None, str(refused)
            if tuned.provenance.embedder != self._embedder.fingerprint:
                return tuned, f"it was tuned beside another embedding model ({tuned.provenance.embedder_name})"
            return tuned, ""
        return None, ""

    def stage(self, remark: Callable[[str], object]) -> Stage | None:
        """The second look that recall is to take; None: there is none, or ``remark`` is told why it cannot be used."""
        tuned, refusal = self.newest()
        if tuned is not None and not refusal:
            try:
                return Stage(CrossEncoder(self.folders()[-1]), tuned.weight, tuned.top)
            except RerankerError:
                refusal = "its files are damaged"
        if refusal:
            remark(
                f"The tuned reranker is not used: {refusal}. `mneme learn --reranker` tunes another,"
                " `mneme learn --reranker --undo` takes it away."
            )
        return None

    def adopt(self, save: Callable[[Path], object], tuned: Tuned) -> Path:
        """Put one in force: ``save`` writes its files into the folder it is given. Raises StoreUnavailable; what was in
        force before then stays so."""
        if self._profile is None:
            raise StoreUnavailable("What is learned is kept in a folder, and this memory has none.")
        kept_in = self._profile / FOLDER
        known = self.folders()
        number = int(_NAME.sub(r"\1", known[-1].name)) + 1 if known else 1
        place = kept_in / f"reranker-{number:04}"
        temporary = kept_in / f".{place.name}.{os.getpid()}"
        try:
            kept_in.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.mkdir(mode=0o700)
            save(temporary)
            described = {"format": "mneme-reranker", "version": VERSION, **asdict(tuned)}
            (temporary / ORIGIN).write_text(json.dumps(described, indent=2) + "\n", "utf-8")
            for file in temporary.iterdir():
                file.chmod(0o600)
            temporary.replace(place)
        except OSError as error:
            raise StoreUnavailable(f"{place} cannot be written: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        for old in known[: -(KEPT - 1)]:
            shutil.rmtree(old, ignore_errors=True)
        return place

    def undo(self) -> bool:
        """Take the one in force away: the one before it is in force again, or none. False: there was none. Raises
        StoreUnavailable."""
        known = self.folders()
        if not known:
            return False
        try:
            shutil.rmtree(known[-1])
        except OSError as error:
            raise StoreUnavailable(f"{known[-1]} cannot be removed: {error.strerror or error}.") from error
        return True


def read(folder: Path) -> Tuned:
    """Raises HeadRefused with the reason."""
    try:
        told: Any = json.loads((folder / ORIGIN).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HeadRefused("its file cannot be read") from error
    if not isinstance(told, dict) or told.pop("format", None) != "mneme-reranker":
        raise HeadRefused("its file is no tuned reranker")
    if told.pop("version", None) != VERSION:
        raise HeadRefused("it was made by another version of mneme")
    with contextlib.suppress(KeyError, TypeError, ValueError):
        weight, top = float(told["weight"]), int(told["top"])
        if 0 < weight < 100 and 1 < top < 1000:
            return Tuned(Provenance(**told["provenance"]), weight, top, float(told["milliseconds"]))
    raise HeadRefused("its file is damaged")
