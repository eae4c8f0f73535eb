"""What pydantic found wrong, as one line for the person who wrote the script."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.errors import ScriptError
from agent.replay.source import Place, Source

_PLAIN = {
    "missing": "is missing",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be yes or no",
    "bool_type": "must be yes or no",
    "model_type": "must be keys and values, one level further in",
    "list_type": "must be a list",
    "too_short": "must hold at least one step",
}


def first(source: Source, error: ValidationError, model: type[BaseModel], place: Place) -> ScriptError:
    """The first complaint by line. ``model`` is what stands at ``place``."""
    details = error.errors(include_url=False, include_input=False)
    at, detail = min(((source.line((*place, *item["loc"])), item) for item in details), key=lambda pair: pair[0])
    return ScriptError(source.name, at, _problem(model, dict(detail)))


def _problem(model: type[BaseModel], detail: dict[str, Any]) -> str:
    loc: Place = detail["loc"]
    keys = [key for key in loc if isinstance(key, str)]
    name = keys[-1] if keys else ""
    if detail["type"] == "extra_forbidden":
        return unknown_key(name, _keys_at(model, keys[:-1]))
    if detail["type"] == "value_error":
        said = str(detail["ctx"]["error"])
        return f"'{name}': {said}" if name and not said.startswith(f"'{name}'") else said
    return f"'{name}' {_PLAIN.get(detail['type']) or _bounds(detail)}"


def _bounds(detail: dict[str, Any]) -> str:
    """Pydantic's own words for the rest: 'Input should be greater than or equal to 1'."""
    return str(detail["msg"]).replace("Input should", "must")


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The nearest valid key, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(key.strip().lower(), known, n=1, cutoff=0.6)
    advice = f"did you mean '{near[0]}'?" if near else f"keys that may stand here: {', '.join(known)}"
    return f"unknown key '{key}'; {advice}"


def _keys_at(model: type[BaseModel], keys: Iterable[str]) -> list[str]:
    for key in keys:
        inner = model.model_fields[key].annotation
        choices = (inner, *typing.get_args(inner))
        model = next(part for part in choices if isinstance(part, type) and issubclass(part, BaseModel))
    return list(model.model_fields)
