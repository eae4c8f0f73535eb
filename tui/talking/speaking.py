"""The session thread's own half: which conversation it is in, with which model, and how replies come about."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent.events import Event, Failed, Heard, Token
from memory_store.errors import MnemeError, UnknownId
from tui.talking.current_model import CurrentModel
from tui.talking.notices import (
    ConversationChanged,
    ConversationOpened,
    Notice,
    Problem,
    Said,
    SwitchesChanged,
    Withdrawn,
)
from tui.talking.privacy import Privacy
from tui.talking.requests import LAST, Ask, Pace

if TYPE_CHECKING:
    from agent.dialogue import Dialogue
    from agent.settings import Settings
    from memory_store import MemoryStore

log = logging.getLogger("mneme.tui")


class Speaking:
    """Called by the session's thread alone, one call at a time; what happens is told as notices."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        current: CurrentModel,
        tell: Callable[[Notice], None],
        *,
        privacy: Privacy,
        as_of: datetime | None,
    ) -> None:
        self._settings, self._current, self._tell = settings, current, tell
        self._dialogue: Dialogue | None = None
        self._store: MemoryStore | None = None
        self._ahead = threading.Event()
        self.privacy, self.as_of = privacy, as_of
        self.conversation_id: str | None = None
        self.pace = Pace()

    def begin(self, store: MemoryStore, conversation: str | None) -> None:
        self._store = store
        self._tell(SwitchesChanged(self.privacy, self.as_of))
        self.go_to(conversation, must_exist=True)

    # --- where

    def go_to(self, conversation: str | None, *, must_exist: bool = False) -> None:
        """Open a conversation; None: a new one."""
        try:
            opened = self._opened(conversation)
        except UnknownId as error:
            self._tell(Problem(str(error), fatal=must_exist))
            return
        self._dialogue = None
        self.conversation_id = opened.conversation.id if opened.conversation else None
        self._tell(opened)

    def show(self) -> None:
        """Tell the present conversation anew: the screen shows something that did not come to pass."""
        if self.privacy.remember:
            self._tell(self._opened(self.conversation_id))
        elif self._dialogue is not None:
            self._tell(replace(self._opened(self.conversation_id), turns=tuple(self._dialogue.turns())))

    def _opened(self, conversation: str | None) -> ConversationOpened:
        store = self._open_store
        if conversation is None:
            return ConversationOpened(None, ())
        found = store.conversation(conversation)
        return ConversationOpened(found, tuple(store.history(found.id)), store.citations(found.id))

    def switch(self, privacy: Privacy) -> None:
        """To begin or to end not remembering begins a new conversation: none is half remembered."""
        anew = privacy.remember is not self.privacy.remember
        self.privacy = privacy
        if self._dialogue is not None:
            self._dialogue.memory = privacy.recall
        self._tell(SwitchesChanged(privacy, self.as_of))
        if anew:
            self.go_to(None)

    def turn_back(self, day: datetime | None) -> None:
        """Recall as on that day; None: as now."""
        self.as_of = day
        if self._dialogue is not None:
            self._dialogue.as_of = day
        self._tell(SwitchesChanged(self.privacy, day))

    # --- replies

    def answer(self, ask: Ask) -> None:
        """Make a reply. Whatever goes wrong is told: this is the edge of the thread."""
        try:
            self._answer(ask)
        except MnemeError as error:
            self._tell(Said(ask.request, Failed(str(error))))
        except BaseException as error:  # the edge of the thread for one reply: the next can be made
            log.exception("a reply could not be made")
            self._tell(Said(ask.request, Failed(unforeseen(error, self._settings()))))

    def _answer(self, ask: Ask) -> None:
        if ask.cancel.is_set():
            self._tell(Withdrawn(ask.request, ask.words))
            return
        self.exchange()
        self.pace.begin()
        with self._open_store.secrets_settled("keep"):  # the session asked, or refused the words
            self._follow(ask)

    def _follow(self, ask: Ask) -> None:
        for event in self._events(ask, self._dialogue or self._begin()):
            if isinstance(event, Token):
                self.pace.piece()
            self._tell(Said(ask.request, event))
            if isinstance(event, Heard):
                self._entered(event.turn.conversation_id)

    def _events(self, ask: Ask, dialogue: Dialogue) -> Iterator[Event]:
        target = None if ask.target == LAST else ask.target
        if ask.kind == "said":
            return dialogue.reply(ask.words, cancel=ask.cancel)
        if ask.kind == "rewritten":
            last = dialogue.last_words
            return dialogue.reply(ask.words, cancel=ask.cancel, instead_of=target or (last.id if last else None))
        return dialogue.again(target, without=ask.without, keep=ask.kind == "again", cancel=ask.cancel)

    def _begin(self) -> Dialogue:
        from agent.dialogue import Dialogue

        model = self._current.model
        if model is None:
            raise MnemeError("There is no model yet; try again in a moment.")
        self._dialogue = Dialogue(
            self._open_store,
            model,
            settings=self._settings(),
            conversation=self.conversation_id,
            memory=self.privacy.recall,
            remember=self.privacy.remember,
            as_of=self.as_of,
        )
        return self._dialogue

    def exchange(self) -> None:
        """Put the model in place that is wanted now. The conversation goes on, also one that is written nowhere."""
        if self._current.put_in_place() and self._dialogue is not None and self._current.model is not None:
            self._dialogue.go_on_with(self._current.model, self._settings())

    def _entered(self, conversation: str | None) -> None:
        if conversation is not None and conversation != self.conversation_id:
            self.conversation_id = conversation
            self._tell(ConversationChanged(self._open_store.conversation(conversation)))

    def read_ahead(self) -> None:
        """While the user reads and writes, the model reads what the next prompt begins with, until :meth:`heed`."""
        if self._dialogue is None:
            return
        try:
            self._dialogue.read_ahead(self._ahead)
        except Exception:  # the edge of the thread: nobody waits for it
            log.exception("the next prompt could not be read ahead")

    def free(self) -> None:
        """Nothing is wanted: reading ahead may begin."""
        self._ahead = threading.Event()

    def heed(self) -> None:
        """Something is wanted: stop reading ahead. The one thing here that any thread may call."""
        self._ahead.set()

    @property
    def _open_store(self) -> MemoryStore:
        if self._store is None:
            raise MnemeError("The memory is not open yet; try again in a moment.")
        return self._store


def unforeseen(error: BaseException, settings: Settings) -> str:
    """One line about an error that nobody thought of."""
    what = str(error).partition("\n")[0]
    return f"Something unexpected went wrong ({type(error).__name__}: {what}). Details: {settings.paths.log_file}"
