"""From a file to plain values that know their lines: YAML, or JSON lines with one step on each.

Every plain YAML scalar stays the text that was written (``say: no`` says "no", ``at: 2026-10-20`` keeps its form);
what a field makes of it is decided by vocabulary.py alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agent.errors import ScriptError

Place = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top, as in pydantic's ``loc``."""
YAML_SUFFIXES = (".yaml", ".yml")
JSONL_SUFFIXES = (".jsonl", ".ndjson")
LARGEST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says, and on which line each part of it stands."""

    name: str
    value: dict[str, Any]
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """The line of ``place``, or of the nearest thing around it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_source(path: Path) -> Source:
    """Read one script file. Raises ScriptError for what is not a readable YAML or JSONL script."""
    name, suffix = str(path), path.suffix.lower()
    if suffix not in YAML_SUFFIXES + JSONL_SUFFIXES and not path.is_dir():
        raise ScriptError(name, None, f"not a script by its name; call it {path.stem or 'script'}.yaml or .jsonl")
    text = _read_text(path)
    if not text.strip():
        raise ScriptError(name, None, "the file is empty; docs/replay.md shows what a script looks like")
    return _from_jsonl(name, text) if suffix in JSONL_SUFFIXES else _from_yaml(name, text)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ScriptError(str(path), None, f"larger than {LARGEST_BYTES >> 20} MiB; split it into several scripts")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ScriptError(str(path), line, "not UTF-8; save the file as UTF-8") from None
    except FileNotFoundError:
        raise ScriptError(str(path), None, "there is no such file; check the path") from None
    except IsADirectoryError:
        raise ScriptError(str(path), None, "this is a folder; name the scripts in it") from None
    except OSError as error:
        raise ScriptError(str(path), None, f"cannot be read ({error.strerror}); check its permissions") from None


class _Loader(yaml.SafeLoader):
    """Composes nodes, which carry their lines. Aliases are refused: a short file could stand for a huge one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark: yaml.error.Mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read; write the value out", mark)
        return super().compose_node(parent, index)


def _from_yaml(name: str, text: str) -> Source:
    try:
        node = _Loader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = error.character if isinstance(error.character, int) else ord(error.character)
        raise ScriptError(
            name, line, f'U+{character:04X} cannot stand in YAML; write it as an escape, "\\x1b"'
        ) from None
    except yaml.MarkedYAMLError as error:
        raise ScriptError(name, _line(error.problem_mark), f"not YAML: {_yaml_problem(error)}") from None
    except RecursionError:
        raise ScriptError(name, None, "nested far deeper than any script; see docs/replay.md") from None
    lines: dict[Place, int] = {}
    value = _plain(name, node, (), lines) if node is not None else None
    if value is None:
        raise ScriptError(name, None, "the file is empty; docs/replay.md shows what a script looks like")
    if isinstance(value, list):
        value = {"steps": value}
        lines = {("steps", *place): line for place, line in lines.items()} | {(): 1}
    if not isinstance(value, dict):
        raise ScriptError(name, 1, "a script is a list of steps, or 'title:', 'start:' and 'steps:'")
    return Source(name, value, lines)


def _line(mark: yaml.error.Mark | None) -> int | None:
    return mark.line + 1 if mark is not None else None


def _yaml_problem(error: yaml.MarkedYAMLError) -> str:
    """PyYAML's words on one line, and what they mostly mean."""
    problem = " ".join(f"{error.context or ''} {error.problem or ''}".split())
    if "mapping values are not allowed" in problem:
        return problem + "; put words that contain ': ' in quotes"
    if "\\t" in problem:
        return problem + "; indent with spaces"
    if "single document" in problem:
        return "a second '---' begins here; one file is one script"
    return problem


def _plain(name: str, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(name, node, place, lines))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(name, item, (*place, index), lines) for index, item in enumerate(node.value)]
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return None if plain and node.tag == "tag:yaml.org,2002:null" else _whole(str(node.value))


def _whole(text: str) -> str:
    """Escapes as JSON writes them, two for one character beyond U+FFFF, put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _pairs(name: str, node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ScriptError(name, line, "a key must be a word")
        key = str(key_node.value)
        if key in seen:
            raise ScriptError(name, line, f"'{key}' stands here a second time; keep one of them")
        seen.add(key)
        lines[(*place, key)] = line
        yield key, _plain(name, value_node, (*place, key), lines)


def _from_jsonl(name: str, text: str) -> Source:
    """One object on each line; the first may hold 'title' and 'start' instead of a step."""
    header: dict[str, Any] = {}
    steps: list[dict[str, Any]] = []
    lines: dict[Place, int] = {(): 1}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        value = _json_line(name, number, line)
        if not steps and not header and value.keys() <= {"title", "start"} and value:
            header = value
            lines |= {(key,): number for key in value}
        else:
            lines["steps", len(steps)] = number
            steps.append(value)
    return Source(name, {**header, "steps": steps}, lines)


def _json_line(name: str, number: int, line: str) -> dict[str, Any]:
    def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ScriptError(name, number, f"'{key}' stands here a second time; keep one of them")
            found[key] = value
        return found

    try:
        value = json.loads(line, object_pairs_hook=no_repeats)
    except json.JSONDecodeError as error:
        raise ScriptError(name, number, f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise ScriptError(name, number, "nested far deeper than any script; see docs/replay.md") from None
    if not isinstance(value, dict):
        raise ScriptError(name, number, 'a line is one step, an object such as {"say": "Hello."}')
    return value
