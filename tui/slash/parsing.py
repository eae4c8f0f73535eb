"""What was typed: words to be said, or a command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from memory_store.errors import InvalidInput
from tui.slash.table import BY_NAME, COMMANDS, Command

_COMMAND = re.compile(r"/(?P<name>[a-z][a-z-]*)(?:\s+(?P<rest>.*))?\Z", re.DOTALL | re.IGNORECASE)
_BEGUN = re.compile(r"/[a-z-]*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """A command and what was typed after it."""

    command: Command
    rest: str = ""


def parsed(typed: str) -> Call | str:
    """A command, or the words to be said: ``//pin`` says "/pin", and a path like /etc/hosts is no command.

    Raises InvalidInput for a command that there is not, or that lacks what it needs."""
    if typed.startswith("//"):
        return typed[1:]
    found = _COMMAND.match(typed.rstrip())
    if found is None:
        return typed
    name, rest = found["name"].lower(), (found["rest"] or "").strip()
    command = BY_NAME.get(name)
    if command is None:
        near = get_close_matches(name, BY_NAME, n=1)
        meant = f" Did you mean /{near[0]}?" if near else " /help lists them."
        raise InvalidInput(f"There is no command /{name}.{meant} To say it, begin with two slashes.")
    if command.needs_argument and not rest:
        raise InvalidInput(f"{command.usage}: {command.does}.")
    return Call(command, rest)


def begun(typed: str) -> list[Command]:
    """The commands that ``typed``, the beginning of a name, may become: those that begin so, then those that say so."""
    if not _BEGUN.match(typed):
        return []
    part = typed[1:].lower()
    first = [one for one in COMMANDS if any(name.startswith(part) for name in (one.name, *one.aliases))]
    later = [one for one in COMMANDS if one not in first and len(part) > 1 and part in f"{one.name} {one.does}"]
    return first + later


def split(typed: str) -> tuple[Command, str] | None:
    """A command that something may follow, and what follows it so far, on one line; None for everything else."""
    name, space, rest = typed.partition(" ")
    command = BY_NAME.get(name[1:].lower()) if name.startswith("/") else None
    return (command, rest) if command is not None and command.argument and space and "\n" not in rest else None


def on_or_off(rest: str, now: bool) -> bool:
    """What a switch is turned to; without a word, to the other. Raises InvalidInput."""
    if not rest:
        return not now
    if rest.lower() not in ("on", "off"):
        raise InvalidInput(f'"{rest[:40]}" is neither on nor off.')
    return rest.lower() == "on"
