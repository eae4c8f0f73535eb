"""Queries without a single term ("to be or not to be", "?!", an emoji): the index of words holds nothing of them, so
what says them word for word is looked for in the newest turns themselves."""

from __future__ import annotations

import re

import numpy as np
from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.episodic.lexical import NOTHING, Matches

NEWEST = 10_000
"""Turns that are read: a few milliseconds."""

_HOLDING = (
    "SELECT seq, text FROM turns WHERE seq > (SELECT coalesce(max(seq), 0) FROM turns) - ?"
    " AND instr(lower(text), ?) > 0 ORDER BY seq"
)
_ENDS = re.compile(r"^\W+|\W+$")


def search(connection: Connection, text: str) -> Matches:
    """The turns that say ``text``, each with score 1 of 1; ``telling`` is 0, for it tells nothing."""
    wanted = _ENDS.sub("", text.lower()) or text.strip()
    parts = wanted.split()
    if not parts:
        return NOTHING
    literally = r"\s+".join(map(re.escape, parts))
    said = re.compile(rf"(?<!\w){literally}(?!\w)" if wanted[0].isalnum() else literally)
    rows = plain_rows(connection, _HOLDING, NEWEST, parts[0])
    found = np.array([seq for seq, words in rows if said.search(words.lower())], np.int64)
    return Matches(found, np.ones(len(found)), 1.0) if len(found) else NOTHING
