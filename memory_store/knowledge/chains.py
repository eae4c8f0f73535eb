"""Contradictions of one thing, put together: Porto, then Lisbon, then Faro are one question to the user, not two.

Two links belong together where one contradicts what the other says: at the same place of the same memory. A turn that
says two things ("I moved to Faro, my sister to Bern") is thus in two chains. False alarms stand apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from memory_store.database.base import plain_rows
from memory_store.knowledge import conflicts
from memory_store.records import ConflictChain, ConflictState

_LINKS = (
    "SELECT x.id, x.older_seq, x.newer_seq, x.state, x.why, x.older_start, x.newer_start"
    " FROM conflicts x JOIN turns o ON o.seq = x.older_seq JOIN turns n ON n.seq = x.newer_seq"
    " WHERE o.forgotten_at IS NULL AND n.forgotten_at IS NULL ORDER BY n.said_at, n.seq, o.said_at, o.seq"
)
_ANY_OPEN = "SELECT 1 FROM conflicts WHERE state = 'open' LIMIT 1"

_Node = tuple[int, int | str]
"""A memory's number, and the place in its words, or the relation where the place is not known any more."""


@dataclass(frozen=True, slots=True)
class _Link:
    id: str
    older: int
    newer: int
    state: ConflictState
    why: str
    older_start: int | None
    newer_start: int | None


def listed(
    connection: Connection, states: Collection[ConflictState], *, limit: int | None = None
) -> list[ConflictChain]:
    """Chains with a link in one of these states, whole, the one that was added to last first."""
    wanted = [links for links in _grouped(_links(connection)) if any(one.state in states for one in links)]
    return _records(connection, wanted[::-1][:limit])


def waiting(connection: Connection) -> int:
    """How many chains wait for the user's word."""
    if not plain_rows(connection, _ANY_OPEN):
        return 0
    return sum(any(one.state == "open" for one in links) for links in _grouped(_links(connection)))


def holding(connection: Connection, older: int, newer: int) -> ConflictChain:
    """The chain that has the link between these two, which is known to be there."""
    for links in _grouped(_links(connection)):
        if any((one.older, one.newer) == (older, newer) for one in links):
            return _records(connection, [links])[0]
    return ConflictChain((conflicts.of_pair(connection, older, newer),))  # one of them is forgotten


def _links(connection: Connection) -> list[_Link]:
    return [_Link(*row) for row in plain_rows(connection, _LINKS)]


def _grouped(links: Sequence[_Link]) -> list[list[_Link]]:
    """Links in time order, put together; the groups in the order of their last links."""
    named = {id(one): nodes for one, nodes in zip(links, _nodes(links), strict=True)}
    above: dict[tuple[bool, _Node], tuple[bool, _Node]] = {}

    def root(node: tuple[bool, _Node]) -> tuple[bool, _Node]:
        while node in above:
            node = above[node]
        return node

    for one in links:
        apart = one.state == "dismissed"
        first, second = (root((apart, node)) for node in named[id(one)])
        if first != second:
            above[first] = second
    groups: dict[tuple[bool, _Node], list[_Link]] = {}
    for one in links:
        groups.setdefault(root((one.state == "dismissed", named[id(one)][0])), []).append(one)
    places = {id(one): place for place, one in enumerate(links)}
    return sorted(groups.values(), key=lambda group: places[id(group[-1])])


def _nodes(links: Iterable[_Link]) -> list[tuple[_Node, _Node]]:
    """The older and the newer end of each link. One without places (an edit takes them) ends where the only other
    link of the same memory and relation does."""
    links = list(links)
    known: dict[tuple[int, str], set[int]] = {}
    for one in links:
        for seq, start in ((one.older, one.older_start), (one.newer, one.newer_start)):
            if start is not None:
                known.setdefault((seq, one.why), set()).add(start)

    def node(seq: int, start: int | None, why: str) -> _Node:
        if start is None and len(known.get((seq, why), ())) == 1:
            [start] = known[seq, why]
        return (seq, why) if start is None else (seq, start)

    return [(node(one.older, one.older_start, one.why), node(one.newer, one.newer_start, one.why)) for one in links]


def _records(connection: Connection, groups: Sequence[Sequence[_Link]]) -> list[ConflictChain]:
    found = conflicts.by_ids(connection, [one.id for links in groups for one in links])
    return [ConflictChain(tuple(found[one.id] for one in links)) for links in groups]
