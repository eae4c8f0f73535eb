"""Bindings of the commands of the table."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding

from tui.slash.table import COMMANDS

SHOWN_AS = {"escape": "esc"}


def command_bindings(*, anywhere: bool) -> Iterator[Binding]:
    """Those of the chat screen, whose action is ``command('name')``; or those of the app, which has one of the name."""
    for command in COMMANDS:
        if command.keys and command.anywhere is anywhere:
            first = command.keys.partition(",")[0]
            yield Binding(
                command.keys,
                command.name if anywhere else f"command('{command.name}')",
                command.short,
                show=command.footer,
                key_display=SHOWN_AS.get(first, first.replace("ctrl+", "^") if first.startswith("ctrl+") else None),
                priority=command.priority,
                id=command.name,
            )
