"""What everything that obeys a command of the chat has at hand: the session, the store in a thread, and a voice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from memory_store.errors import InvalidInput, MnemeError
from tui.messages import ActFailed
from tui.slash import acts
from tui.text.sanitise import one_line

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from tui.screens.chat import ChatScreen
    from tui.talking.session import Session

T = TypeVar("T")
Obeyed = dict[str, Callable[[str], object]]
"""Name of a command -> what obeys it, given what follows the name."""

BUSY = "A reply is being made. Esc stops it."


class Obeying:
    """Of one chat screen. What a person can put right is told as a notice."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._typed = ""
        """The command that is being obeyed, as it was written."""

    @property
    def _session(self) -> Session:
        return self._screen.mneme.session

    def _conversation(self) -> str:
        conversation = self._session.conversation_id
        if conversation is None:
            raise InvalidInput("Nothing of this conversation is remembered yet.")
        return conversation

    def _idle(self) -> None:
        if self._session.busy:
            raise InvalidInput(BUSY)

    def _changing(self, make: acts.Making) -> Callable[[str], None]:
        def change(rest: str) -> None:
            shown = self._screen.shown()
            self._screen.perform(lambda store: make(store, rest, shown), self._typed)

        return change

    def _read(self, read: Callable[[MemoryStore], T], then: Callable[[T], object]) -> None:
        """``read`` in a thread, ``then`` with what it found where the widgets live."""
        screen, store = self._screen, self._screen.store
        if store is None:
            raise InvalidInput("The memory is not open yet; try again in a moment.")

        def work() -> None:
            try:
                found = read(store)
            except MnemeError as error:
                screen.post_message(ActFailed(str(error)))
            else:
                screen.app.call_from_thread(then, found)

        screen.run_worker(work, thread=True, group="commands", exit_on_error=False)

    def _tell(self, said: str, seconds: float = 3) -> None:
        self._screen.notify(one_line(said), timeout=seconds, markup=False)

    def _complain(self, problem: str) -> None:
        self._screen.notify(one_line(problem), severity="warning", timeout=6, markup=False)
