"""Replies for clients: the same dialogue as everywhere else, one at a time, in a thread that outlives the client."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.dialogue import Dialogue
from agent.events import Event, Failed, Finished, Heard, Recalled, Stored, Token
from agent.models.base import LanguageModel, Message
from agent.prompt import ASSISTANT
from agent.serving.asked import Asked
from agent.serving.threads import Point, Threads
from memory_store.errors import InvalidInput, MnemeError, UnknownId
from memory_store.records import Turn

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore

log = logging.getLogger("mneme.serve")

_REASONS = {"complete": "stop", "length": "length", "cancelled": "stop"}


@dataclass(slots=True)
class Said:
    """A reply on its way: an asynchronous iterator of its pieces, and what is known of it when they end."""

    number: int
    conversation: str = ""
    problem: str = ""
    status: int = 500
    finish_reason: str = "stop"
    usage: dict[str, int] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    """For clients that know mneme: the conversation, what was recalled, what is cited."""
    stop: threading.Event = field(default_factory=threading.Event)
    _pieces: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    _loop: asyncio.AbstractEventLoop | None = None

    def cancel(self) -> None:
        """Stop the model; what was said is kept."""
        self.stop.set()

    def put(self, piece: str | None) -> None:
        """From the thread that replies; None ends it."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)

    def __aiter__(self) -> Said:
        return self

    async def __anext__(self) -> str:
        piece = await self._pieces.get()
        if piece is None:
            raise StopAsyncIteration
        return piece


class Replier:
    """Answers requests over one store and one model."""

    def __init__(self, store: MemoryStore, model: LanguageModel, settings: Settings, threads: Threads) -> None:
        self._store = store
        self._model = model
        self._settings = settings
        self._threads = threads
        self._numbers = itertools.count(1)
        self._one_at_a_time = threading.Lock()

    @property
    def model_name(self) -> str:
        return self._model.name

    async def begin(self, asked: Asked) -> Said:
        """The reply to ``asked``, which goes on whether it is listened to or not, until it is cancelled."""
        said = Said(next(self._numbers), _loop=asyncio.get_running_loop())
        threading.Thread(target=self._run, args=(asked, said), name="mneme-reply", daemon=True).start()
        return said

    def _run(self, asked: Asked, said: Said) -> None:
        try:
            # Nobody can be asked here: a chat with a secret in it goes on, and only the policy "redact" leaves it out.
            with self._one_at_a_time, self._store.secrets_settled("keep"):
                self._reply(asked, said)
        except (InvalidInput, UnknownId) as error:
            said.problem, said.status = str(error), 400
        except MnemeError as error:
            said.problem = str(error)
        except Exception:  # the edge of the thread: the client is told
            log.exception("a reply failed")
            said.problem = "mneme failed. Its log says how: mneme config path --all names the file."
        finally:
            said.put(None)

    def _reply(self, asked: Asked, said: Said) -> None:
        conversation, instead_of = self._place(asked)
        said.conversation = conversation or ""
        dialogue = Dialogue(
            self._store,
            self._model,
            settings=self._told(asked.system),
            conversation=conversation,
            remember=asked.remember,
            sampling=asked.sampled(self._settings.model.sampling()),
        )
        text = ""
        for event in dialogue.reply(asked.words, cancel=said.stop, instead_of=instead_of):
            self._note(event, asked, said)
            if isinstance(event, Token):
                text += event.text
                said.put(event.text)
            elif isinstance(event, Stored):
                whole = (*asked.messages, Message("user", asked.words), Message("assistant", text))
                self._threads.keep(whole, Point(said.conversation, event.turn.id))

    def _note(self, event: Event, asked: Asked, said: Said) -> None:
        """What a client may want to know of ``event``."""
        match event:
            case Heard(turn):
                heard = (*asked.messages, Message("user", asked.words))
                self._threads.keep(heard, Point(said.conversation, turn.id))
            case Recalled(recollections, in_prompt):
                ids = [item.memory.id for item in recollections]
                said.about = {"conversation": said.conversation, "recalled": ids, "in_prompt": sorted(in_prompt)}
            case Finished(reason=reason, usage=usage, citations=citations):
                said.finish_reason = _REASONS[reason]
                said.about["citations"] = [{"number": one.number, "id": one.memory.id} for one in citations]
                said.usage = {
                    "prompt_tokens": usage.prompt_tokens,
                    "completion_tokens": usage.reply_tokens,
                    "total_tokens": usage.prompt_tokens + usage.reply_tokens,
                }
            case Failed(message):
                said.problem = message
            case _:
                pass

    def _told(self, system: str) -> Settings:
        """The settings, with what the client tells the model behind what mneme does."""
        if not system:
            return self._settings
        chat = self._settings.chat
        together = chat.model_copy(update={"system": f"{chat.system}\n\n{system}"})
        return self._settings.model_copy(update={"chat": together})

    def _place(self, asked: Asked) -> tuple[str | None, str | None]:
        """The conversation to go on with, and the turn in it that the words replace. Raises InvalidInput."""
        if not asked.remember:
            return asked.conversation, None
        if asked.conversation is not None:
            return self._store.begin_conversation(id=asked.conversation).id, None
        point = self._threads.find(asked.messages)
        if point is not None and (turns := self._standing(point)):
            return point.conversation, turns[1].id if len(turns) > 1 else None
        conversation = self._store.begin_conversation().id
        for role, content in _earlier(asked):
            self._store.remember(content, speaker=role, conversation=conversation)
        return conversation, None

    def _standing(self, point: Point) -> list[Turn]:
        """The turn of ``point`` and what stands behind it; nothing when it was forgotten or erased since."""
        try:
            turns = self._store.history(point.conversation)
        except UnknownId:
            return []
        ids = [turn.id for turn in turns]
        return turns[ids.index(point.turn) :] if point.turn in ids else []


def _earlier(asked: Asked) -> Iterator[tuple[str, str]]:
    """What a client says was said before, of a conversation that mneme has not seen."""
    for message in asked.messages:
        if message.role != "system" and message.content.strip():
            yield (ASSISTANT if message.role == "assistant" else "user"), message.content
