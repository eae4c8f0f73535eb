"""One turn, start to finish, as a stream of events: remember, recall, assemble, speak, remember what was said.

The one code path of the app, of ``ask``, of replay and of the tests. It draws nothing and starts no thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from agent.citations import Citation, cited
from agent.errors import ModelError
from agent.events import Event, Failed, Finished, Heard, Recalled, Stored, Thinking, Token, Usage
from agent.models.base import Generated, LanguageModel, Piece, Prompt, ReadsAhead, Sampling, Thought
from agent.models.loading import BackgroundModel
from agent.models.memory_only import NAME, is_own_answer, says_nothing
from agent.prompt import ASSISTANT, Assembled, assemble
from memory_store.errors import MnemeError
from memory_store.leaning import leans
from memory_store.records import Recollections, Turn, TurnStatus
from memory_store.words import accepted

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore

log = logging.getLogger("mneme.agent")

_LOOK_AT_CANCEL_S = 0.1


class Dialogue:
    """A conversation between people and a model, over a memory.

    ``memory=False``: nothing is recalled and nothing pinned is shown; the conversation itself still is its history.
    ``as_of``: only what was said by then is recalled, worded as then, and that is the day the model is told.
    ``remember=False``: nothing is written; what is said lives as history in this object alone.
    One reply at a time; the object may move between threads in between.
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
        self.conversation_id = conversation
        """None until the first words are heard."""
        self._store = store
        self._model = model
        self._settings = settings
        self._memory = memory
        self._remember = remember
        self._sampling = sampling or settings.model.sampling()
        self._as_of = as_of
        self._unwritten: list[Turn] = []

    def hear(self, words: str, *, speaker: str = "user") -> Turn:
        """Remember words without replying: somebody else's turn. Raises InvalidInput, StoreUnavailable."""
        accepted(words)  # before a conversation is begun for them
        if self._remember:
            if self.conversation_id is None:
                self.conversation_id = self._store.begin_conversation().id
            return self._store.remember(words, speaker=speaker, conversation=self.conversation_id)
        return self._keep_unwritten(words, speaker)

    def reply(
        self, words: str, *, speaker: str = "user", cancel: threading.Event | None = None
    ) -> Generator[Event, None, None]:
        """Hear ``words`` and answer them.

        Words that cannot be remembered raise (InvalidInput, StoreUnavailable) before anything has happened; whatever
        goes wrong later is told by ``Failed``. Setting ``cancel``, or closing this generator, stops the model within
        one token; what had been said by then is kept as a partial reply.
        """
        turn = _Reply(words, cancel or threading.Event())
        heard = self.hear(words, speaker=speaker)
        if self._remember:
            yield Heard(heard)
        try:
            ready = yield from self._prepare(turn, heard)
            if ready is not None:
                yield from self._speak(turn, ready)
            elif turn.reason == "cancelled":
                yield turn.finished()
        except MnemeError as error:
            yield Failed(str(error), turn.reply)

    def read_ahead(self, cancel: threading.Event) -> None:
        """Let the model read what the next prompt will begin with, while nobody waits: only its last message is new
        then. Stops within one token of ``cancel``. It changes nothing that is said, so a failure is only logged."""
        if not isinstance(self._model, ReadsAhead) or not self._model.can_read_ahead:
            return
        try:
            next_turn = self._assemble(_Reply("", cancel), self._history())
            self._model.read_ahead(next_turn.prompt.messages[:-1], cancel)
        except MnemeError as error:
            log.info("nothing was read ahead: %s", error)

    def _prepare(self, turn: _Reply, heard: Turn) -> Generator[Event, None, Prompt | None]:
        """Recall and assemble. None: cancelled while the model was still loading."""
        history = self._history(heard.id)
        turn.recollections = self._recall(turn.words, {heard.id, *(item.id for item in history)}, self._leant_on(heard))
        if not _wait_for(self._model, turn.cancel):
            turn.reason = "cancelled"
            return None
        assembled = self._assemble(turn, history)
        turn.in_prompt = assembled.in_prompt
        turn.memories = assembled.prompt.memories
        yield Recalled(turn.recollections, assembled.in_prompt)
        if assembled.omitted is not None:
            yield assembled.omitted
        return assembled.prompt

    def _recall(self, words: str, exclude: set[str], context: str) -> Recollections:
        """What matters for ``words``, without memory_only's old answers: what they quote is recalled itself."""
        if not self._memory:
            return Recollections()
        recall = self._settings.recall
        return self._store.recall(
            words,
            limit=recall.limit,
            budget=recall.budget,
            longest=_longest(recall.budget),
            context=context,
            as_of=self._as_of,
            exclude=exclude,
            leave_out=is_own_answer,
        )

    def _leant_on(self, heard: Turn) -> str:
        """What the agent said just before, where the words lean on it ("and the second one?"); else nothing."""
        if not leans(heard.text):
            return ""
        written = self._store.history(self.conversation_id, limit=3) if self.conversation_id else []
        earlier = [turn for turn in [*written, *self._unwritten] if turn.id != heard.id]
        said = [turn.text for turn in earlier if turn.speaker == ASSISTANT and not says_nothing(turn.text)]
        return said[-1] if said else ""

    def _pinned(self) -> list[Turn]:
        """The pinned memories; of a day that was asked for, those of then in the words of then."""
        pinned = self._store.memories(pinned=True) if self._memory else []
        if self._as_of is None:
            return pinned
        then = [turn for turn in pinned if turn.said_at <= self._as_of]
        return [self._worded_then(turn, self._as_of) for turn in then]

    def _worded_then(self, turn: Turn, day: datetime) -> Turn:
        since = [old for old in self._store.revisions(turn.id) if old.superseded_at > day]
        return replace(turn, text=since[0].text, revision=since[0].revision) if since else turn

    def _assemble(self, turn: _Reply, history: Sequence[Turn]) -> Assembled:
        return assemble(
            turn.words,
            history=history,
            recollections=turn.recollections,
            pinned=self._pinned(),
            now=self._as_of or self._store.clock(),
            longest=_longest(self._settings.recall.budget),
            model=self._model,
            sampling=self._sampling,
            system=self._settings.chat.system,
        )

    def _speak(self, turn: _Reply, prompt: Prompt) -> Iterator[Event]:
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
            self._keep(turn, "partial")
            raise
        kept = self._keep(turn, "partial" if failure or turn.reason == "cancelled" else "complete")
        if kept is not None and self._remember:
            turn.reply = kept
            yield Stored(kept, turn.citations)
        yield Failed(str(failure), turn.reply) if failure else turn.finished(self._model, prompt)

    def _keep(self, turn: _Reply, status: TurnStatus) -> Turn | None:
        """Remember the reply with the ledger of what was recalled for it; nothing when nothing was said."""
        if not turn.text.strip():
            return None
        if self._model.name != NAME:  # what stands in memory_only's quotations, others said
            turn.citations = cited(turn.text, turn.memories)
        if not self._remember:
            return self._keep_unwritten(turn.text, ASSISTANT, status)
        return self._store.remember(
            turn.text,
            speaker=ASSISTANT,
            conversation=self.conversation_id,
            status=status,
            recalled=turn.recollections,
            in_prompt=turn.in_prompt,
            numbers={memory.id: number for number, memory in enumerate(turn.memories, start=1)},
            cited=[citation.memory.id for citation in turn.citations],
        )

    def _history(self, heard: str = "") -> list[Turn]:
        """The conversation before the turn ``heard``, in order, at most ``chat.history_turns`` of it.

        The first turn shown moves on by half a window at a time, not with every turn: in between, the prompt begins
        the same and the model's attention cache stays good. memory_only reads no history: for it, what was said a
        minute ago has to be recalled like everything else.
        """
        if self._model.name == NAME:
            return []
        most = self._settings.chat.history_turns
        turns = list(self._unwritten)
        if self.conversation_id is not None:
            turns = self._store.history(self.conversation_id, limit=most + 1) + turns
        turns = [turn for turn in turns if turn.id != heard]
        if not turns or most == 0:
            return []
        step = max(1, most // 2)
        over = turns[-1].position + 1 - most
        first = -(-over // step) * step if over > 0 else 0
        return [turn for turn in turns if turn.position >= first]

    def _keep_unwritten(self, text: str, speaker: str, status: TurnStatus = "complete") -> Turn:
        """A turn that only this object knows."""
        earlier = self._unwritten
        if earlier:
            position = earlier[-1].position + 1
        else:
            written = self._store.history(self.conversation_id, limit=1) if self.conversation_id else []
            position = written[-1].position + 1 if written else 0
        turn = Turn(
            id=f"unwritten-{position}",
            conversation_id=self.conversation_id,
            position=position,
            speaker=speaker,
            text=text,
            said_at=self._store.clock(),
            status=status,
        )
        self._unwritten.append(turn)
        return turn


@dataclass(slots=True)
class _Reply:
    """What is known of one reply while it is being made."""

    words: str
    cancel: threading.Event
    started: float = field(default_factory=time.monotonic)
    recollections: Recollections = field(default_factory=Recollections)
    in_prompt: frozenset[str] = frozenset()
    memories: tuple[Turn, ...] = ()
    """Those listed in the prompt, in the order of their numbers."""
    citations: tuple[Citation, ...] = ()
    text: str = ""
    reason: Literal["complete", "cancelled", "length"] = "complete"
    generated: Generated | None = None
    first_token_s: float = 0.0
    first_word_s: float = 0.0
    thought: bool = False
    reply: Turn | None = None

    def tokens(self, stream: Iterator[Piece]) -> Iterator[Thinking | Token]:
        """The stream's pieces as events; then how it ended."""
        while True:
            try:
                piece = next(stream)
            except StopIteration as end:
                self.generated = end.value if isinstance(end.value, Generated) else None
                break
            passed = time.monotonic() - self.started
            self.first_token_s = self.first_token_s or passed
            if isinstance(piece, Thought):
                self.thought = True
                yield Thinking(piece.text)
                continue
            self.first_word_s = self.first_word_s or passed
            self.text += piece
            yield Token(piece)
        if self.generated is not None:
            self.reason = self.generated.reason
        elif self.cancel.is_set():
            self.reason = "cancelled"

    def finished(self, model: LanguageModel | None = None, prompt: Prompt | None = None) -> Finished:
        """The last event. Without a model: cancelled before there was one."""
        usage = Usage(0, 0, 0, 0.0, time.monotonic() - self.started)
        if model is not None and prompt is not None:
            made = self.generated
            usage = Usage(
                prompt_tokens=made.prompt_tokens if made else model.count_prompt(prompt.messages),
                reply_tokens=made.reply_tokens if made else model.count(self.text),
                context_size=model.context_size,
                first_token_s=self.first_token_s,
                total_s=usage.total_s,
                thought_s=(self.first_word_s or usage.total_s) - self.first_token_s if self.thought else 0.0,
            )
        return Finished(self.reply, self.text, self.reason, usage, self.citations)


def _longest(budget: int) -> int:
    """Tokens of one memory in a prompt: a quarter of what all may take."""
    return max(1, budget // 4)


def _wait_for(model: LanguageModel, cancel: threading.Event) -> bool:
    """Until a model that loads in the background is there, or failed; False when cancelled before."""
    if isinstance(model, BackgroundModel):
        model.again()
        while not model.wait(_LOOK_AT_CANCEL_S):
            if cancel.is_set():
                return False
    return True
