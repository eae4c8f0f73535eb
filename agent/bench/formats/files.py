"""Reading JSON and taking fields out of it, with complaints that name the file and what was expected there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.bench.data import DataError, as_data_error
from memory_store.interchange.entries import kind
from memory_store.interchange.source import opened


def read_json(path: Path) -> Any:
    """The file as one JSON document. Raises DataError naming the line."""
    with as_data_error(), opened(path) as source:
        return source.decode(source.text())


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """``(line, object)`` of every line that is not blank. Raises DataError."""
    with as_data_error(), opened(path) as source:
        for line, value in source.values():
            yield line, an_object(value, path, f"line {line}")


def an_object(value: object, path: Path, what: str) -> dict[str, Any]:
    """``value`` as a JSON object. Raises DataError."""
    if not isinstance(value, dict):
        raise DataError(str(path), None, f"{what} must be a JSON object, not {kind(value)}")
    return value


def a_list(value: object, path: Path, what: str) -> list[Any]:
    """``value`` as a JSON array. Raises DataError."""
    if not isinstance(value, list):
        raise DataError(str(path), None, f"{what} must be a JSON array, not {kind(value)}")
    return value


def a_text(row: dict[str, Any], key: str, path: Path, what: str) -> str:
    """A required text, perhaps blank. Raises DataError."""
    value = row.get(key)
    if not isinstance(value, str):
        problem = f'"{key}" is missing' if value is None else f'"{key}" must be text, not {kind(value)}'
        raise DataError(str(path), None, f"{what}: {problem}")
    return value
