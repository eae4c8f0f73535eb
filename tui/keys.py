"""The table of keys, read from the bindings themselves: help and documentation cannot drift from what the keys do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode

NAMES = {
    "escape": "Esc", "enter": "Enter", "tab": "Tab", "up": "↑", "down": "↓", "left": "←", "right": "→", "delete": "Del",
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "slash": "/", "space": "Space",
}  # fmt: skip


class KeyRow(NamedTuple):
    keys: str
    does: str


class KeyGroup(NamedTuple):
    where: str
    rows: tuple[KeyRow, ...]


def key_groups() -> list[KeyGroup]:
    """Every key mneme adds to what Textual's widgets bring along, by place."""
    from tui.app import MnemeApp
    from tui.screens.chat import ChatScreen
    from tui.screens.conversations import ConversationsScreen
    from tui.screens.memory import MemoryScreen
    from tui.screens.models import ModelsScreen
    from tui.widgets.prompt import Prompt
    from tui.widgets.recollection_card import RecollectionCard
    from tui.widgets.turn_view import TurnView

    places: list[tuple[str, type[DOMNode]]] = [
        ("Writing", Prompt),
        ("Conversation", ChatScreen),
        ("On a turn", TurnView),
        ("On something recalled", RecollectionCard),
        ("Memories", MemoryScreen),
        ("Conversations", ConversationsScreen),
        ("Models", ModelsScreen),
        ("Everywhere", MnemeApp),
    ]
    return [KeyGroup(where, tuple(_rows(owner))) for where, owner in places]


def _rows(owner: type[DOMNode]) -> Iterator[KeyRow]:
    for item in owner.__dict__.get("BINDINGS", []):
        if isinstance(item, Binding) and item.description:
            yield KeyRow(" ".join(_spoken(key) for key in item.key.split(",")), item.description)


def _spoken(key: str) -> str:
    *modifiers, last = key.split("+")
    name = NAMES.get(last, last.upper() if modifiers or (last[:1] == "f" and last[1:].isdigit()) else last)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])
