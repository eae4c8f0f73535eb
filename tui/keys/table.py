"""The table of keys, read from the bindings themselves: help and documentation cannot drift from what the keys do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode

NAMES = {
    "escape": "Esc", "enter": "Enter", "tab": "Tab", "up": "↑", "down": "↓", "left": "←", "right": "→", "delete": "Del",
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "slash": "/", "space": "Space",
    "plus": "+", "minus": "-",
}  # fmt: skip

NONE: Mapping[str, str] = MappingProxyType({})


class KeyRow(NamedTuple):
    keys: str
    does: str


class KeyGroup(NamedTuple):
    where: str
    rows: tuple[KeyRow, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A screen or a part of one, and the bindings that mneme gives it."""

    where: str
    bindings: tuple[Binding, ...]
    everywhere: bool = False


def places() -> list[Place]:
    """All places, in the order of the help."""
    from tui.app import MnemeApp
    from tui.screens.chat import ChatScreen
    from tui.screens.conflicts import ConflictsScreen
    from tui.screens.conversations import ConversationsScreen
    from tui.screens.log import LogScreen
    from tui.screens.memory import MemoryScreen
    from tui.screens.models import ModelsScreen
    from tui.screens.reading import ReadingScreen
    from tui.screens.timeline import TimelineScreen
    from tui.widgets.conflict_table import ConflictTable
    from tui.widgets.conversation_table import ConversationTable
    from tui.widgets.memory_table import MemoryTable
    from tui.widgets.model_table import ModelTable
    from tui.widgets.prompt import Prompt
    from tui.widgets.prune_table import PruneTable
    from tui.widgets.recollection_card import RecollectionCard
    from tui.widgets.row_table import RowTable
    from tui.widgets.turn_view import TurnView

    found = [
        Place("Writing", _bindings(Prompt)),
        Place("Conversation", _bindings(ChatScreen)),
        Place("On a turn", _bindings(TurnView)),
        Place("On something recalled", _bindings(RecollectionCard)),
        Place("A memory in its conversation", _bindings(ReadingScreen)),
        Place("Memories", _bindings(MemoryScreen, MemoryTable)),
        Place("Conversations", _bindings(ConversationsScreen, ConversationTable)),
        Place("Contradictions", _bindings(ConflictsScreen, ConflictTable)),
        Place("Timeline", _bindings(TimelineScreen, PruneTable)),
        Place("Models", _bindings(ModelsScreen, ModelTable)),
        Place("Log", _bindings(LogScreen)),
        Place("In every list", _bindings(RowTable)),
    ]
    return [*found, Place("Everywhere", _bindings(MnemeApp), everywhere=True)]


def key_groups(keymap: Mapping[str, str] = NONE) -> list[KeyGroup]:
    """Every key mneme adds to what Textual's widgets bring along, by place; with the user's own keys in ``keymap``."""
    return [
        KeyGroup(place.where, tuple(KeyRow(spoken(keys_of(one, keymap)), one.description) for one in place.bindings))
        for place in places()
    ]


def keys_of(binding: Binding, keymap: Mapping[str, str] = NONE) -> str:
    """Comma-separated, as Textual names them."""
    return keymap.get(binding.id or "", binding.key)


def spoken(keys: str) -> str:
    """``ctrl+j,shift+enter`` -> ``Ctrl+J Shift+Enter``."""
    return " ".join(_spoken(key) for key in keys.split(","))


def _bindings(*owners: type[DOMNode]) -> tuple[Binding, ...]:
    """Those of the classes and of what they inherit in mneme itself, but for what is the same in every list."""
    from tui.widgets.row_table import RowTable

    parts = [part for owner in owners for part in reversed(owner.__mro__) if part.__module__.startswith("tui.")]
    return tuple(
        item
        for part in parts
        if part is not RowTable or owners == (RowTable,)
        for item in part.__dict__.get("BINDINGS", [])
        if isinstance(item, Binding) and item.description
    )


def _spoken(key: str) -> str:
    *modifiers, last = key.split("+")
    name = NAMES.get(last, last.upper() if modifiers or (last[:1] == "f" and last[1:].isdigit()) else last)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])
