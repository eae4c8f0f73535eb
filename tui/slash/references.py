"""Which memory is meant: ``2`` as it was numbered for the reply, an id, or ``this`` for what was said last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput
from memory_store.records import Turn

if TYPE_CHECKING:
    from memory_store import MemoryStore

THIS = "this"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is before the user's eyes."""

    numbers: Mapping[int, str] = field(default_factory=dict)
    """Number of a memory in the reply's prompt -> its id."""
    reply: str | None = None
    """The reply that they belong to, when it is written."""
    words: str | None = None
    """What the user said last, when it is written."""


def meant(store: MemoryStore, given: str, shown: Shown) -> Turn:
    """Raises InvalidInput, UnknownId, AmbiguousId."""
    word = given.strip().strip("[]")
    if word.lower() == THIS:
        if shown.words is None:
            raise InvalidInput("Nothing that was said here is remembered yet.")
        return store.get(shown.words)
    if word.isdecimal() and len(word) < 4:
        numbered = shown.numbers.get(int(word))
        if numbered is None:
            known = f"The reply has {_range(shown.numbers)}." if shown.numbers else "Nothing is numbered there."
            raise InvalidInput(f"There is no [{word}]. {known} An id does as well, or: {THIS}.")
        return store.get(numbered)
    return store.get(word)


def _range(numbers: Mapping[int, str]) -> str:
    return f"[{min(numbers)}]" if len(numbers) == 1 else f"[{min(numbers)}] to [{max(numbers)}]"
