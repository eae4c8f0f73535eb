"""What the user opened from a search: the search wanted it, and not what stood above it. Steps of a transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from memory_store.language.words import stem, terms
from memory_store.schema import openings

LONGEST = 400
"""Characters of a search that is kept: a longer one is a paste."""


def keep(connection: Connection, query: str, memory: int, now: datetime) -> None:
    """Keep that ``memory`` was opened from this search, once."""
    same = (openings.c.memory_seq == memory) & (openings.c.query == query)
    connection.execute(delete(openings).where(same))
    connection.execute(insert(openings), {"memory_seq": memory, "query": query, "at": now})


def erase(connection: Connection, texts: Collection[str]) -> None:
    """Drop searches all of whose words stand in one of these texts, which are being purged: they may have been its."""
    roots = [set(map(stem, terms(text))) for text in texts]
    known: set[str] = set(connection.execute(select(openings.c.query)).scalars())
    for query in known:
        own = set(map(stem, terms(query)))
        if any(own <= words for words in roots) or any(query.casefold() in text.casefold() for text in texts):
            connection.execute(delete(openings).where(openings.c.query == query))
