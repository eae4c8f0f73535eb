"""Coming back to where the last sitting was, when it ended without goodbye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store.errors import MnemeError
from tui.resuming.sitting import Spot

if TYPE_CHECKING:
    from tui.app import MnemeApp

SCREENS = {
    "MemoryScreen": "memories",
    "ConversationsScreen": "conversations",
    "TimelineScreen": "timeline",
    "ConflictsScreen": "conflicts",
    "ModelsScreen": "models",
    "LogScreen": "log",
}
"""Screens that are come back to, and the actions that open them."""


def spot_of(app: MnemeApp) -> Spot:
    """Where the app is now."""
    screens = [SCREENS.get(type(screen).__name__, "") for screen in app.screen_stack]
    turn = app.chat.transcript.read_now if app.chat.is_mounted else None
    return Spot(app.session.conversation_id, next(filter(None, reversed(screens)), ""), turn.id if turn else "")


def go_back_to(app: MnemeApp, spot: Spot) -> None:
    """Open the conversation, if it is there still, and the screen that was in front; as soon as the store is open."""
    store = app.session.store
    if store is None:
        app.set_timer(0.1, lambda: go_back_to(app, spot))
        return
    try:
        known = spot.conversation is not None and not store.conversation(spot.conversation).deleted
    except MnemeError:
        known = False
    if known:
        app.chat.go_on_reading = spot
        app.session.open_conversation(spot.conversation)
        app.notify("The last sitting ended without goodbye: this is where it was. Ctrl+N begins anew.", timeout=8)
    if spot.screen in SCREENS.values():
        app.call_later(app.run_action, spot.screen)
