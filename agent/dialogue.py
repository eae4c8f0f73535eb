"""One turn, start to finish, as a stream of events: remember, recall, assemble, speak, remember what was said.

The one code path of the app, of ``ask``, of replay and of the tests. It draws nothing and starts no thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent import recalling
from agent.citations import cited
from agent.errors import ModelError
from agent.events import Event, Failed, Heard, Recalled, Replaced, Stored
from agent.models.base import LanguageModel, MemoryVectors, Message, Prompt, ReadsAhead, Sampling, wants_vectors
from agent.models.loading import BackgroundModel
from agent.models.memory_only import NAME
from agent.prompt import ASSISTANT, Assembled, assemble
from agent.quoting import last_message_opening
from agent.reply_in_progress import ReplyInProgress
from agent.turns import Turns
from memory_store.errors import MnemeError
from memory_store.records import Recollections, Turn, TurnStatus

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore

log = logging.getLogger("mneme.agent")

_LOOK_AT_CANCEL_S = 0.1


class Dialogue:
    """A conversation between people and a model, over a memory.

    ``memory=False``: nothing is recalled and nothing pinned is shown; the conversation itself still is its history.
    ``remember=False``: nothing is written; what is said lives as history in this object alone.
    ``as_of``: only what was said by then is recalled, worded as then, and that is the day the model is told.
    ``memory`` and ``as_of`` may be changed between two replies. One reply at a time; the object may move
    between threads in between.
    """

    def __init__(
        self,
        store: MemoryStore,
        model: LanguageModel,
        *,
        settings: Settings,
        conversation: str | None = None,
        memory: bool = True,
        remember: bool = True,
        sampling: Sampling | None = None,
        as_of: datetime | None = None,
    ) -> None:
        self._turns = Turns(store, conversation, written=remember)
        self._store = store
        self._model = model
        self._settings = settings
        self.memory = memory
        self._sampling = sampling or settings.model.sampling()
        self.as_of = as_of

    @property
    def conversation_id(self) -> str | None:
        """None until the first words are heard."""
        return self._turns.conversation_id

    def turns(self) -> list[Turn]:
        """Everything said in it, in order; also what is not written."""
        return self._turns.all()

    @property
    def last_words(self) -> Turn | None:
        """The last turn that is no reply."""
        return self._turns.last_words()

    def go_on_with(self, model: LanguageModel, settings: Settings) -> None:
        """Another model makes the replies from now on."""
        self._model, self._settings = model, settings
        self._sampling = settings.model.sampling()

    def hear(self, words: str, *, speaker: str = "user") -> Turn:
        """Remember words without replying: somebody else's turn. Raises InvalidInput, StoreUnavailable."""
        return self._turns.keep(self._screened(words), speaker)

    def reply(
        self,
        words: str,
        *,
        speaker: str = "user",
        cancel: threading.Event | None = None,
        instead_of: str | None = None,
    ) -> Generator[Event, None, None]:
        """Hear ``words`` and answer them.

        Words that cannot be remembered raise (InvalidInput, StoreUnavailable) before anything has happened; whatever
        goes wrong later is told by ``Failed``. Setting ``cancel``, or closing this generator, stops the model within
        one token; what had been said by then is kept as a partial reply.

        ``instead_of``: the id of an earlier turn of this conversation that ``words`` replace. It and all that followed
        are discarded (forgotten, restorable) in the transaction that keeps the words. Raises UnknownId.
        """
        words = self._screened(words)
        turn = ReplyInProgress(words, cancel or threading.Event())
        replaced = () if instead_of is None else self._turns.since(instead_of)
        heard = self._turns.keep(words, speaker, instead_of=replaced)
        if self._turns.written:
            yield Heard(heard)
        if replaced:
            yield Replaced(heard, replaced)
        yield from self._answer(turn, heard)

    def again(
        self,
        id: str | None = None,
        *,
        without: Collection[str] = (),
        keep: bool = True,
        cancel: threading.Event | None = None,
    ) -> Generator[Event, None, None]:
        """Answer once more what the reply ``id`` (the last one, when None) answered; also words without a reply.

        The old reply stands until the new one is kept; then, in the same transaction, it and all that followed are
        discarded (forgotten, restorable). A failure, or a cancel before the first word, changes nothing.
        ``without``: ids of memories that must not help. ``keep=False``: the reply is only told, nothing is written.

        Raises InvalidInput when there is nothing to answer, UnknownId.
        """
        question, after = self._turns.asked(id, keep=keep)
        turn = ReplyInProgress(
            question.text, cancel or threading.Event(), without=frozenset(without), instead_of=after, keep=keep
        )
        yield from self._answer(turn, question)

    def _answer(self, turn: ReplyInProgress, heard: Turn) -> Generator[Event, None, None]:
        try:
            ready = yield from self._prepare(turn, heard)
            if ready is not None:
                yield from self._speak(turn, ready)
            elif turn.reason == "cancelled":
                yield turn.finished()
        except MnemeError as error:
            yield Failed(str(error), turn.reply)

    def read_ahead(self, cancel: threading.Event) -> None:
        """Let the model read what the next prompt will begin with, while nobody waits: only what is recalled and the
        words are new then. Stops within one token of ``cancel``. It changes nothing that is said, so a failure is
        only logged."""
        if not isinstance(self._model, ReadsAhead) or not self._model.can_read_ahead:
            return
        try:
            next_turn = self._assemble(ReplyInProgress("", cancel), self._history()).prompt
            number = len(next_turn.memories) + 1 if self.memory else None
            opening = Message("user", last_message_opening(self._now(), number))
            self._model.read_ahead([*next_turn.messages[:-1], opening], cancel)
        except MnemeError as error:
            log.info("nothing was read ahead: %s", error)

    def _prepare(self, turn: ReplyInProgress, heard: Turn) -> Generator[Event, None, Prompt | None]:
        """Recall and assemble. None: cancelled while the model was still loading."""
        history = self._history(before=heard)
        out = {heard.id, *turn.without, *(item.id for item in (*history, *turn.instead_of))}
        turn.recollections = self._recall(turn.words, out, recalling.leant_on(self._turns, heard))
        if not _wait_for(self._model, turn.cancel):
            turn.reason = "cancelled"
            return None
        assembled = self._assemble(turn, history)
        turn.in_prompt = assembled.in_prompt
        turn.memories = assembled.prompt.memories
        yield Recalled(turn.recollections, assembled.in_prompt, turn.numbers)
        if assembled.omitted is not None:
            yield assembled.omitted
        return self._with_vectors(assembled.prompt)

    def _with_vectors(self, prompt: Prompt) -> Prompt:
        """What the prompt's memories mean, for a model that makes something of it."""
        if not prompt.memories or not wants_vectors(self._model):
            return prompt
        embedder, rows = self._store.vectors_of([memory.id for memory in prompt.memories])
        return replace(prompt, vectors=MemoryVectors(embedder, rows))

    def _recall(self, words: str, exclude: set[str], context: str) -> Recollections:
        if not self.memory:
            return Recollections()
        return recalling.recall(
            self._store, self._settings.recall, words, exclude=exclude, context=context, as_of=self.as_of
        )

    def _assemble(self, turn: ReplyInProgress, history: Sequence[Turn]) -> Assembled:
        pinned, superseded = recalling.still_pinned(self._store, turn.without, self.as_of) if self.memory else ([], {})
        return assemble(
            turn.words,
            history=history,
            recollections=turn.recollections,
            pinned=pinned,
            superseded=superseded,
            now=self._now(),
            longest=recalling.longest(self._settings.recall),
            model=self._model,
            sampling=self._sampling,
            system=self._settings.chat.system,
        )

    def _now(self) -> datetime:
        return self.as_of or self._store.clock()

    def _speak(self, turn: ReplyInProgress, prompt: Prompt) -> Iterator[Event]:
        stream = self._model.stream(prompt, self._sampling, turn.cancel)
        failure: ModelError | None = None
        try:
            yield from turn.tokens(stream)
        except ModelError as error:
            failure = error
        except BaseException:  # the consumer left, or Ctrl+C: what was said is kept all the same
            turn.cancel.set()
            if isinstance(stream, Generator):
                stream.close()
            self._keep(turn, "partial", broken=True)
            raise
        status: TurnStatus = "partial" if failure or turn.reason == "cancelled" else "complete"
        kept = self._keep(turn, status, broken=failure is not None)
        if kept is not None and self._turns.written:
            turn.reply = kept
            yield Stored(kept, turn.citations)
        if kept is not None and turn.instead_of:
            yield Replaced(kept, turn.instead_of)
        yield Failed(str(failure), turn.reply) if failure else turn.finished(self._model, prompt)

    def _keep(self, turn: ReplyInProgress, status: TurnStatus, *, broken: bool = False) -> Turn | None:
        """Remember the reply with the ledger of what was recalled for it; nothing when nothing was said, and nothing
        when it is ``broken`` and would take the place of a whole one."""
        if not turn.text.strip() or (broken and turn.instead_of):
            return None
        if self._model.name != NAME:  # what stands in memory_only's quotations, others said
            turn.citations = cited(turn.text, turn.memories)
        if not turn.keep:
            return None
        if not self._turns.written:
            return self._turns.keep(turn.text, ASSISTANT, status, instead_of=turn.instead_of)
        return self._turns.keep(
            self._screened(turn.text),
            ASSISTANT,
            status,
            instead_of=turn.instead_of,
            recalled=turn.recollections,
            in_prompt=turn.in_prompt,
            numbers=turn.numbers,
            cited=[citation.memory.id for citation in turn.citations],
        )

    def _screened(self, text: str) -> str:
        """Without keys, tokens and card numbers, where the settings want that. Asking is for the front ends."""
        if self._settings.privacy.secrets != "redact":
            return text
        from memory_store.language.secrets import redacted

        return redacted(text)

    def _history(self, *, before: Turn | None = None) -> list[Turn]:
        """The conversation (up to the turn ``before``), in order, at most ``chat.history_turns`` of it.

        The first turn shown moves on by half a window at a time, not with every turn: in between, the prompt begins
        the same and the model's attention cache stays good. memory_only reads no history: for it, what was said a
        minute ago has to be recalled like everything else.
        """
        if self._model.name == NAME:
            return []
        most = self._settings.chat.history_turns
        turns = self._turns.before(before, most=most)
        if not turns or most == 0:
            return []
        step = max(1, most // 2)
        over = turns[-1].position + 1 - most
        first = -(-over // step) * step if over > 0 else 0
        return [turn for turn in turns if turn.position >= first]


def _wait_for(model: LanguageModel, cancel: threading.Event) -> bool:
    """Until a model that loads in the background is there, or failed; False when cancelled before."""
    if isinstance(model, BackgroundModel):
        model.again()
        while not model.wait(_LOOK_AT_CANCEL_S):
            if cancel.is_set():
                return False
    return True
