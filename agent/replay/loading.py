"""From a file to a Script. Everything that can be wrong with a script is found here, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import ScriptError
from agent.replay import complaints
from agent.replay.checking import check
from agent.replay.script import Script
from agent.replay.source import Place, Source, read_source
from agent.replay.vocabulary import ACTIONS, Action, Header, Pause


def load_scripts(paths: Iterable[Path]) -> list[Script]:
    """Read all of them, so that nothing runs when one is bad. Raises ScriptError."""
    return [load_script(path) for path in paths]


def load_script(path: Path) -> Script:
    """Read one script. Raises ScriptError naming file, line and what to do."""
    source = read_source(path)
    for place in _empty_places(source.value, ()):
        raise ScriptError(source.name, source.line(place), f"'{_key(place)}' is empty; write something after it")
    try:
        header = Header.model_validate(source.value)
    except ValidationError as error:
        raise complaints.first(source, error, Header, ()) from None
    actions = [_action(source, number, step) for number, step in enumerate(header.steps)]
    return check(source, header, actions)


def _empty_places(value: Any, place: Place) -> Iterator[Place]:
    if value is None:
        yield place
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _empty_places(inner, (*place, key))


def _key(place: Place) -> str:
    return next((key for key in reversed(place) if isinstance(key, str)), "steps")


def _action(source: Source, number: int, step: Any) -> Action:
    """Which kind of step this is, by its one verb, and what it says."""
    place: Place = ("steps", number)
    if not isinstance(step, dict):
        raise ScriptError(source.name, source.line(place), "a step is 'key: value', such as 'say: Hello.'")
    verbs = [key for key in step if key in ACTIONS]
    if len(verbs) > 1:
        line = source.line((*place, verbs[1]))
        raise ScriptError(source.name, line, f"'{verbs[0]}' and '{verbs[1]}' in one step; make two steps of it")
    model = ACTIONS[verbs[0]] if verbs else Pause
    if not verbs:
        _only_a_pause(source, place, step)
    try:
        return model.model_validate(step)
    except ValidationError as error:
        raise complaints.first(source, error, model, place) from None


def _only_a_pause(source: Source, place: Place, step: dict[str, Any]) -> None:
    for key in step:
        if key not in Pause.model_fields:
            known = (*ACTIONS, *Pause.model_fields)
            problem = complaints.unknown_key(key, known)
            if any(key in model.model_fields for model in ACTIONS.values()):
                problem = f"'{key}' belongs to a step that says or does something; add one of: {', '.join(ACTIONS)}"
            raise ScriptError(source.name, source.line((*place, key)), problem)
    if not step:
        raise ScriptError(source.name, source.line(place), "an empty step; write one of: " + ", ".join(ACTIONS))
