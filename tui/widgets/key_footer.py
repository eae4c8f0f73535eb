"""The line of keys at the bottom of every screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

LEADS_ON = ("help", "command_palette")
"""What these keys show has everything that found no room: they stay, and so does the one that leaves."""

Says = Callable[[str], str | None]


class KeyFooter(Footer):
    """A footer that shows as many keys as have room, and lets go of those it has shown.

    Textual's binds each of them to its own size, in a list of watchers that is only gone through when that changes,
    and makes all anew whenever what can be done may have changed: some thirty widgets more with every reply, for ever.
    Here they are made anew when something else is to be shown.
    """

    def __init__(self, says: Says | None = None) -> None:
        """``says``: what an action does just now, where that is not always the same."""
        super().__init__(show_command_palette=False)
        self._says = says
        self._shown: list[tuple[object, ...]] = []

    def bindings_changed(self, screen: Screen[Any]) -> None:
        if not self._bindings_ready or self._to_show() != self._shown:
            super().bindings_changed(screen)

    def _to_show(self) -> list[tuple[object, ...]]:
        return [
            (binding, enabled, tooltip, self.app.get_key_display(binding), self._says and self._says(binding.action))
            for _, binding, enabled, tooltip in self.screen.active_bindings.values()
            if binding.show
        ]

    def on_resize(self) -> None:
        self._fit(list(self.query(FooterKey)))

    def compose(self) -> ComposeResult:
        for watchers in getattr(self, "__watchers", {}).values():
            watchers[:] = [watcher for watcher in watchers if watcher[0].is_attached]
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        for key in keys:
            key.description = (self._says(key.action) if self._says else None) or key.description
        self._shown = self._to_show() if self._bindings_ready else []
        self._fit(keys)
        for key in keys:
            key.set_reactive(FooterKey.compact, self.compact)  # or each is styled twice before it is seen
        yield from keys

    def _fit(self, keys: Sequence[FooterKey]) -> None:
        """Let keys stand closer where there is little room; where that is not enough, leave out what finds none."""
        room = self.size.width
        if not room:
            return
        self.compact = sum(_cells(key) + 3 for key in keys) > room
        stay = [key for key in keys if not self.compact or key.action in LEADS_ON or key.key == "escape"]
        left = room + 1 - sum(_cells(key) + 2 for key in stay)
        for key in keys:
            key.display = key in stay or _cells(key) + 2 <= left
            left -= _cells(key) + 2 if key.display and key not in stay else 0


def _cells(key: FooterKey) -> int:
    return cell_len(key.key_display) + cell_len(key.description)
