"""The commands of the table, as the app obeys them: typed, pressed, or taken from the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store.errors import MnemeError
from tui.messages import Completed
from tui.obeying.conversation import ConversationCommands
from tui.obeying.memory import MemoryCommands
from tui.obeying.screen import ScreenCommands
from tui.slash.completing import Surroundings, offers
from tui.slash.parsing import Call

if TYPE_CHECKING:
    from tui.screens.chat import ChatScreen


class ChatCommands(ConversationCommands, MemoryCommands, ScreenCommands):
    """``run`` obeys one. What a person can put right is told as a notice; nothing is lost by a command that fails."""

    def __init__(self, screen: ChatScreen) -> None:
        super().__init__(screen)
        self.obeyed = self.about_the_conversation() | self.about_memory() | self.about_the_screen()

    def run(self, call: Call) -> None:
        self._typed = f"/{call.command.name} {call.rest}".rstrip()
        try:
            self.obeyed[call.command.name](call.rest)
        except MnemeError as error:
            self._complain(str(error))

    def complete(self, typed: str) -> None:
        """Look up what may follow a command. :class:`Completed` follows."""
        screen = self._screen
        around = Surroundings(
            screen.store,
            self._session.settings,
            screen.mneme.theme_names(),
            screen.numbered(),
            next((one.text for one in reversed(screen.transcript.entries) if one.turn and not one.is_reply), ""),
        )

        def look() -> None:
            try:
                found = offers(typed, around)
            except MnemeError:
                found = []
            screen.post_message(Completed(typed, found))

        screen.run_worker(look, thread=True, group="completing", exclusive=True, exit_on_error=False)
