"""One sitting with mneme, without a screen: owns the store, the model and the dialogue, and their threads.

Calls return at once; what comes of them is read with :meth:`Session.drain`. Replies are made by one thread, one at a
time and in the order they were asked for, so words given before the store or the model is ready simply wait.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from agent.events import Event, Failed, Heard, Thinking, Token
from memory_store.errors import MnemeError, UnknownId
from tui.current_model import CurrentModel, ModelMaker, make_model
from tui.notices import (
    Asked,
    ConversationChanged,
    ConversationOpened,
    EarlierPrompts,
    Notice,
    Problem,
    Said,
    Status,
    Withdrawn,
)

if TYPE_CHECKING:
    from datetime import datetime

    from agent.dialogue import Dialogue
    from agent.settings import Settings
    from memory_store import MemoryStore

log = logging.getLogger("mneme.tui")

IDLE_S = 1.0
"""How often the index is looked at while nothing is asked."""
PROMPTS_REMEMBERED = 200

StoreOpener = Callable[["Settings"], "MemoryStore"]


@dataclass(frozen=True, slots=True)
class Opening:
    """Where to begin: a conversation by id, the latest one, or (neither) a new one."""

    conversation: str | None = None
    latest: bool = False


@dataclass(frozen=True, slots=True)
class _Ask:
    request: int
    words: str
    cancel: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class _Open:
    conversation: str | None


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Another model is wanted."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Count again: something was changed past the dialogue."""


def open_store(settings: Settings) -> MemoryStore:
    from agent.opening import open_memory

    return open_memory(settings, indexing="background", actor="app")


