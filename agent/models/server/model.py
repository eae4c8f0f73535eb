"""A model behind a server, as a LanguageModel: streaming, a stop at once, patience with limits."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

from agent.errors import ModelError, Unreachable
from agent.models.base import Generated, Message, Piece, Progress, Prompt, Sampling, unwatched
from agent.models.server.abilities import Abilities, find_out
from agent.models.server.address import permitted, warning
from agent.models.server.connection import Connection, Refused
from agent.models.server.keys import api_key
from agent.models.server.manners import Manners
from agent.models.server.reply import Reply
from agent.models.server.wire import Wire

if TYPE_CHECKING:
    from agent.settings import ModelSettings

FIRST_PAUSE_S = 0.25
_MOST_LESSONS = 12
_NOT_READY = (503,)

Question = dict[str, Any]
T = TypeVar("T")


class ServerModel:
    """One model of one server. Safe to use from several threads; the server decides how many replies it makes at once.

    Nothing is sent twice once the reply has begun: until then, connecting is tried ``connect_retries`` times more.
    """

    def __init__(
        self, connection: Connection, abilities: Abilities, settings: ModelSettings, *, remark: str = ""
    ) -> None:
        self._connection, self._abilities = connection, abilities
        self._stops = settings.stop
        self._retries = settings.connect_retries
        self._manners = Manners(abilities.name, settings.stop, thinking=settings.thinking)
        self._thinks = settings.thinking
        self.remark = remark
        """What the user should know about it; empty when there is nothing."""

    @classmethod
    def connect(cls, settings: ModelSettings, progress: Progress = unwatched) -> ServerModel:
        """The model of the settings, after the server was asked about it. Raises ModelError."""
        address = permitted(settings)
        connection = Connection(
            address,
            api_key(settings, address),
            connect_s=settings.connect_timeout,
            silence_s=settings.read_timeout,
        )
        try:
            abilities = _patiently(lambda: find_out(connection, settings, progress), settings.connect_retries)
        except BaseException:  # also Ctrl+C: the connection is closed
            connection.close()
            raise
        progress(1.0, "ready")
        return cls(connection, abilities, settings, remark=_remark(settings, abilities))

    @property
    def name(self) -> str:
        return self._abilities.name

    @property
    def context_size(self) -> int:
        return self._abilities.context_size

    def count(self, text: str) -> int:
        return self._abilities.counter.count(text)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return self._abilities.counter.count_prompt(self._manners.polite(messages))

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Generator[Piece, None, Generated]:
        """Yield the reply in pieces. Once ``cancel`` is set the connection is closed at once. Raises ModelError."""
        most = self._most(prompt.messages, sampling)
        reply = Reply(
            self._connection.address.place,
            silence_s=self._connection.silence_s,
            most_tokens=most,
            stops=self._stops,
        )
        text: list[str] = []
        thoughts: list[str] = []
        ending = "cancelled"
        pieces = self._asked(self._questions(prompt.messages, sampling, most), reply, cancel)
        try:
            while True:
                piece = next(pieces)
                text.append(piece) if isinstance(piece, str) else thoughts.append(piece.text)
                yield piece
        except StopIteration as end:
            ending = end.value
        finally:
            pieces.close()
        self._thinks = self._thinks or bool(thoughts)
        if thoughts and not text and ending == "length":
            raise ModelError(
                f"{self.name} was still thinking when its {most} tokens were used up. Raise model.max_thought_tokens."
            )
        return self._generated(ending, prompt, reply, "".join(text), "".join(thoughts))

    def close(self) -> None:
        """Close the connections; a reply that is still coming ends."""
        self._connection.close()

    def _most(self, messages: tuple[Message, ...], sampling: Sampling) -> int:
        """Tokens to ask for: servers count thoughts as part of the reply, and some refuse more than has room."""
        wanted = sampling.max_new_tokens + (sampling.max_thought_tokens if self._thinks else 0)
        return max(1, min(wanted, self.context_size - self.count_prompt(messages)))

    def _questions(self, messages: tuple[Message, ...], sampling: Sampling, most: int) -> Callable[[], Question]:
        return lambda: self._manners.question(messages, sampling, most)

    def _asked(
        self, question_now: Callable[[], Question], reply: Reply, cancel: threading.Event
    ) -> Generator[Piece, None, str]:
        """Ask until the server begins to reply, as long as there is another way to ask or a reason to wait."""
        lessons, tries = 0, 0
        while not cancel.is_set():
            question = question_now()
            wire = Wire(self._connection, "/chat/completions", question)
            try:
                return (yield from reply.pieces(wire.items(), cancel))
            except Refused as refusal:
                lessons += 1
                if lessons <= _MOST_LESSONS and self._manners.learn(refusal, question):
                    continue
                if refusal.status not in _NOT_READY or tries >= self._retries:
                    raise
            except Unreachable:
                if tries >= self._retries:
                    raise
            cancel.wait(_pause(tries))
            tries += 1
        return "cancelled"

    def _generated(self, ending: str, prompt: Prompt, reply: Reply, text: str, thoughts: str) -> Generated:
        used = reply.usage
        thought = used.thought_tokens or (self.count(thoughts) if thoughts else 0)
        said = used.reply_tokens - thought if used.reply_tokens > thought else self.count(text)
        return Generated(
            reason="cancelled" if ending == "cancelled" else "length" if ending == "length" else "complete",
            prompt_tokens=used.prompt_tokens or self.count_prompt(prompt.messages),
            reply_tokens=said,
            thought_tokens=thought,
        )


def _patiently(attempt: Callable[[], T], retries: int) -> T:
    """``attempt`` again while the server is not there yet, waiting twice as long each time."""
    for tries in range(retries):
        try:
            return attempt()
        except Unreachable:
            time.sleep(_pause(tries))
    return attempt()


def _pause(tries: int) -> float:
    """Seconds before another try: 0.25, 0.5, 1, 2, then 4; varied a little, so that clients do not march in step."""
    doubled: float = FIRST_PAUSE_S * 2 ** min(tries, 4)
    return doubled * random.uniform(0.8, 1.2)


def _remark(settings: ModelSettings, abilities: Abilities) -> str:
    unknown = f"The server does not tell how much it reads: {abilities.context_size} tokens are assumed. "
    hint = "Set model.context_size to what it was started with."
    parts = [warning(settings), "" if abilities.context_known else unknown + hint]
    return " ".join(part for part in parts if part)
