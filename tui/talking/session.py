"""One sitting with mneme, without a screen: owns the store, the model and the dialogue, and their threads.

Calls return at once; what comes of them is read with :meth:`Session.drain`. Replies are made by one thread, one at a
time and in the order they were asked for, so words given before the store or the model is ready simply wait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from memory_store.episodic.screening import Screening, SecretsAnswer
from memory_store.errors import MnemeError
from tui.talking.current_model import CurrentModel, ModelMaker, make_model
from tui.talking.notices import EarlierPrompts, Notice, Problem, Told
from tui.talking.privacy import Privacy
from tui.talking.requests import LAST, Ask, AskKind, Pace
from tui.talking.retention import Keeper
from tui.talking.speaking import Speaking, unforeseen
from tui.talking.status_reports import StatusReports
from tui.talking.waiting import Waiting

if TYPE_CHECKING:
    from datetime import datetime

    from agent.settings import Settings
    from memory_store import MemoryStore

log = logging.getLogger("mneme.tui")

IDLE_S = 1.0
"""How often the index is looked at while nothing is asked."""
PROMPTS_REMEMBERED = 1000

StoreOpener = Callable[["Settings"], "MemoryStore"]
Task = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """Where to begin: a conversation by id, the latest one, or (neither) a new one."""

    conversation: str | None = None
    latest: bool = False
    draft: str = ""
    """Words to be put into the prompt."""


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
        privacy: Privacy | None = None,
    ) -> None:
        self.settings = settings
        self._opener = opener
        self._notices: SimpleQueue[Notice] = SimpleQueue()
        self._requests: SimpleQueue[Ask | Task | None] = SimpleQueue()
        self._current = CurrentModel(model_maker, self._notices.put)
        self._waiting = Waiting(self._notices.put)
        self._closing = threading.Event()
        self._store: MemoryStore | None = None
        self._speaking = Speaking(
            lambda: self.settings, self._current, self._notices.put, privacy=privacy or Privacy(), as_of=as_of
        )
        self._reports: StatusReports | None = None
        self._keeper = Keeper()
        self._screening = Screening(settings.privacy.secrets)
        self._thread = threading.Thread(target=self._run, name="mneme-session", daemon=True)

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

    @property
    def unheard(self) -> list[str]:
        """What was said and waits behind the present reply."""
        return self._waiting.unheard

    @property
    def conversation_id(self) -> str | None:
        """None: nothing has been said in it yet, or nothing of it is written."""
        return self._speaking.conversation_id

    @property
    def privacy(self) -> Privacy:
        return self._speaking.privacy

    @property
    def as_of(self) -> datetime | None:
        return self._speaking.as_of

    @property
    def pace(self) -> Pace:
        """Of the reply that is being made."""
        return self._speaking.pace

    def say(self, words: str, *, instead_of: str | None = None) -> int:
        """Queue ``words``. The number returned is on everything that comes of them, beginning with ``Asked``.

        ``instead_of``: the earlier turn (its id, or LAST) that they are said in the place of. Raises SecretInWords,
        unless it is asked inside :meth:`secrets_settled`."""
        words = self._screening.words(words) if self.privacy.remember else words
        return self._ask(words, "said" if instead_of is None else "rewritten", instead_of or LAST)

    def secrets_settled(self, answer: SecretsAnswer) -> AbstractContextManager[None]:
        """What this thread says or changes inside has been asked about: secrets are left out, or kept."""
        return self._screening.settled(answer)

    def again(self, words: str, reply: str = LAST) -> int:
        """Queue that ``words``, which a reply (its id, or LAST) answered, be answered anew, in its place."""
        return self._ask(words, "again", reply)

    def aside(self, words: str, reply: str, without: Sequence[str]) -> int:
        """Queue that they be answered anew without these memories, and that nothing of it be kept."""
        return self._ask(words, "aside", reply, without)

    def _ask(self, words: str, kind: AskKind, target: str, without: Sequence[str] = ()) -> int:
        ask = self._waiting.add(words, kind, target, without, self._requests.put)
        self._speaking.heed()
        return ask.request

    def cancel(self, request: int | None = None) -> bool:
        """Stop the present reply (or that of a request), keeping what was said of it. False when there is none."""
        return self._waiting.stop(request)

    def take_back(self, request: int | None = None) -> bool:
        """Take back words (the last ones, or those of a request) that nobody has heard yet; they are ``Withdrawn``."""
        return self._waiting.take_back(request)

    def open_conversation(self, conversation: str | None) -> None:
        """Go to another conversation (None: a new one). The present reply, and what waits behind it, is stopped."""
        self._waiting.stop_all()
        self._do(lambda: self._speaking.go_to(conversation))

    def show_conversation(self) -> None:
        """Tell the present conversation anew."""
        self._do(self._speaking.show)

    def switch(self, privacy: Privacy) -> None:
        """Remember, or recall, or not, from now on. The present reply, and what waits behind it, is stopped."""
        self._waiting.stop_all()
        self._do(lambda: self._speaking.switch(privacy))

    def turn_back(self, day: datetime | None) -> None:
        """Recall as on that day from the next reply on; None: as now."""
        self._do(lambda: self._speaking.turn_back(day))

    def use_model(self, settings: Settings) -> None:
        """Go on with the model of ``settings``. The present reply is stopped; what waits is answered by the new one."""
        self.settings = settings
        self._current.want(settings)
        self.cancel()
        self._do(self._speaking.exchange)

    def look(self) -> None:
        """Tell how full the memory is: it was changed by somebody else."""
        self._do(self._report)

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
        self._waiting.stop_all()
        self._requests.put(None)
        self._speaking.heed()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._current.close()

    def _do(self, task: Task) -> None:
        self._requests.put(task)
        self._speaking.heed()

    # --- the session's own thread

    def _run(self) -> None:
        try:
            with self._opener(self.settings) as store:
                self._store = store
                self._reports = StatusReports(store, self._notices.put)
                self._current.want(self.settings)
                self._current.put_in_place()
                self._enter(store, self._opening)
                self._serve()
        except MnemeError as error:
            self._notices.put(Problem(str(error), fatal=True))
        except BaseException as error:  # the edge of the thread: the screen is told
            log.exception("the session's thread stopped")
            self._notices.put(Problem(unforeseen(error, self.settings), fatal=True))
        finally:
            self._store = None

    def _enter(self, store: MemoryStore, opening: Opening) -> None:
        earlier = store.memories(speaker="user", notes=False, limit=PROMPTS_REMEMBERED)
        self._notices.put(EarlierPrompts(tuple(turn.text for turn in reversed(earlier))))
        wanted = opening.conversation
        if wanted is None and opening.latest:
            latest = store.conversations(limit=1)
            wanted = latest[0].id if latest else None
        self._speaking.begin(store, wanted)
        self._report()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                request = self._requests.get(timeout=IDLE_S)
            except Empty:
                self._report(index_only=True)
                self._forget_by_policy()
                continue
            if request is None:
                return
            if not isinstance(request, Ask):
                self._perform(request)
            elif self._waiting.taken(request):
                self._speaking.answer(request)
                self._waiting.over(request)
                self._report()
                self._speaking.free()
                if self._requests.empty():
                    self._speaking.read_ahead()

    def _perform(self, task: Task) -> None:
        try:
            task()
        except MnemeError as error:
            self._notices.put(Problem(str(error)))

    def _forget_by_policy(self) -> None:
        """While nothing is asked. When it fails it is put off, and not complained of: nobody wished it just now."""
        if self._store is None:
            return
        try:
            said = self._keeper.look(self._store, self.settings)
        except MnemeError as error:
            log.warning("the retention policy was not applied: %s", error)
            return
        if said:
            self._notices.put(Told(f"{said} /undo takes it back."))
            self._report()

    def _report(self, *, index_only: bool = False) -> None:
        if self._reports is not None:
            (self._reports.index if index_only else self._reports.full)()
