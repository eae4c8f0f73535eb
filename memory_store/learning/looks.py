"""Labels put to recall again, as examples to learn from."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from memory_store.addressing import Ints, Weights
from memory_store.database.base import plain_rows
from memory_store.embedding.base import Vectors
from memory_store.embedding.library import one_thread
from memory_store.learning.examples import Example, example
from memory_store.learning.labels import Label
from memory_store.learning.traits import Traits
from memory_store.recall.looking import Look
from memory_store.recall.recaller import Recaller
from memory_store.schema import to_micros

TOGETHER = 128
"""Queries embedded at a time."""

_IDS = "SELECT seq, id FROM turns"
_SAID = "SELECT seq, said_at FROM turns ORDER BY seq"


def examples(
    connection: Connection,
    recaller: Recaller,
    labels: Sequence[Label],
    *,
    now: datetime,
    keys: Mapping[str, str] | None = None,
    hops: bool = False,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> list[Example]:
    """Each label's query put to the store, and what recall knew of its candidates.

    ``keys``: a memory's id -> what counts as found when it is recalled; by default itself. ``hops``: with what a second
    hop reads. Raises EmbedderError.
    """
    numbers: dict[str, int] = {}
    ids = plain_rows(connection, _IDS)
    number_of = np.zeros(max((seq for seq, _ in ids), default=0) + 1, np.int64)
    for seq, name in ids:
        number_of[seq] = numbers.setdefault(name if keys is None else keys.get(name, name), len(numbers))
    known = Traits()
    found = []
    for label, look in looked(connection, recaller, labels, now):
        gold, wrong = ({numbers.setdefault(key, len(numbers)) for key in side} for side in (label.gold, label.wrong))
        traits = known.of(connection, look.pool.seqs)
        hop = recaller.hop(connection, look, Weights()) if hops else None
        own = number_of[look.pool.seqs]
        found.append(example(look, traits, keys=own, gold=gold, wrong=wrong, group=label.group, hop=hop))
        progress(len(found), len(labels))
    return found


def looked(
    connection: Connection, recaller: Recaller, labels: Sequence[Label], now: datetime
) -> Iterator[tuple[Label, Look]]:
    """Each label with what recall sees of its query. Raises EmbedderError."""
    said = _said(connection) if any(one.as_of for one in labels) else None
    with closing(_vectors(connection, recaller, labels)) as vectors:
        for label, vector in zip(labels, vectors, strict=True):
            by_then = None
            if label.as_of is not None and said is not None:
                seqs, instants = said
                by_then = seqs[instants <= to_micros(label.as_of)]
            look = recaller.look(
                connection,
                label.text,
                now=label.as_of or now,
                as_of=label.as_of,
                exclude=label.exclude,
                context=label.context,
                vector=vector,
                said_by_then=by_then,
            )
            yield label, look


def _said(connection: Connection) -> tuple[Ints, Ints]:
    """Every turn's number, and when it was said: read once, for hundreds of queries of hundreds of instants."""
    table = np.array(plain_rows(connection, _SAID), np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _vectors(connection: Connection, recaller: Recaller, labels: Sequence[Label]) -> Generator[Vectors]:
    """Of each label, in their order: as it is stored where a turn asked in these words, else made :data:`TOGETHER` in
    a thread, while those made before are looked at."""
    meant = recaller.meant(connection, [(one.text, one.context) for one in labels])
    known = _stored(connection, recaller, labels, meant)
    unknown = [place for place in range(len(labels)) if place not in known]

    def encode(texts: list[str]) -> Vectors:
        with one_thread():
            return recaller.dense.embedder.encode(texts)

    batches = [unknown[start : start + TOGETHER] for start in range(0, len(unknown), TOGETHER)]
    with ThreadPoolExecutor(1, "mneme-embeds-ahead") as ahead:
        coming = [(batch, ahead.submit(encode, [meant[place] for place in batch])) for batch in batches]
        try:
            for place in range(len(labels)):
                while place not in known:
                    batch, made = coming.pop(0)
                    known.update(zip(batch, made.result(), strict=True))
                yield known.pop(place)
        finally:
            ahead.shutdown(cancel_futures=True)


def _stored(
    connection: Connection, recaller: Recaller, labels: Sequence[Label], meant: Sequence[str]
) -> dict[int, Vectors]:
    """Place of a label -> its vector, where a turn asked just what recall would compare with memories."""
    numbers: dict[str, int] = {name: seq for seq, name in plain_rows(connection, _IDS)}
    asked = {
        place: numbers[one.turn] for place, one in enumerate(labels) if one.turn in numbers and meant[place] == one.text
    }
    rows = recaller.dense.rows(connection, list(asked.values()))
    return {place: row for place, row in zip(asked, rows, strict=True) if not np.isnan(row).any()}
