"""Changing single settings in a TOML file: every comment, blank line and other setting stays as it was written."""

from __future__ import annotations

import copy
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import SettingsError
from agent.paths import make_private
from agent.settings_files import Layer, read_file

Value = str | int | float | bool | list[str] | None
"""None takes the setting out of the file."""

_HEADER = re.compile(r"\s*\[")


@dataclass(frozen=True, slots=True)
class Change:
    """One setting before and after; None: not in the file."""

    key: str
    before: Any
    after: Value


def set_values(file: Path, values: Mapping[str, Value]) -> list[Change]:
    """Write dotted keys such as ``model.name`` into ``file``, made when it is missing; what already says so is left.

    Raises SettingsError: a file that cannot be read or written, or one written in a way that cannot be edited safely
    (the message has the line to write by hand). Then the file is as it was.
    """
    before = read_file(file)
    changes = [Change(key, _get(before, key), value) for key, value in values.items() if _get(before, key) != value]
    if not changes:
        return []
    text = file.read_bytes().decode("utf-8") if file.exists() else ""
    wanted = copy.deepcopy(before)
    for change in changes:
        text = edited(text, change.key, change.after)
        _put(wanted, change.key, change.after)
        if _read(text) != wanted:
            raise SettingsError(f"{file} is written in a way that is not changed here. {_by_hand(change)}")
    _write(file, text)
    return changes


def edited(text: str, key: str, value: Value) -> str:
    """``text`` with one dotted key set, or taken out. Only a proposal: the caller reads it back."""
    section, _, name = key.rpartition(".")
    end = "\r\n" if "\r\n" in text else "\n"
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)  # TOML's lines; splitlines() knows more ends than that
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    new = [] if value is None else [f"{name} = {_toml(value)}"]
    first, last = _body(lines, section)
    for number in range(first, last):
        if re.match(rf"\s*{re.escape(name)}\s*=", lines[number]):
            stop = _end_of_statement(lines, number, last)
            kept = _comment(lines[number]) if stop == number + 1 else ""
            lines[number:stop] = [line + kept + end for line in new]
            return "".join(lines)
    if new and first == 0 and section:
        gap = [end] if lines else []
        lines += [*gap, f"[{section}]{end}", new[0] + end]
    elif new:
        lines.insert(_place(lines, first, last, name), new[0] + end)
    return "".join(lines)


def _body(lines: list[str], section: str) -> tuple[int, int]:
    """The lines below ``[section]``, up to the next header; (0, 0) when there is no such section."""
    if not section:
        return 0, next((n for n, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    header = re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]\s*(#.*)?$")
    first = next((n + 1 for n, line in enumerate(lines) if header.match(line)), 0)
    if first == 0:
        return 0, 0
    return first, next((n for n in range(first, len(lines)) if _HEADER.match(lines[n])), len(lines))


def _place(lines: list[str], first: int, last: int, name: str) -> int:
    """Behind the commented-out example of the setting, else behind the last setting there is."""
    example = re.compile(rf"\s*#\s*{re.escape(name)}\s*=")
    for number in range(first, last):
        if example.match(lines[number]):
            return number + 1
    used = [n for n in range(first, last) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
    return used[-1] + 1 if used else first


def _end_of_statement(lines: list[str], first: int, last: int) -> int:
    """The line after a setting whose value may go over several lines."""
    for stop in range(first + 1, last + 1):
        if _read("".join(lines[first:stop])) is not None:
            return stop
    return first + 1


def _comment(line: str) -> str:
    """The comment at the end of a setting's line, with the space before it."""
    whole = _read(line)
    for match in re.finditer(r"\s*#", line):
        if _read(line[: match.start()]) == whole:
            return line[match.start() :].rstrip()
    return ""


def _toml(value: Value) -> str:
    """JSON's strings, numbers and booleans are TOML's."""
    return json.dumps(value, ensure_ascii=False)


def _read(text: str) -> Layer | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _get(layer: Layer, key: str) -> Any:
    value: Any = layer
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(layer: Layer, key: str, value: Value) -> None:
    *tables, name = key.split(".")
    for table in tables:
        layer = layer.setdefault(table, {})
    if value is None:
        layer.pop(name, None)
    else:
        layer[name] = value


def _by_hand(change: Change) -> str:
    section, _, name = change.key.rpartition(".")
    if change.after is None:
        return f"Take {name} out of [{section}] yourself."
    return f"Write {name} = {_toml(change.after)} under [{section}] yourself."


def _write(file: Path, text: str) -> None:
    """All or nothing; through a link to the file it means, and with the mode it had (its owner's alone when new)."""
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        raise SettingsError(f"{file} is UTF-8 text, which cannot hold this name. Rename the folder.") from None
    file = Path(os.path.realpath(file))
    make_private(file.parent)
    draft = None
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
        descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            os.fsync(stream.fileno())
        Path(draft).chmod(mode)
        Path(draft).replace(file)
    except OSError as error:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)
        raise SettingsError(f"{file} cannot be written: {error.strerror}.") from error
