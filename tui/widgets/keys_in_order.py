"""Keys do what they do in the order in which they are pressed."""

from __future__ import annotations

from textual import events
from textual.widget import Widget
from textual.widgets import Input, TextArea


class KeysInOrder(Widget):
    """A field to write in, whose own bindings are obeyed at once. To be named last among the bases.

    Textual inserts letters where they arrive, but obeys a binding only when its key has gone up to the app: Backspace
    and a letter, pressed quickly while a reply streams, came to the letter and then Backspace.
    """

    async def _on_key(self, event: events.Key) -> None:
        own = self._bindings.copy()
        own.apply_keymap(self.app._keymap)
        for binding in own.key_to_bindings.get(event.key, ()):
            if not binding.priority and await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return


class Line(Input, KeysInOrder):
    """One line to write in."""


class Lines(TextArea, KeysInOrder):
    """Several lines to write in."""
