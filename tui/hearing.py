"""What the session says, brought to the screen that it is for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.css.query import NoMatches
from textual.widget import MountError

from agent.events import Failed, Finished
from tui.process import exit_codes
from tui.talking.notices import (
    Asked,
    ConversationChanged,
    ConversationOpened,
    EarlierPrompts,
    ModelState,
    Notice,
    Problem,
    Said,
    Status,
    SwitchesChanged,
    Told,
    Withdrawn,
    joined,
)
from tui.text.sanitise import one_line

if TYPE_CHECKING:
    from tui.app import MnemeApp


class Hearing:
    """One round at a time; all in it is shown before the next."""

    def __init__(self, app: MnemeApp) -> None:
        self._app = app
        self.showing = asyncio.Lock()
        """Held while notices are shown: widgets are being mounted."""

    async def drain(self) -> None:
        """Show everything that was said since the last round."""
        async with self.showing:
            for notice in joined(self._app.session.drain()):
                try:
                    await self._show(notice)
                except (NoMatches, MountError):
                    # Widgets go before their app does: what comes in between has nowhere to be shown.
                    if self._app.is_running and not self._app.leaving:
                        raise

    async def _show(self, notice: Notice) -> None:
        chat = self._app.chat
        match notice:
            case Asked() | Said() | Withdrawn():
                await self._show_reply(notice)
            case ModelState():
                chat.model_changed(notice)
            case Status():
                self._app.conflicts = notice.conflicts
                chat.status_changed(notice)
            case ConversationOpened():
                await chat.conversation_opened(notice)
            case ConversationChanged(conversation):
                chat.title_changed(conversation.title)
            case EarlierPrompts(words):
                chat.prompt.past.know(words)
            case SwitchesChanged():
                chat.switches_changed(notice)
            case Problem():
                self._complain(notice)
            case Told(message):
                self._app.notify(message, timeout=10, markup=False)

    async def _show_reply(self, notice: Asked | Said | Withdrawn) -> None:
        match notice:
            case Asked():
                await self._app.chat.asked(notice)
            case Said() if not await self._compared(notice):
                await self._app.chat.said(notice)
                if isinstance(notice.event, Finished | Failed):
                    self._app.collector.over()
            case Withdrawn():
                await self._app.chat.withdrawn(notice)

    async def _compared(self, notice: Said) -> bool:
        """Whether it was told to a screen that shows a reply which is not kept."""
        from tui.screens.comparison import ComparisonScreen

        screen = self._app.screen
        if isinstance(screen, ComparisonScreen) and screen.request == notice.request:
            await screen.happened(notice)
            return True
        return False

    def _complain(self, problem: Problem) -> None:
        if problem.fatal:
            self._app.exit(problem.message, return_code=exit_codes.USAGE)
        else:
            self._app.notify(one_line(problem.message), severity="error", markup=False)
