"""What a turn's text shows by itself, without any query: how long it is, whether it speaks of times, numbers, names.

Rules for English and Chinese; a few numbers for each turn, kept in memory once read.
"""

from __future__ import annotations

import json
import re
import threading

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from memory_store.addressing import Floats, Ints
from memory_store.database.base import plain_rows
from memory_store.semantic.vectors import EPOCH

TRAITS = ("length", "times", "numbers", "names", "first person", "exclaims")

LONGEST = 2_000
"""Characters of a text that are looked at."""

_TIMES = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|week|weekend|month|year|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|since|recently|\d{4})\b"
    r"|昨天|今天|明天|前天|后天|上周|下周|去年|今年|明年|上个?月|下个?月|周末|星期|最近|[年月日号]",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|first|second|third|once|twice|dozen)\b"
    r"|[一二三四五六七八九十百千两]",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?<=[a-z,;'] )[A-Z][a-z]+")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|my|me|we|our)\b|[我咱]", re.IGNORECASE)

_TEXTS = f"SELECT t.seq, substr(t.text, 1, {LONGEST}) FROM (@numbers) j @then turns t ON t.seq = j.value"
_EPOCH = "SELECT value FROM meta WHERE key = ?"

Rows = NDArray[np.float32]


def traits(text: str) -> tuple[float, ...]:
    """:data:`TRAITS` of a text, each about 0 to 1."""
    seen = text[:LONGEST]
    return (
        float(np.log1p(len(seen.split()) if seen.isascii() else len(seen) / 2)) / 5,
        min(len(_TIMES.findall(seen)), 3) / 3,
        min(len(_NUMBERS.findall(seen)), 3) / 3,
        min(len(_NAMES.findall(seen)), 4) / 4,
        min(len(_FIRST_PERSON.findall(seen)), 3) / 3,
        float("!" in seen or "！" in seen),
    )


class Traits:
    """Of turns by their number. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = ""
        self._table: Rows = np.empty((0, len(TRAITS)), np.float32)
        """Row i is turn i's; NaN where it was not read yet."""

    def of(self, connection: Connection, seqs: Ints) -> Floats:
        """Shape (n, 6). What is not there has zeros."""
        epoch = str(plain_rows(connection, _EPOCH, EPOCH))
        with self._lock:
            if epoch != self._epoch:  # something was edited or purged
                self._epoch, self._table = epoch, self._table[:0]
            top = int(seqs.max(initial=0))
            if top >= len(self._table):
                larger = np.full((top + top // 4 + 64, len(TRAITS)), np.nan, np.float32)
                larger[: len(self._table)] = self._table
                self._table = larger
            found = self._table[seqs]
            unread = seqs[np.isnan(found[:, 0])]
            if len(unread):
                self._table[unread] = 0.0
                for seq, text in plain_rows(connection, _TEXTS, json.dumps(unread.tolist())):
                    self._table[seq] = traits(text)
                found = self._table[seqs]
        return found.astype(np.float64)
