"""The terminal app. It owns the session, drains what the session says a dozen times a second, and knows the screens."""

from __future__ import annotations

import asyncio
import hashlib
import signal
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import Screen

from memory_store.records import Conversation
from tui.hearing import Hearing
from tui.keys.bindings import command_bindings
from tui.keys.keymap import checked
from tui.keys.palette import commands
from tui.process.collecting import Collector
from tui.process.idle import LOOK_S, IdleClock
from tui.resuming.going_back import go_back_to, spot_of
from tui.resuming.sitting import Sitting
from tui.resuming.state import AppState
from tui.screens.chat import ChatScreen
from tui.talking.session import Opening, Session
from tui.text.names import names
from tui.themes.theming import ThemedApp

DRAINS_PER_S = 15
QUIT_WITHIN_S = 1.5
KEPT_EVERY_S = 1.0
COLLECTED_EVERY_S = 1.0
FIRST_RUN = "first_run"

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel


class MnemeApp(ThemedApp):
    """Give it a session that has not been started. ``run()`` returns a one-line problem when it could not go on."""

    TITLE = "mneme"
    CSS_PATH = ["app.tcss", "screens/chat.tcss"]  # noqa: RUF012  together: what a screen adds has all be read again
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *command_bindings(anywhere=True),
        Binding("ctrl+p", "command_palette", "More", key_display="^p", priority=True),
        Binding("ctrl+c", "help_quit", "Quit, pressed twice", show=False, system=True),
    ]

    def __init__(self, session: Session, opening: Opening | None = None, *, greet: bool = False) -> None:
        """``greet``: where no model was ever chosen, begin with a choice of those that are here; once.

        Raises SettingsError for keys that cannot be bound."""
        super().__init__(AppState(session.settings.paths.state_dir), session.settings.chat.theme)
        self.session = session
        self.name_of = names(session.settings.chat.user_name)
        self.undoable = False
        """Whether anything was done in the app that could be taken back."""
        self.conflicts = 0
        """Contradictions that wait for the user's word, when that was told last."""
        self.keymap = checked(session.settings.keys)
        """The user's own keys, by the names of what they do."""
        unchosen = session.settings.origin("model.name") == "default" and not session.settings.model.base_url
        self.first_run = greet and unchosen and not self.state.get(FIRST_RUN, "")
        self._goodbye = False
        self.leaving = False
        """Whether the app is on its way out: its widgets may be gone before it is."""
        self.sitting = Sitting(session.settings.paths.state_dir, session.settings.profile)
        self._opening = opening or Opening()
        self._idle = IdleClock(session.settings.privacy.lock_after)
        self.collector = Collector()
        self.draft: str | None = None
        """After the app was locked: what was written and not sent. None: it was not locked."""
        self._hearing = Hearing(self)
        self._asked_to_quit = -QUIT_WITHIN_S
        self._chat: ChatScreen | None = None

    def now(self) -> datetime:
        """The store's clock, so that what the screen calls today is what the memory calls today."""
        store = self.session.store
        return store.clock() if store is not None else datetime.now(UTC)

    @property
    def chat(self) -> ChatScreen:
        if self._chat is None:
            self._chat = ChatScreen()
        return self._chat

    async def on_mount(self) -> None:
        self.put_theme_in_place()
        self.set_keymap(self.keymap)
        self._end_in_order_when_told()
        if not self.is_headless:
            self.collector.begin()
        await self.push_screen(self.chat)
        # The store and the model are opened behind the first picture, not in front of it.
        self.call_after_refresh(self.session.start, self._opening)
        self.call_after_refresh(self.run_worker, _load_what_replies_need, thread=True)
        self.set_interval(1 / DRAINS_PER_S, self._drain)
        self.set_interval(LOOK_S, self._lock_if_idle)
        self.set_interval(COLLECTED_EVERY_S, lambda: self.collector.look(busy=self.session.busy))
        if self._opening.draft:
            self.call_after_refresh(self.chat.prompt.insert_words, self._opening.draft)
        left = self.sitting.left() if self._opening == Opening() else None
        if left is not None:
            self.call_after_refresh(go_back_to, self, left)
        self.set_interval(KEPT_EVERY_S, lambda: self.sitting.keep(spot_of(self)))

    def _end_in_order_when_told(self) -> None:
        """The terminal is closed, or the machine goes down: the memory is closed as when somebody quits."""
        for name in ("SIGHUP", "SIGTERM"):
            # Windows has neither; and only the main thread hears signals.
            with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), self._told_to_end)

    def _told_to_end(self) -> None:
        """Nobody said goodbye: the next sitting goes on where this one was."""
        self.leaving = True
        super().exit()

    def exit(self, result: str | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Somebody wants to leave: not the same as a terminal that is closed."""
        self._goodbye = self.leaving = True
        super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        if self._chat is not None:
            self._chat.save_draft()
        self.session.close()
        if self._goodbye or self.is_headless:
            self.sitting.end()

    def _fatal_error(self) -> None:
        """As Textual's, but without the values of variables, which are words: this ends in the log."""
        from rich.traceback import Traceback

        self.panic(Traceback(show_locals=False, width=100))

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste):
            self._idle.touched()
            self.collector.touched()
        await super().on_event(event)

    # --- what the session says

    def drain_soon(self) -> None:
        """Do not wait for the next round: something was just said, and should be seen at once."""
        self.call_later(self._drain)

    async def _drain(self) -> None:
        await self._hearing.drain()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something for a while. What is on the screen already is not said twice. Unlike Textual's, the words are
        only words."""
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        same = hashlib.sha256(repr((message, title, severity)).encode()).hexdigest()
        self.post_message(Notify(Notification(message, title, severity, seconds, markup, identity=same)))

    # --- what the user does

    def action_memories(self, memory: str | None = None) -> None:
        from tui.screens.memory import MemoryScreen

        if not isinstance(self.screen, MemoryScreen):
            self.push_screen(MemoryScreen(memory))

    def action_conversations(self) -> None:
        from tui.screens.conversations import ConversationsScreen

        if not isinstance(self.screen, ConversationsScreen):
            self.push_screen(ConversationsScreen())

    def action_timeline(self) -> None:
        from tui.screens.timeline import TimelineScreen

        if not isinstance(self.screen, TimelineScreen):
            self.push_screen(TimelineScreen())

    def action_conflicts(self) -> None:
        from tui.screens.conflicts import ConflictsScreen

        if not isinstance(self.screen, ConflictsScreen):
            self.push_screen(ConflictsScreen())

    def action_log(self) -> None:
        from tui.screens.log import LogScreen

        if not isinstance(self.screen, LogScreen):
            self.push_screen(LogScreen())

    def action_models(self) -> None:
        from tui.screens.models import ModelsScreen

        if self.screen is self.chat:
            self.push_screen(ModelsScreen())

    def first_run_seen(self) -> None:
        self.state.set(FIRST_RUN, "seen")

    def use_model(self, model: InstalledModel, *, keep: bool) -> bool:
        """Let ``model`` reply from now on; with ``keep``, the next time as well. False, and said, when it cannot."""
        from tui.model_choice import choose

        return choose(self, model, keep=keep)

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def resume(self, conversation: str | None) -> None:
        """Show the chat screen with this conversation (None: a new one)."""
        while self.screen is not self.chat and len(self.screen_stack) > 1:
            self.pop_screen()
        if conversation is None or conversation != self.session.conversation_id:
            self.session.open_conversation(conversation)
        self.chat.prompt.focus()

    def go_to_branch(self, conversation: Conversation) -> None:
        """A branch was begun, from whichever screen."""
        self.undoable = True
        self.notify("A branch: it begins with what was said up to here.", timeout=4)
        self.resume(conversation.id)

    def action_help_quit(self) -> None:
        """Ctrl+C: a habit as much as a wish, so it has to be pressed twice."""
        now = monotonic()
        if now - self._asked_to_quit <= QUIT_WITHIN_S:
            self.exit()
            return
        self._asked_to_quit = now
        self.notify("Ctrl+C once more quits.", timeout=QUIT_WITHIN_S)

    def action_lock(self) -> None:
        """Close an encrypted memory and leave the screen; who runs the app asks for the passphrase."""
        store = self.session.store
        if store is None or not store.encrypted:
            self.notify("This memory is not encrypted: `mneme memory encrypt` does that.", timeout=5, markup=False)
            return
        self.draft = "\n\n".join(filter(None, [*self.session.unheard, self.chat.prompt.words]))
        self.run_worker(self._leave_when_shown())

    async def _leave_when_shown(self) -> None:
        async with self._hearing.showing:  # widgets that are being mounted are waited for
            self.exit()

    def _lock_if_idle(self) -> None:
        store = self.session.store
        if store is not None and store.encrypted and self._idle.due(busy=self.session.busy):
            self.action_lock()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return commands(self, screen)


def _load_what_replies_need() -> None:
    """Markdown, by the time that the first reply comes."""
    import tui.widgets.reply_text  # noqa: F401
