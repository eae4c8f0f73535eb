"""What may follow a command: titles, names, numbers, files. To be looked up apart from the screen's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.slash.parsing import split
from tui.slash.references import THIS
from tui.text.sanitise import one_line
from tui.text.wording import day

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore
    from memory_store.records import Turn

MOST = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """``text`` is put after the command; ``says`` is shown beside it."""

    text: str
    says: str = ""
    goes_on: bool = False
    """It is a beginning: a folder."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is there to be named."""

    store: MemoryStore | None
    settings: Settings
    themes: Sequence[str] = ()
    memories: Mapping[int, Turn] = field(default_factory=dict)
    """Number on a card -> memory."""
    said: str = ""
    """What the user said last, where it is remembered: what ``this`` means."""


def offers(typed: str, around: Surroundings) -> list[Offer]:
    """For a command and the beginning of what follows it; none for what is nothing of that kind. Raises MnemeError."""
    found = split(typed)
    if found is None:
        return []
    command, rest = found
    kind = command.argument.strip("[]")
    if "|" in kind:
        return _beginning([Offer(one.strip()) for one in kind.split("|")], rest)
    look = _KINDS.get(command.name) or _KINDS.get(kind.partition(" ")[0])
    return look(rest, around)[:MOST] if look is not None else []


def _conversations(rest: str, around: Surroundings) -> list[Offer]:
    if around.store is None:
        return []
    found = around.store.conversations(matching=rest.strip() or None, limit=MOST)
    return [Offer(one.id, f"{day(one.updated_at)}  {one_line(one.title, limit=80)}") for one in found]


def _models(rest: str, around: Surroundings) -> list[Offer]:
    from tui.models_here import models_here

    return _containing([Offer(one.name) for one in models_here(around.settings).models], rest)


def _themes(rest: str, around: Surroundings) -> list[Offer]:
    return _containing([Offer(name) for name in around.themes], rest)


def _memories(rest: str, around: Surroundings) -> list[Offer]:
    shown = [Offer(str(number), one_line(one.text, limit=80)) for number, one in sorted(around.memories.items())]
    if around.said:
        shown.append(Offer(THIS, one_line(around.said, limit=80)))
    return _beginning(shown, rest)


def _files(rest: str, around: Surroundings) -> list[Offer]:
    """Folders, and files of the kinds that are meant; hidden ones when a dot was typed."""
    del around
    folder, _, begun = rest.rpartition("/")
    place = Path(f"{folder}/" if "/" in rest else ".").expanduser()
    try:
        there = sorted(place.iterdir(), key=lambda one: (not one.is_dir(), one.name.casefold()))
    except OSError:
        return []
    fits = [one for one in there if one.name.startswith(begun) and (begun or not one.name.startswith("."))]
    before = f"{folder}/" if "/" in rest else ""
    return [Offer(f"{before}{one.name}{'/' * one.is_dir()}", goes_on=one.is_dir()) for one in fits]


_KINDS: dict[str, Callable[[str, Surroundings], list[Offer]]] = {
    "resume": _conversations,
    "model": _models,
    "theme": _themes,
    "MEMORY": _memories,
    "FILE": _files,
}
"""By the name of the command, or else by what its argument is."""


def _beginning(offered: Sequence[Offer], rest: str) -> list[Offer]:
    return [one for one in offered if one.text.startswith(rest.lower()) and one.text != rest]


def _containing(offered: Sequence[Offer], rest: str) -> list[Offer]:
    return [one for one in offered if rest.casefold() in one.text.casefold() and one.text != rest]
