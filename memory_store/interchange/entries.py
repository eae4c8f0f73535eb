"""What a reader makes of a file, and how it takes single fields out of JSON objects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memory_store.errors import InvalidInput
from memory_store.interchange.dates import parse_instant
from memory_store.interchange.source import Source
from memory_store.interchange.ties.kinds import Tie
from memory_store.language.words import accepted
from memory_store.records import NewTurn

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation the file names. Its turns need not follow it directly."""

    id: str
    title: str | None = None
    created_at: datetime | None = None
    archived: bool = False
    deleted: bool = False
    deleted_at: datetime | None = None
    branched_after: str | None = None
    """The memory up to which it shares the beginning of another conversation."""


@dataclass(frozen=True, slots=True)
class Spared:
    """A memory that is not forgotten although its conversation was deleted."""

    conversation: str
    id: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is rightly not a memory; counted and reported by ``reason``, a noun in the singular."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the person importing should know."""

    text: str


Entry = NewTurn | Heading | Spared | Skipped | Remark | Tie
Reader = Callable[[Source], Iterator[Entry]]
"""Reads the whole file from its start, the same way each time. Raises ImportFailed at the first thing wrong."""


class FieldError(ValueError):
    """A problem at ``path`` (keys and indices) below the value being read; the reader turns it into a line number."""

    def __init__(self, problem: str, *path: str | int) -> None:
        super().__init__(problem)
        self.path = path


def first_of(row: Row, *keys: str) -> str | None:
    """The first of ``keys`` that ``row`` has with a value other than null."""
    return next((key for key in keys if row.get(key) is not None), None)


def an_object(value: object, what: str) -> Row:
    """``value`` as a JSON object. Raises FieldError."""
    if not isinstance(value, dict):
        raise FieldError(f"{what} must be a JSON object, not {kind(value)}")
    return value


def a_list(value: object, what: str) -> list[Any]:
    """``value`` as a JSON array. Raises FieldError."""
    if not isinstance(value, list):
        raise FieldError(f"{what} must be a JSON array, not {kind(value)}")
    return value


def text(row: Row, key: str) -> str:
    """A required text that is not blank. Raises FieldError."""
    if row.get(key) is None:
        raise FieldError(f'"{key}" is missing', key)
    value = storable(row[key], key)
    if not value.strip():
        raise FieldError(f'"{key}" is empty', key)
    return value


def name(row: Row, *keys: str) -> str | None:
    """An optional short name or id under the first of ``keys`` that is there; a whole number is written out.

    Raises FieldError when it is empty, too long or holds control characters.
    """
    key = first_of(row, *keys)
    if key is None:
        return None
    value = row[key]
    value = storable(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, key)
    if not value.strip() or len(value) > MAX_NAME or not value.isprintable():
        raise FieldError(f'"{key}" must be 1 to {MAX_NAME} printable characters', key)
    return value


def required(row: Row, key: str) -> str:
    """As :func:`name`, and it must be there. Raises FieldError."""
    value = name(row, key)
    if value is None:
        raise FieldError(f'"{key}" is missing')
    return value


def checked(row: Row, fields: Collection[str]) -> None:
    """A misspelt field would be lost without a word; so one that is not among ``fields`` raises FieldError."""
    unknown = sorted(row.keys() - fields)
    if unknown:
        raise FieldError(f'unknown field "{unknown[0]}": expected {", ".join(sorted(fields))}')


def flag(row: Row, key: str) -> bool:
    """An optional true or false (absent: false). Raises FieldError."""
    value = row.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise FieldError(f'"{key}" must be true or false, not {kind(value)}', key)


def instant(row: Row, *keys: str) -> datetime | None:
    """An optional instant under the first of ``keys`` that is there. Raises FieldError."""
    key = first_of(row, *keys)
    if key is None:
        return None
    try:
        return parse_instant(row[key])
    except ValueError as error:
        raise FieldError(f'"{key}": {error}', key) from error


def storable(value: object, key: str) -> str:
    """``value`` as text that a store will take, or blank. Raises FieldError (another type, surrogates, too long)."""
    if not isinstance(value, str):
        raise FieldError(f'"{key}" must be text, not {kind(value)}', key)
    try:
        return accepted(value) if value.strip() else value
    except InvalidInput as error:
        raise FieldError(f'"{key}": {str(error).rstrip(".")}', key) from error


def kind(value: object) -> str:
    """How JSON calls the type of ``value``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "an array", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)


def digest(*parts: str) -> str:
    """Eight hexadecimal digits that are the same for the same parts on every run and machine."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


MAX_NAME = 200
