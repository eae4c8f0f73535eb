"""Recall as of a day, in the words of that day: what was edited since is searched as it was worded then.

The full-text index and the vectors hold today's wordings only. The few turns that were edited later are taken out of
what both channels found, and scored from their old words here; no vector of those is kept, so words speak for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from memory_store.addressing import K1, Ints
from memory_store.database.base import plain_rows
from memory_store.episodic.lexical import SATURATION, Matches, idf, key_of
from memory_store.episodic.reading import NAMED
from memory_store.language.words import stem
from memory_store.lookups import among
from memory_store.recall.dense import Meaning
from memory_store.schema import from_micros

_SUPERSEDED_SINCE = (
    f"SELECT r.turn_seq, r.text, {NAMED}, t.said_at FROM revisions r JOIN turns t ON t.seq = r.turn_seq"
    " LEFT JOIN speakers s ON s.seq = t.speaker_seq WHERE r.superseded_at > ? AND t.said_at <= ?"
    " ORDER BY r.revision DESC"
)


def keys_then(connection: Connection, instant: int) -> dict[int, str]:
    """The full-text key, as of ``instant`` (microseconds), of every turn that was edited after it."""
    rows = plain_rows(connection, _SUPERSEDED_SINCE, instant, instant)
    # the last row of a turn is the oldest wording that was superseded after the instant
    return {seq: key_of(words, speaker, from_micros(said_at)) for seq, words, speaker, said_at in rows}


def words_then(
    found: Matches, query: Sequence[str], emphasis: Sequence[str], documents: int, keys: Mapping[int, str]
) -> Matches:
    """``found`` with the turns of ``keys`` scored from these keys instead: BM25, each turn taken for one of average
    length."""
    roots = {stem(word): word for word in reversed(query)}
    again = {stem(word) for word in emphasis}
    edited = np.array(sorted(keys), np.int64)
    counts = [Counter(stem(word) for word in keys[seq].split()) for seq in edited.tolist()]
    before = {word: found.seqs[held] for word, held in zip(found.words, found.held, strict=True)}
    postings = {word: np.setdiff1d(seqs, edited) for word, seqs in before.items()}
    scores = np.zeros(len(edited))
    for root, word in roots.items():
        often = np.array([count[root] for count in counts], np.float64)
        if often.any():
            postings[word] = np.union1d(postings.get(word, np.empty(0, np.int64)), edited[often > 0])
            weight = (1 + (root in again)) * idf(documents, len(postings[word]))
            scores += weight * SATURATION * often / (often + K1)
    stays = ~np.isin(found.seqs, edited)
    seqs = np.concatenate([found.seqs[stays], edited[scores > 0]])
    totals = np.concatenate([found.scores[stays], scores[scores > 0]])
    order = np.argsort(seqs)
    held = np.array([among(seqs[order], holding) for holding in postings.values()], np.bool_)
    held = held.reshape(len(postings), len(seqs))
    return replace(found, seqs=seqs[order], scores=totals[order], words=tuple(postings), held=held)


def meaning_without(found: Meaning, edited: Ints) -> Meaning:
    """``found`` without the turns whose vectors are of later words."""
    stays = ~np.isin(found.seqs, edited)
    if stays.all():
        return found
    cosines = found.cosines[stays]
    best = float(cosines.max()) if len(cosines) else found.mean
    return replace(found, seqs=found.seqs[stays], cosines=cosines, best=best)
