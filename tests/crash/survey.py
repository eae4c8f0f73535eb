"""The next open after a death: what any open does, and then a look at everything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from memory_store import MemoryStore
from memory_store.backups import making, shelf
from memory_store.embedding import default_embedder
from memory_store.language.words import terms
from tests.crash.looking import branches, records

SAMPLE = 4
KNOWN = {"memory.db", "memory.db-wal", "memory.db-shm", "chroma", "backups", "index.lock", "damaged-index", "replaced"}
KNOWN |= {"convert.lock"}
"""What may lie in a profile's folder."""


def recover(profile: Path, passphrase: str | None) -> None:
    """What the next open does by itself: this is what is killed when death comes twice."""
    with MemoryStore.open(profile, indexing="manual", passphrase=passphrase) as store:
        store.index_now()


def survey(profile: Path, erased: list[str], secrets: list[str], passphrase: str | None) -> Mapping[str, Any]:
    """Open, let it put itself in order, and say what is there and what is wrong."""
    recover(profile, passphrase)
    problems: list[str] = []
    with MemoryStore.open(profile, indexing="manual", passphrase=passphrase) as store:
        state = store.index_now()
        report = store.check(thorough=True)
        if not report.ok or len({report.words, report.vectors, report.indexed}) != 1 or report.queued or state.problem:
            problems.append(f"out of step: {report} {state.problem}")
        found, branched = records(store), branches(store)
        problems += _unfindable(store, found)
        late = store.remember("The survey was here.")
        if store.recall("survey was here")[0].memory.id != late.id:
            problems.append("a turn said after the recovery is not found")
        store.purge([late.id])
    problems += _left_over(profile, encrypted=passphrase is not None)
    problems += _damaged_backups(profile, passphrase)
    kept = "\n".join(text for record in found.values() for text in (record[0], *record[6]))
    gone = [*secrets, *(text for text in erased if text not in kept)]  # "Noted." may stand where something else says it
    # Nothing at all stands in the plain where the memory is encrypted.
    problems += traces(profile, gone if passphrase is None else [*gone, *(record[0] for record in found.values())])
    return {"records": found, "branches": branched, "problems": problems}


def _unfindable(store: MemoryStore, found: Mapping[str, Any]) -> list[str]:
    """A few turns must be found by their own words, and by their own vector in the index."""
    problems = []
    said = [(key, record) for key, record in found.items() if record[1] == "user" and not record[3]]
    shown = [(key, record) for key, record in said if "token" in record[0]]
    for key, record in shown[:: max(1, len(shown) // SAMPLE)]:
        token = next(word for word in terms(record[0]) if "token" in word)
        if key not in {hit.memory.id for hit in store.recall(token, limit=50)}:
            problems.append(f"{key} is not found by its own word {token}")
        if store.encrypted:
            continue
        index = store._indexer.index.open()
        vector = default_embedder().encode([record[0]])[0]
        near = index.vectors(index.nearest(vector, 1).seqs.tolist())
        if not near or min(float(row @ vector) for row in near.values()) < 0.99:
            problems.append(f"{key} is not found by its own vector")
    return problems


def _left_over(profile: Path, *, encrypted: bool) -> list[str]:
    """What nobody will look at again must not stay."""
    left = [folder.name for folder in profile.glob("chroma/*")] if not encrypted else ["none"]
    names = {file.name for file in profile.iterdir()}
    odd = sorted(names - KNOWN)
    return ([f"generations {left}"] if len(left) != 1 else []) + ([f"left behind: {odd}"] if odd else [])


def _damaged_backups(profile: Path, passphrase: str | None) -> list[str]:
    sound, damaged = shelf.listed(profile)
    problems = [f"damaged backups: {damaged}"] if damaged else []
    for backup in sound[:1]:
        making.verify(profile, backup, passphrases=[passphrase] if passphrase else [])
    if sound and (half := [file.name for file in shelf.shelf_of(profile).glob(".*") if file.name != ".lock"]):
        problems.append(f"half a backup: {half}")
    return problems


def traces(profile: Path, gone: list[str]) -> list[str]:
    """Words and vectors that were purged stand in no file of the profile."""
    if not gone:
        return []
    vectors = default_embedder().encode(gone).astype(np.float16)
    needles = {
        text: [text.encode(), row.tobytes(), row.astype(np.float32).tobytes()]
        for text, row in zip(gone, vectors, strict=True)
    }
    problems = []
    for file in profile.rglob("*"):
        content = file.read_bytes() if file.is_file() and file.suffix != ".zip" else b""
        problems += [
            f"{text!r} stands in {file.name}" for text, ways in needles.items() if any(w in content for w in ways)
        ]
    return problems
