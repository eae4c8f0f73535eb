"""A model's notes out of whatever it wrote: JSON anywhere in it, and only what can be held against the words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from memory_store.language.words import stem, terms
from memory_store.records import DerivedKind, NewDerived, Turn

SHORTEST, LONGEST = 8, 400
"""Characters of a note."""
MOST_NOTES = 20
"""Of one part; a model that writes more than this repeats itself."""
SAID = 0.5
"""Share of a note's words that its sources must have: a note that says other things is made up."""

UNREADABLE = "held no note"
WITHOUT_SOURCE = "named no turn it was taken from"
MADE_UP = "said what its turns do not say"
MALFORMED = "was no note"
TOO_MANY = "was one too many"


@dataclass(frozen=True, slots=True)
class Read:
    """What could be used, and why the rest could not."""

    notes: tuple[NewDerived, ...]
    skipped: tuple[str, ...]


def read(answer: str, turns: Sequence[Turn]) -> Read:
    """``turns``: those the model was given, numbered from 1. Never fails."""
    notes: list[NewDerived] = []
    skipped: list[str] = []
    seen: set[str] = set()
    for value in _objects(answer):
        found = _note(value, turns)
        if isinstance(found, str):
            skipped.append(found)
        elif len(notes) == MOST_NOTES:
            skipped.append(TOO_MANY)
        elif (key := " ".join(found.text.casefold().split())) not in seen:
            seen.add(key)
            notes.append(found)
    if not notes and not skipped:
        skipped.append(UNREADABLE)
    return Read(tuple(notes), tuple(skipped))


def _objects(answer: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in a text, also those of a list, or in a fence, or behind prose."""
    decoder = json.JSONDecoder()
    place = answer.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(answer, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield from _flat(value)
        place = answer.find("{", end)


def _flat(value: Any) -> Iterator[dict[str, Any]]:
    """An object, or those of ``{"notes": [...]}``."""
    if not isinstance(value, dict):
        return
    lists = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
    if "text" in value or not lists:
        yield value
        return
    yield from (one for some in lists for one in some if isinstance(one, dict))


def _note(value: dict[str, Any], turns: Sequence[Turn]) -> NewDerived | str:
    text, numbers = value.get("text"), value.get("from")
    kind: DerivedKind | None = next((one for one in get_args(DerivedKind) if one == value.get("kind")), None)
    if kind is None or not isinstance(text, str):
        return MALFORMED
    plain = " ".join(text.split())
    if not SHORTEST <= len(plain) <= LONGEST or not plain.isprintable():
        return MALFORMED
    wanted = numbers if isinstance(numbers, list) else [numbers]
    sources = [turns[one - 1] for one in wanted if type(one) is int and 1 <= one <= len(turns)]
    if kind == "summary" and not sources:
        sources = list(turns)
    if not sources:
        return WITHOUT_SOURCE
    if not _is_said(plain, sources):
        return MADE_UP
    return NewDerived(kind, plain, tuple(dict.fromkeys(turn.id for turn in sources)))


def _is_said(note: str, sources: Sequence[Turn]) -> bool:
    words = {stem(term) for term in terms(note)} - _FRAME
    said = {stem(term) for turn in sources for term in (*terms(turn.text), *terms(turn.speaker))}
    return bool(words) and len(words & said) >= SAID * len(words)


_FRAME = {stem(word) for word in ("user", "assistant", "conversation", "said", "talked", "discussed", "prefers")}
"""What a note says of any conversation."""
