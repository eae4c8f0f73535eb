"""The terminal app. It owns the session, drains what the session says a dozen times a second, and knows the screens."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import Screen
from textual.theme import Theme
from textual.widget import MountError

from agent.events import Failed, Finished
from memory_store.records import Conversation, Turn
from tui import exit_codes
from tui.acting import ActingScreen
from tui.bindings import command_bindings
from tui.collecting import Collector
from tui.going_back import go_back_to, spot_of
from tui.idle import LOOK_S, IdleClock
from tui.keymap import checked
from tui.names import names
from tui.notices import (
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
from tui.palette import commands
from tui.sanitise import one_line
from tui.screens.chat import ChatScreen
from tui.session import Opening, Session
from tui.sitting import Sitting
from tui.state import AppState
from tui.themes import DARK, DEFAULTS, LIGHT, SHORT, THEMES

DRAINS_PER_S = 15
QUIT_WITHIN_S = 1.5
KEPT_EVERY_S = 1.0
COLLECTED_EVERY_S = 1.0
FIRST_RUN = "first_run"


if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel


class MnemeApp(App[str | None]):
    """Give it a session that has not been started. ``run()`` returns a one-line problem when it could not go on."""

    TITLE = "mneme"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *command_bindings(anywhere=True),
        Binding("ctrl+p", "command_palette", "More", key_display="^p", priority=True),
        Binding("ctrl+c", "help_quit", "Quit, pressed twice", show=False, system=True),
    ]

    def __init__(self, session: Session, opening: Opening | None = None, *, greet: bool = False) -> None:
        """``greet``: where no model was ever chosen, begin with a choice of those that are here; once.

        Raises SettingsError for keys that cannot be bound."""
        super().__init__()
        self.session = session
        self.name_of = names(session.settings.chat.user_name)
        self.undoable = False
        self.conflicts = 0
        """Contradictions that wait for the user's word, when that was told last."""
        """Whether anything was done in the app that could be taken back."""
        self.keymap = checked(session.settings.keys)
        """The user's own keys, by the names of what they do."""
        self.state = AppState(session.settings.paths.state_dir)
        unchosen = session.settings.origin("model.name") == "default" and not session.settings.model.base_url
        self.first_run = greet and unchosen and not self.state.get(FIRST_RUN, "")
        for theme in THEMES:
            self.register_theme(theme)
        self._goodbye = False
        self._first_theme = self._chosen_theme()
        self._begin_with(self.available_themes[self._first_theme])
        self.sitting = Sitting(session.settings.paths.state_dir, session.settings.profile)
        self._opening = opening or Opening()
        self._idle = IdleClock(session.settings.privacy.lock_after)
        self._collector = Collector()
        self.draft: str | None = None
        """After the app was locked: what was written and not sent. None: it was not locked."""
        self._draining = asyncio.Lock()
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
        if self.theme != self._first_theme:
            self.theme = self._first_theme
        self.set_keymap(self.keymap)
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self._end_in_order_when_told()
        if not self.is_headless:
            self._collector.begin()
        await self.push_screen(self.chat)
        # The store and the model are opened behind the first picture, not in front of it.
        self.call_after_refresh(self.session.start, self._opening)
        self.set_interval(1 / DRAINS_PER_S, self._drain)
        self.set_interval(LOOK_S, self._lock_if_idle)
        self.set_interval(COLLECTED_EVERY_S, lambda: self._collector.look(busy=self.session.busy))
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
        super().exit()

    def exit(self, result: str | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Somebody wants to leave: not the same as a terminal that is closed."""
        self._goodbye = True
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
            self._collector.touched()
        await super().on_event(event)

    # --- what the session says

    def drain_soon(self) -> None:
        """Do not wait for the next round: something was just said, and should be seen at once."""
        self.call_later(self._drain)

    async def _drain(self) -> None:
        async with self._draining:
            for notice in joined(self.session.drain()):
                try:
                    await self._show(notice)
                except (NoMatches, MountError):
                    # Widgets go before their app does: what comes in between has nowhere to be shown.
                    if self.is_running:
                        raise

    async def _show(self, notice: Notice) -> None:
        chat = self.chat
        match notice:
            case Asked() | Said() | Withdrawn():
                await self._show_reply(notice)
            case ModelState():
                chat.model_changed(notice)
            case Status():
                self.conflicts = notice.conflicts
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
                self.notify(message, timeout=10, markup=False)

    async def _show_reply(self, notice: Asked | Said | Withdrawn) -> None:
        match notice:
            case Asked():
                await self.chat.asked(notice)
            case Said() if not await self._compared(notice):
                await self.chat.said(notice)
                if isinstance(notice.event, Finished | Failed):
                    self._collector.over()
            case Withdrawn():
                await self.chat.withdrawn(notice)

    async def _compared(self, notice: Said) -> bool:
        """Whether it was told to a screen that shows a reply which is not kept."""
        from tui.screens.comparison import ComparisonScreen

        screen = self.screen
        if isinstance(screen, ComparisonScreen) and screen.request == notice.request:
            await screen.happened(notice)
            return True
        return False

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

    def _complain(self, problem: Problem) -> None:
        if problem.fatal:
            self.exit(problem.message, return_code=exit_codes.USAGE)
        else:
            self.notify(one_line(problem.message), severity="error", markup=False)

    def tell_changed(self, changed: Turn | Conversation) -> None:
        """Every screen shows what was changed as it is now."""
        self.session.look()
        for screen in self.screen_stack:
            if isinstance(screen, ActingScreen):
                if isinstance(changed, Turn):
                    screen.memory_changed(changed)
                else:
                    screen.conversations_changed()
        if isinstance(changed, Conversation) and changed.id == self.session.conversation_id:
            self.chat.title_changed(changed.title)

    def tell_listed_anew(self) -> None:
        """Something was taken back, of which not every row is known."""
        for screen in self.screen_stack:
            if isinstance(screen, ActingScreen):
                screen.list_anew()

    def tell_purged(self, memories: Sequence[Turn]) -> None:
        """What was erased for good is shown nowhere any more."""
        self.session.look()
        here = self.session.conversation_id
        if here is not None:
            # Any of them may stand in the panel; a reply that is being made would be lost, so it is waited for.
            if self.session.busy:
                self.set_timer(1.0, lambda: self.tell_purged(memories))
            else:
                self.session.open_conversation(here)

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
        async with self._draining:  # widgets that are being mounted are waited for
            self.exit()

    def _lock_if_idle(self) -> None:
        store = self.session.store
        if store is not None and store.encrypted and self._idle.due(busy=self.session.busy):
            self.action_lock()

    def action_light(self) -> None:
        self.theme = LIGHT if self.current_theme.dark else DARK

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DEFAULTS

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return commands(self, screen)

    def _chosen_theme(self) -> str:
        chosen = self.state.get("theme", self.session.settings.chat.theme)
        named = (SHORT | {"auto": LIGHT if _light_terminal() else DARK}).get(chosen, chosen)
        if named in self.available_themes:
            return named
        self.call_later(
            self.notify, f"There is no theme {one_line(chosen, limit=40)!r}. Ctrl+P, Theme shows them.", markup=False
        )
        return DARK

    def _begin_with(self, theme: Theme) -> None:
        """Have the theme before the first picture: a change afterwards has all styles read a second time, a third of
        what the first picture costs. (The terminal's own colours need that change: there is more to it.)"""
        if not theme.ansi:
            self.set_reactive(App.theme, theme.name)
            self.stylesheet.set_variables(self.get_css_variables())
            self.set_class(True, f"-theme-{theme.name}")
            self.set_class(theme.dark, "-dark-mode")
            self.set_class(not theme.dark, "-light-mode")

    def _keep_theme(self, _: object) -> None:
        self.state.set("theme", self.theme)


def _light_terminal() -> bool:
    """Some terminals say what their background is, as ``foreground;background`` of the sixteen colours."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
