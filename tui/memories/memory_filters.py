"""Filters written among the words of a search: ``by:Ana in:c81d after:2026-05-01 before:"last week" sort:oldest``.

One line says all, so it can be read, corrected and typed; the form (Ctrl+G) only writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from memory_store.errors import InvalidInput
from memory_store.records import Turn

Scope = Literal["all", "pinned", "notes", "turns", "forgotten"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Sort = Literal["best", "newest", "oldest"]
SORTS: tuple[Sort, ...] = get_args(Sort)
NAMES = ("by", "in", "after", "before", "sort")

_TOKEN = re.compile(rf'(?<!\S)({"|".join(NAMES)}):("[^"]*"?|\S*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for. Empty and None ask for nothing."""

    words: str = ""
    scope: Scope = "all"
    by: str = ""
    """A speaker, case ignored."""
    within: str = ""
    """A conversation's id, or the beginning of one."""
    after: datetime | None = None
    before: datetime | None = None
    sort: Sort | None = None
    """None: the best first in a search, else the newest."""

    @property
    def order(self) -> Sort:
        """The best come first only where words are looked for."""
        if self.sort is None or (self.sort == "best" and not self.words):
            return "best" if self.words else "newest"
        return self.sort

    def admits(self, memory: Turn) -> bool:
        """Whether a memory meets everything but the words; ``within`` must be a whole id here."""
        return (
            in_scope(memory, self.scope)
            and (not self.by or memory.speaker.casefold() == self.by.casefold())
            and (not self.within or memory.conversation_id == self.within)
            and (self.after is None or memory.said_at >= self.after)
            and (self.before is None or memory.said_at < self.before)
        )


def in_scope(memory: Turn, scope: Scope) -> bool:
    return {
        "all": not memory.forgotten,
        "pinned": memory.pinned and not memory.forgotten,
        "notes": memory.is_note and not memory.forgotten,
        "turns": not memory.is_note and not memory.forgotten,
        "forgotten": memory.forgotten,
    }[scope]


def parsed(line: str, scope: Scope) -> Filter:
    """Raises InvalidInput for a date or an order that is none. A filter without a value is not there yet."""
    given = {match[1].lower(): match[2].strip('"').strip() for match in _TOKEN.finditer(line)}
    sort = given.get("sort", "")
    found = next((one for one in SORTS if sort and one.startswith(sort.casefold())), None)
    if sort and found is None:
        raise InvalidInput(f"sort: is one of {', '.join(SORTS)}.")
    return Filter(
        " ".join(_TOKEN.sub(" ", line).split()),
        scope,
        given.get("by", ""),
        given.get("in", ""),
        _instant("after", given.get("after", "")),
        _instant("before", given.get("before", "")),
        found,
    )


def with_value(line: str, name: str, value: str) -> str:
    """``line`` with the filter ``name`` set to ``value``, or (empty) taken out; the words stay as they were typed."""
    kept = _TOKEN.sub(lambda match: "" if match[1].lower() == name else match[0], line)
    quoted = f'"{value}"' if re.search(r"\s", value) else value
    return " ".join([*kept.split(), *([f"{name}:{quoted}"] if value else [])])


def values(line: str) -> dict[str, str]:
    """The filters of ``line`` as they were typed, by name."""
    return {match[1].lower(): match[2].strip('"') for match in _TOKEN.finditer(line)}


def words_of(line: str) -> str:
    """``line`` without its filters."""
    return " ".join(_TOKEN.sub(" ", line).split())


def _instant(name: str, words: str) -> datetime | None:
    if not words:
        return None
    from typer import BadParameter

    from tui.commands.parsing import an_instant

    try:
        return an_instant(words)
    except BadParameter:
        raise InvalidInput(f'{name}: takes a date, like 2026-05-01 or "3 weeks ago".') from None
