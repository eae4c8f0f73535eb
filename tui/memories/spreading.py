"""A change of the memory, spread to every screen that shows what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from memory_store.records import Conversation, Turn

if TYPE_CHECKING:
    from tui.app import MnemeApp
    from tui.memories.acting import ActingScreen

BUSY_S = 1.0
"""How long to wait for a reply before it is looked again whether it is over."""


def changed(app: MnemeApp, what: Turn | Conversation) -> None:
    """Every screen shows it as it is now."""
    app.session.look()
    for screen in _acting(app):
        if isinstance(what, Turn):
            screen.memory_changed(what)
        else:
            screen.conversations_changed()
    if isinstance(what, Conversation) and what.id == app.session.conversation_id:
        app.chat.title_changed(what.title)


def listed_anew(app: MnemeApp) -> None:
    """Something was taken back, of which not every row is known."""
    for screen in _acting(app):
        screen.list_anew()


def purged(app: MnemeApp, memories: Sequence[Turn]) -> None:
    """What was erased for good is shown nowhere any more."""
    app.session.look()
    here = app.session.conversation_id
    if here is None:
        return
    # Any of them may stand in the panel; a reply that is being made would be lost, so it is waited for.
    if app.session.busy:
        app.set_timer(BUSY_S, lambda: purged(app, memories))
    else:
        app.session.open_conversation(here)


def _acting(app: MnemeApp) -> Iterator[ActingScreen]:
    from tui.memories.acting import ActingScreen

    yield from (screen for screen in app.screen_stack if isinstance(screen, ActingScreen))
