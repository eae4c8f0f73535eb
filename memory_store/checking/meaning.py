"""Stored vectors against the words, and the index of meaning against the stored vectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
from sqlalchemy import Connection

from memory_store.checking.findings import Finding, counted, memories
from memory_store.database.base import change_rows, plain_rows
from memory_store.embedding.base import Embedder, Vectors
from memory_store.semantic import vectors
from memory_store.semantic.chroma import IndexDamaged, SemanticIndex
from memory_store.semantic.index_folder import IndexFolder
from memory_store.semantic.index_server import ServedIndex

SAMPLE = 32
PART = 2_000
EMBEDDED = 256
"""Texts that are embedded at once."""
SAME = 0.999
"""Cosine: less than this is another vector. A float16 and its float32 differ by far less."""
ALIKE = 0.99
"""Cosine of a stored vector and one that is made now, of the same words."""
NEAR = 10

_UNEMBEDDED = (
    "SELECT t.seq FROM turns t LEFT JOIN vectors v ON v.turn_seq = t.seq AND v.embedder_seq = ?"
    " WHERE v.stamp IS NULL AND t.seq NOT IN (SELECT turn_seq FROM index_queue)"
)
_ALL = "SELECT turn_seq, vector, stamp FROM vectors WHERE embedder_seq = ? AND stamp > ? ORDER BY stamp LIMIT ?"
_DROP = "DELETE FROM vectors WHERE turn_seq IN (@numbers)"
_QUEUE = "INSERT INTO index_queue (turn_seq, op) SELECT value, 'upsert' FROM (@numbers) missing"

Progress = Callable[[int, int], None]


def findings(
    connection: Connection, embedder: Embedder, filed: int | None, progress: Progress, *, thorough: bool
) -> Iterator[Finding]:
    """What is wrong with the stored vectors; ``thorough``: every one is compared with one that is made anew."""
    if lost := [row[0] for row in plain_rows(connection, _UNEMBEDDED, filed or 0)]:
        what = f"{memories(len(lost))} without a vector or a place in the queue"
        yield Finding(what, lambda now: _again(now, lost), f"{memories(len(lost))} embedded", index=True)
    if filed is None:
        return
    if bad := _malformed(connection, filed, embedder.dimensions, progress):
        what = f"{counted(len(bad), 'damaged vector')}"
        yield Finding(what, lambda now: _again(now, bad), f"{memories(len(bad))} embedded again", index=True)
    elif thorough and (strange := _strange(connection, embedder, filed, _held(connection, filed), progress)):
        what = f"{counted(len(strange), 'stored vector')} not what {embedder.name} makes of the words"
        yield Finding(what, lambda now: _again(now, strange), f"{memories(len(strange))} embedded again", index=True)
    elif not thorough and (strange := _strange(connection, embedder, filed, _some(_held(connection, filed)))):
        what = f"of {SAMPLE} stored vectors, {len(strange)} not what {embedder.name} makes of the words"
        yield Finding(what, _all_again, "everything was embedded again", index=True)


def _malformed(connection: Connection, filed: int, dimensions: int, progress: Progress) -> list[int]:
    """Vectors that are no unit vectors of so many dimensions."""
    bad: list[int] = []
    total, done, last = vectors.count(connection, filed), 0, 0
    while rows := plain_rows(connection, _ALL, filed, last, PART):
        last = rows[-1][2]
        fit = [(seq, row) for seq, row, _ in rows if isinstance(row, bytes) and len(row) == 2 * dimensions]
        bad += sorted({seq for seq, _, _ in rows} - {seq for seq, _ in fit})
        if fit:
            table = np.frombuffer(b"".join(row for _, row in fit), np.float16).reshape(-1, dimensions)
            lengths = np.linalg.norm(table.astype(np.float32), axis=1)
            bad += [fit[place][0] for place in np.flatnonzero(~(np.abs(lengths - 1) < 0.01)).tolist()]
        done += len(rows)
        progress(done, total)
    return bad


def _held(connection: Connection, filed: int) -> list[int]:
    """The turns that have a vector."""
    rows = plain_rows(connection, "SELECT turn_seq FROM vectors WHERE embedder_seq = ? ORDER BY turn_seq", filed)
    return [row[0] for row in rows]


def _some(seqs: list[int]) -> list[int]:
    """A sample from the first to the last."""
    places = np.linspace(0, len(seqs) - 1, min(SAMPLE, len(seqs))).round().astype(int)
    return [seqs[place] for place in places]


def _strange(
    connection: Connection, embedder: Embedder, filed: int, seqs: list[int], progress: Progress | None = None
) -> list[int]:
    """Those of these turns whose vector is not what the embedder makes of their words now."""
    strange: list[int] = []
    for start in range(0, len(seqs), EMBEDDED):
        part = seqs[start : start + EMBEDDED]
        known, table = vectors.some(connection, filed, part)
        texts = dict(plain_rows(connection, "SELECT seq, text FROM turns WHERE seq IN (@numbers)", json.dumps(part)))
        made = embedder.encode([texts[seq] for seq in known.tolist()])
        strange += known[(made * table).sum(1) < ALIKE].tolist()
        if progress is not None:
            progress(start + len(part), len(seqs))
    return strange


def _again(connection: Connection, seqs: list[int]) -> None:
    """Forget the vectors of these turns, and queue them."""
    listed = json.dumps(seqs)
    change_rows(connection, _DROP, [(listed,)])
    change_rows(connection, _QUEUE, [(listed,)])
    vectors.new_epoch(connection)


def _all_again(connection: Connection) -> None:
    _again(connection, [row[0] for row in plain_rows(connection, "SELECT seq FROM turns")])


def held(index: IndexFolder | ServedIndex) -> int:
    """Vectors in Chroma; -1: held by another process."""
    if not index.acquire():
        return -1
    try:
        return index.open().count()
    except IndexDamaged:
        return 0


def of_index(
    connection: Connection, index: IndexFolder | ServedIndex, filed: int | None, progress: Progress
) -> tuple[int, list[Finding]]:
    """Vectors in Chroma (-1: held by another process), and what is wrong with them. The queue has been drained."""
    if not index.acquire():
        return -1, []
    try:
        present = index.open().ids()
        waiting = {int(row[0]) for row in plain_rows(connection, "SELECT turn_seq FROM index_queue")}
        mine = "SELECT turn_seq FROM vectors WHERE embedder_seq = ?"
        settled = {int(row[0]) for row in plain_rows(connection, mine, filed or 0)} - waiting
        lacking, stray = settled - present, present - settled - waiting
        if lacking or stray:
            what = f"the index of meaning lacks {counted(len(lacking), 'vector')} and has {len(stray):,} too many"
            return len(present), [Finding(what, index=True)]
        wrong = _compared(connection, index.open(), filed or 0, sorted(settled), progress)
    except IndexDamaged as error:
        return 0, [Finding(f"the index of meaning is damaged ({error})", index=True)]
    return len(present), [Finding(what, index=True) for what in wrong]


def _compared(
    connection: Connection, index: SemanticIndex, filed: int, seqs: list[int], progress: Progress
) -> Iterator[str]:
    """Chroma's vectors beside the stored ones, and a sample of them looked for."""
    other = 0
    for start in range(0, len(seqs), PART):
        part = seqs[start : start + PART]
        held = index.vectors(part)
        known, table = vectors.some(connection, filed, part)
        for seq, row in zip(known.tolist(), table, strict=True):
            other += seq not in held or _cosine(held[seq], row) < SAME
        progress(min(start + PART, len(seqs)), len(seqs))
    if other:
        yield f"{counted(other, 'vector')} in the index of meaning that differ from the stored ones"
    few = _some(seqs)
    known, table = vectors.some(connection, filed, few)
    lost = sum(not _finds(index, seq, row) for seq, row in zip(known.tolist(), table, strict=True))
    if lost:
        yield f"of {memories(len(few))}, {lost} not found in the index of meaning by their own vector"


def _finds(index: SemanticIndex, seq: int, row: Vectors) -> bool:
    """Whether a turn, or another that means exactly the same, is the nearest to its own vector."""
    near = index.nearest(row, NEAR).seqs.tolist()
    return seq in near or any(_cosine(one, row) > SAME for one in index.vectors(near[:1]).values())


def _cosine(one: Vectors, other: Vectors) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
