"""The line of keys at the bottom of every screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer

ROOMY = 74


class KeyFooter(Footer):
    """A footer that lets go of the keys it has shown.

    Textual's binds each of them to its own size, in a list of watchers that is only gone through when that changes,
    and makes all anew whenever what can be done changes: some thirty widgets more with every reply, for ever.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def on_resize(self) -> None:
        """Where there is little room, keys stand closer."""
        self.compact = self.size.width < ROOMY

    def compose(self) -> ComposeResult:
        for watchers in getattr(self, "__watchers", {}).values():
            watchers[:] = [watcher for watcher in watchers if watcher[0].is_attached]
        yield from super().compose()