class Session:
    """The seam between the screen and the floors below it. Any thread may call it."""

    def __init__(
        self,
        settings: Settings,
        *,
        opener: StoreOpener = open_store,
        model_maker: ModelMaker = make_model,
        as_of: datetime | None = None,
    ) -> None:
        self.settings = settings
        self._as_of = as_of
        self._opener = opener
        self._notices: SimpleQueue[Notice] = SimpleQueue()
        self._requests: SimpleQueue[_Ask | _Open | _Look | _Exchange | None] = SimpleQueue()
        self._current = CurrentModel(model_maker, self._notices.put)
        self._numbers = itertools.count(1)
        self._waiting: list[_Ask] = []
        self._closing = threading.Event()
        self._ahead = threading.Event()
        self._store: MemoryStore | None = None
        self._dialogue: Dialogue | None = None
        self._last_status: Status | None = None
        self._thread = threading.Thread(target=self._run, name="mneme-session", daemon=True)
        self.conversation_id: str | None = None

    # --- what the screen calls

    def start(self, opening: Opening) -> None:
        """Open the store, begin to load the model, and open a conversation; all of it behind the caller's back."""
        self._opening = opening
        self._thread.start()

    @property
    def store(self) -> MemoryStore | None:
        """None until the store is open."""
        return self._store

    @property
    def busy(self) -> bool:
        """Whether something said has not been answered yet."""
        return bool(self._waiting)

    def say(self, words: str) -> int:
        """Queue ``words``. The number returned is on everything that comes of them, beginning with ``Asked``."""
        ask = _Ask(next(self._numbers), words)
        self._waiting.append(ask)
        self._notices.put(Asked(ask.request, words))
        self._requests.put(ask)
        self._ahead.set()
        return ask.request

    def cancel(self) -> bool:
        """Stop the present reply, keeping what was said of it. False when there is none."""
        current = next(iter(self._waiting), None)
        if current is None:
            return False
        current.cancel.set()
        return True

    def open_conversation(self, conversation: str | None) -> None:
        """Go to another conversation (None: a new one). The present reply, and what waits behind it, is stopped."""
        for ask in list(self._waiting):
            ask.cancel.set()
        self._requests.put(_Open(conversation))
        self._ahead.set()

    def use_model(self, settings: Settings) -> None:
        """Go on with the model of ``settings``. The present reply is stopped; what waits is answered by the new one."""
        self.settings = settings
        self._current.want(settings)
        self.cancel()
        self._requests.put(_Exchange())
        self._ahead.set()

    def look(self) -> None:
        """Tell how full the memory is: it was changed by somebody else."""
        self._requests.put(_Look())

    def drain(self) -> list[Notice]:
        """Everything that happened since the last call, in order."""
        happened: list[Notice] = []
        while True:
            try:
                happened.append(self._notices.get_nowait())
            except Empty:
                return happened

    def close(self, *, timeout: float = 5.0) -> None:
        """Stop the reply, let it be remembered, and close the store. Threads that cannot stop in time are left."""
        self._closing.set()
        for ask in list(self._waiting):
            ask.cancel.set()
        self._requests.put(None)
        self._ahead.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._current.close()

    # --- the session's own thread

    def _run(self) -> None:
        try:
            with self._opener(self.settings) as store:
                self._store = store
                self._current.want(self.settings)
                self._current.put_in_place()
                self._enter(self._opening)
                self._serve()
        except MnemeError as error:
            self._notices.put(Problem(str(error), fatal=True))
        except Exception as error:
            log.exception("the session's thread stopped")
            self._notices.put(Problem(_unforeseen(error, self.settings), fatal=True))
        finally:
            self._store = None

    def _enter(self, opening: Opening) -> None:
        store = self._open_store
        earlier = store.memories(speaker="user", notes=False, limit=PROMPTS_REMEMBERED)
        self._notices.put(EarlierPrompts(tuple(turn.text for turn in reversed(earlier))))
        wanted = opening.conversation
        if wanted is None and opening.latest:
            latest = store.conversations(limit=1)
            wanted = latest[0].id if latest else None
        self._go_to(wanted, must_exist=True)
        self._report_status()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                request = self._requests.get(timeout=IDLE_S)
            except Empty:
                self._report_index()
                continue
            match request:
                case None:
                    return
                case _Open(conversation):
                    self._go_to(conversation)
                case _Exchange():
                    self._exchange()
                case _Look():
                    self._report_status()
                case _Ask():
                    self._answer(request)
                    self._report_status()
                    self._read_ahead()

    def _go_to(self, conversation: str | None, *, must_exist: bool = False) -> None:
        try:
            found = self._open_store.conversation(conversation) if conversation else None
            turns = self._open_store.history(found.id) if found else []
            cited = self._open_store.citations(found.id) if found else {}
        except UnknownId as error:
            self._notices.put(Problem(str(error), fatal=must_exist))
            return
        self._dialogue = None
        self.conversation_id = found.id if found else None
        self._notices.put(ConversationOpened(found, tuple(turns), cited))

    def _answer(self, ask: _Ask) -> None:
        try:
            self._reply(ask)
        except MnemeError as error:
            self._tell(ask, Failed(str(error)))
        except Exception as error:
            log.exception("a reply could not be made")
            self._tell(ask, Failed(_unforeseen(error, self.settings)))
        finally:
            self._waiting.remove(ask)

    def _reply(self, ask: _Ask) -> None:
        if ask.cancel.is_set():
            self._notices.put(Withdrawn(ask.request, ask.words))
            return
        self._exchange()
        if self._dialogue is None:
            self._dialogue = self._begin_dialogue()
        for event in self._dialogue.reply(ask.words, cancel=ask.cancel):
            self._tell(ask, event)
            if isinstance(event, Heard):
                self._entered(event.turn.conversation_id)

    def _read_ahead(self) -> None:
        """While the user reads and writes, the model reads what the next prompt will begin with; until asked."""
        self._ahead = threading.Event()
        if self._dialogue is None or not self._requests.empty():
            return
        try:
            self._dialogue.read_ahead(self._ahead)
        except Exception:
            log.exception("the next prompt could not be read ahead")

    def _begin_dialogue(self) -> Dialogue:
        from agent.dialogue import Dialogue

        model = self._current.model
        if model is None:
            raise MnemeError("There is no model yet; try again in a moment.")
        where = self.conversation_id
        return Dialogue(self._open_store, model, settings=self.settings, conversation=where, as_of=self._as_of)

    def _exchange(self) -> None:
        if self._current.put_in_place():
            self._dialogue = None

    def _tell(self, ask: _Ask, event: Event) -> None:
        self._notices.put(Said(ask.request, event))

    def _entered(self, conversation: str | None) -> None:
        if conversation is not None and conversation != self.conversation_id:
            self.conversation_id = conversation
            self._notices.put(ConversationChanged(self._open_store.conversation(conversation)))

    def _report_status(self) -> None:
        """Count everything, which takes longer the more there is."""
        try:
            stats = self._open_store.stats()
            self._told(Status(stats.memories, stats.conversations, self._open_store.index_state()))
        except MnemeError as error:
            log.warning("the status could not be read: %s", error)

    def _report_index(self) -> None:
        """Only what the indexer is doing: cheap enough for once a second."""
        if self._last_status is None:
            self._report_status()
            return
        try:
            self._told(replace(self._last_status, index=self._open_store.index_state()))
        except MnemeError as error:
            log.warning("the index's state could not be read: %s", error)

    def _told(self, status: Status) -> None:
        if status != self._last_status:
            self._last_status = status
            self._notices.put(status)

    @property
    def _open_store(self) -> MemoryStore:
        if self._store is None:
            raise MnemeError("The memory is not open yet; try again in a moment.")
        return self._store


def _unforeseen(error: Exception, settings: Settings) -> str:
    what = str(error).partition("\n")[0]
    return f"Something unexpected went wrong ({type(error).__name__}: {what}). Details: {settings.paths.log_file}"


def joined(notices: Iterable[Notice]) -> list[Notice]:
    """``notices`` with neighbouring tokens of one reply made one: the screen parses once, not once a token."""
    result: list[Notice] = []
    for notice in notices:
        last = result[-1] if result else None
        match last, notice:
            case Said(a, Token(before)), Said(b, Token(after)) if a == b:
                result[-1] = Said(a, Token(before + after))
            case Said(a, Thinking(before)), Said(b, Thinking(after)) if a == b:
                result[-1] = Said(a, Thinking(before + after))
            case _:
                result.append(notice)
    return result
