"""Which memories say again what a newer one of the same speaker says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from memory_store.records import Turn

Vectors = NDArray[np.float32]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Duplicates = dict[int, tuple[int, float]]
"""Place of a duplicate -> place of the newer memory that stands for it, and their cosine."""

ROWS = 256
COLUMNS = 16_384
"""Cosines are computed in blocks of this many; 16 MiB whatever the size of the store."""

_ROUNDING = 1e-3
"""Vectors are stored as float16: the cosine of two equal texts may come out this much below 1."""


def newness(memory: Turn) -> tuple[datetime, int, str]:
    """A key that sorts memories from oldest to newest, the same way every time."""
    return memory.said_at, memory.position, memory.id


def find_duplicates(memories: Sequence[Turn], vectors: Vectors, candidates: Flags, least: float) -> Duplicates:
    """The candidates that have a newer memory of the same speaker, itself not a duplicate, with cosine >= ``least``.

    Only what stays can stand for another: of A, B and C, each alike its successor but A not like C, only B is found,
    because with B gone nothing would say what A says. ``vectors``: shape (n, dimensions), unit rows, NaN where
    missing; a memory without a vector is neither. Time n²/2 cosines at worst, memory constant beyond the input.
    """
    found: Duplicates = {}
    usable = np.isfinite(vectors).all(axis=1) & np.array([not memory.forgotten for memory in memories], bool)
    for places in _by_speaker(memories, usable):
        found |= _among(vectors, places, candidates, min(least, 1.0 - _ROUNDING))
    return found


def closest_newer(memories: Sequence[Turn], vectors: Vectors) -> NDArray[np.float64]:
    """For each memory the highest cosine to a newer one that is not forgotten, whoever said it; shape (n,), 0 at least.

    ``vectors`` as in :func:`find_duplicates`. Time n²/2 cosines, in blocks.
    """
    best = np.zeros(len(memories))
    usable = np.isfinite(vectors).all(axis=1) & np.array([not memory.forgotten for memory in memories], bool)
    places = np.array(sorted(np.flatnonzero(usable).tolist(), key=lambda at: newness(memories[at]))[::-1], np.intp)
    for start in range(0, len(places), ROWS):
        block = places[start : start + ROWS]
        rows = vectors[block]
        inner = np.tril(rows @ rows.T, -1)
        outer, _ = _closest(rows, vectors, places[:start])
        best[block] = np.maximum(np.maximum(outer, inner.max(axis=1, initial=0.0)), 0.0)
    return best


def _by_speaker(memories: Sequence[Turn], usable: Flags) -> Iterator[Places]:
    """For each speaker the places of what they said, newest first."""
    said: dict[str, list[int]] = {}
    for place in np.flatnonzero(usable).tolist():
        said.setdefault(memories[place].speaker, []).append(place)
    for places in said.values():
        places.sort(key=lambda place: newness(memories[place]))
        yield np.array(places[::-1], np.intp)


def _among(vectors: Vectors, places: Places, candidates: Flags, least: float) -> Duplicates:
    """Duplicates among ``places`` (newest first): block by block, each against what stays of the newer ones."""
    found: Duplicates = {}
    stays = np.ones(len(places), bool)
    for start in range(0, len(places), ROWS):
        block = places[start : start + ROWS]
        if not candidates[block].any():
            continue
        rows = vectors[block]
        best, other = _closest(rows, vectors, places[:start][stays[:start]])
        inner = rows @ rows.T
        for row in np.flatnonzero(candidates[block]).tolist():
            for near in np.flatnonzero(stays[start : start + row] & (inner[row, :row] > best[row])).tolist():
                if inner[row, near] > best[row]:
                    best[row], other[row] = inner[row, near], block[near]
            if best[row] >= least:
                found[int(block[row])] = (int(other[row]), min(1.0, float(best[row])))
                stays[start + row] = False
    return found


def _closest(rows: Vectors, vectors: Vectors, others: Places) -> tuple[NDArray[np.float32], Places]:
    """For each row the highest cosine among ``others``, and whose it is; -1 where there are none."""
    best = np.full(len(rows), -1.0, np.float32)
    whose = np.full(len(rows), -1, np.intp)
    for start in range(0, len(others), COLUMNS):
        columns = others[start : start + COLUMNS]
        cosines = rows @ vectors[columns].T
        at = cosines.argmax(axis=1)
        value = cosines[np.arange(len(rows)), at]
        closer = value > best
        best[closer], whose[closer] = value[closer], columns[at[closer]]
    return best, whose
