"""Any local chat model, in process: chat template, streaming, a stop within one token, one generation at a time.

What the model has read stays read: see :mod:`agent.models.reading`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, one_line
from agent.models.base import Ending, Generated, Message, OutputMemory, Piece, Progress, Prompt, Sampling, unwatched
from agent.models.chat_format import ChatFormat
from agent.models.checkpoint import Checkpoint, load_checkpoint
from agent.models.choosing import chooser
from agent.models.device import free_bytes, give_back
from agent.models.generation import next_tokens
from agent.models.installed import find_model
from agent.models.library import is_out_of_memory, out_of_memory
from agent.models.memory_need import LIBRARIES, gigabytes
from agent.models.output_memory import OutputLayerMemory
from agent.models.reading import Reading, common_beginning
from agent.models.soft_tokens import SoftMemory
from agent.models.speech import Codec, Limits, Speech

if TYPE_CHECKING:
    from agent.settings import ModelSettings

log = logging.getLogger("mneme.agent")

_ENDING = 16
"""Tokens at the end of a prompt in which a template may have opened a thought."""


class TransformersModel:
    """A loaded checkpoint as a LanguageModel. Safe to use from several threads; generations wait for each other.

    ``reuse=False`` reads every prompt from its beginning: for comparing, the replies are the same.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        name: str,
        stops: Sequence[str] = (),
        thinking: bool = False,
        reuse: bool = True,
        output_memory: OutputMemory | None = None,
        soft_memory: SoftMemory | None = None,
    ) -> None:
        self._checkpoint: Checkpoint | None = checkpoint
        self._name = name
        self._format = ChatFormat(checkpoint.tokenizer, thinking=thinking)
        self._codec = Codec(checkpoint.tokenizer)
        self._stops = (*stops, *self._format.stops)
        self._context_size = checkpoint.context_size
        self._reuse = reuse
        self.output_memory = output_memory
        """Has its say in every next token; None: there is none."""
        self.soft_memory = soft_memory
        """Puts recalled memories' vectors before the model; None: there is none."""
        self._reading = Reading(checkpoint.model)
        self._busy = threading.Lock()

    @classmethod
    def load(cls, settings: ModelSettings, progress: Progress = unwatched) -> TransformersModel:
        """The model that ``settings.name`` means: a folder, or the id of a downloaded one. Raises ModelError."""
        checkpoint = load_checkpoint(find_model(settings.name), settings, progress)
        memory = OutputLayerMemory.of(settings)
        return cls(
            checkpoint,
            name=settings.name,
            stops=settings.stop,
            thinking=settings.thinking,
            output_memory=memory,
            soft_memory=SoftMemory.of(settings, checkpoint.model),
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def context_size(self) -> int:
        return self._context_size

    @property
    def remark(self) -> str:
        """What the user should know about this model; empty when there is nothing."""
        loaded = self._checkpoint.remark if self._checkpoint else ""
        return " ".join(part for part in (self._format.remark, loaded) if part)

    def count(self, text: str) -> int:
        self._loaded()
        return len(self._codec.ids(text))

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return len(self._format.ids(messages)) + (self.soft_memory.longest if self.soft_memory else 0)

    @property
    def wants_vectors(self) -> bool:
        return self.soft_memory is not None and self.soft_memory.on

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Generator[Piece, None, Generated]:
        """Yield the reply in pieces; each is whole characters. Raises ModelError."""
        ids, embeddings = self._ids(prompt)
        if len(ids) >= self._context_size:
            raise ModelError(f"The prompt has {len(ids)} tokens and {self._name} reads {self._context_size}.")
        with self._turn(cancel) as mine:
            if not mine:
                return Generated("cancelled", len(ids), 0)
            self._reading.embeddings = embeddings
            return (yield from self._speak(prompt, ids, sampling, cancel))

    def _ids(self, prompt: Prompt) -> tuple[list[int], Mapping[int, Any]]:
        """The whole prompt as ids, soft tokens right behind the last words, and what these are."""
        ids = self._format.ids(prompt.messages)
        if self.soft_memory is None or not prompt.memories:
            return ids, {}
        self._loaded()
        placed = self.soft_memory.placed(prompt, ids, len(ids) - self._format.behind(prompt.messages))
        return placed.ids, placed.embeddings

    @property
    def can_read_ahead(self) -> bool:
        return self._reuse and self._reading.goes_back and self._checkpoint is not None

    def read_ahead(self, messages: Sequence[Message], cancel: threading.Event) -> None:
        """Read what every prompt that goes on from ``messages`` begins with. Raises ModelError."""
        *earlier, last = messages
        ends = (Message(last.role, last.content + words) for words in ("a", "The"))
        one, other = (self._format.ids([*earlier, end]) for end in ends)
        beginning = one[: common_beginning(one, other)]
        with self._turn(cancel) as mine:
            if mine and len(beginning) < self._context_size:
                kept = self._go_back(self._loaded(), beginning, 0)
                with self._one_line_errors():
                    self._reading.read(beginning[kept:], cancel)

    def close(self) -> None:
        """Let go of the weights; a generation that is still running keeps them until it ends."""
        self._checkpoint = None
        if self._busy.acquire(blocking=False):
            self._reading.close()
            self._busy.release()

    def _speak(
        self, prompt: Prompt, ids: list[int], sampling: Sampling, cancel: threading.Event
    ) -> Generator[Piece, None, Generated]:
        checkpoint = self._loaded()
        room = self._context_size - len(ids)
        limits = Limits.within(room, sampling.max_thought_tokens, sampling.max_new_tokens)
        ending = self._codec.text([token for token in ids[-_ENDING:] if token >= 0])
        speech = Speech(self._codec, ending, stops=self._stops, ends=checkpoint.end_tokens, limits=limits)
        kept = self._go_back(checkpoint, ids, limits.reply)
        with self._one_line_errors():
            choose = chooser(sampling)
            adjust = self.output_memory.begin(prompt, _Insight(self, cancel)) if self.output_memory else None
            said = next_tokens(self._reading, ids[kept:], room, choose, cancel, adjust=adjust, forced=speech.forced)
            for token in said:
                yield from speech.add(token)
                if speech.over:
                    break
        yield from speech.rest()
        ended: Ending = "complete" if speech.complete else "cancelled" if cancel.is_set() else "length"
        return Generated(ended, len(ids), speech.reply_tokens, speech.thought_tokens, kept)

    def _go_back(self, checkpoint: Checkpoint, ids: Sequence[int], reply: int) -> int:
        """How many of ``ids`` need not be read again. Raises ModelError when the others do not fit the memory."""
        if not self._reuse:
            self._reading.forget()
        kept = self._reading.go_back(ids)
        if self._lacks(checkpoint, len(ids) + reply - kept):
            kept = self._forget(checkpoint)
            if lacking := self._lacks(checkpoint, len(ids) + reply):
                raise ModelError(
                    f"A prompt of {len(ids):,} tokens needs {lacking} more memory than is free. "
                    "Close other programs, or lower model.context_size."
                )
        return kept

    def _lacks(self, checkpoint: Checkpoint, tokens: int) -> str:
        """How much memory the attention cache of ``tokens`` lacks, for people; empty when it fits."""
        free = free_bytes(checkpoint.device)
        lacking = 0 if free is None else tokens * checkpoint.cache_bytes - free
        return gigabytes(lacking) if lacking > 0 else ""

    def _forget(self, checkpoint: Checkpoint) -> int:
        log.info("memory is short: what %s has read is forgotten", self._name)
        self._reading.forget()
        give_back(checkpoint.device)
        return 0

    @contextmanager
    def _one_line_errors(self) -> Iterator[None]:
        """What goes wrong inside the library, as ModelError; what was read is then forgotten."""
        try:
            yield
        except (RuntimeError, ValueError, IndexError, TypeError, MemoryError) as error:
            self._reading.forget()
            if isinstance(error, MemoryError) or is_out_of_memory(error):
                raise out_of_memory(self._name) from error
            raise ModelError(f"{self._name} failed: {one_line(error)}. Try another model.") from error

    def _loaded(self) -> Checkpoint:
        if self._checkpoint is None:
            raise ModelError(f"{self._name} was closed. Load it again.")
        return self._checkpoint

    @contextmanager
    def _turn(self, cancel: threading.Event) -> Iterator[bool]:
        """Wait for a generation that is still in its last step; False when cancelled while waiting."""
        while not self._busy.acquire(timeout=0.05):
            if cancel.is_set():
                yield False
                return
        try:
            yield True
        finally:
            self._tidy()
            self._busy.release()

    def _tidy(self) -> None:
        """After a generation: keep what was read, unless the model was closed meanwhile or memory is short."""
        checkpoint = self._checkpoint
        if checkpoint is None:
            self._reading.close()
            return
        free = free_bytes(checkpoint.device)
        if free is not None and free < LIBRARIES:
            self._forget(checkpoint)


class _Insight:
    """The model as an OutputMemory may use it, within one generation."""

    def __init__(self, model: TransformersModel, cancel: threading.Event) -> None:
        self._model, self._cancel = model, cancel

    def ids(self, text: str) -> list[int]:
        return self._model._format.content_ids(text)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        return self._model._codec.pieces(ids)

    def hidden_states(self, ids: Sequence[int]) -> Any:
        states = self._model._reading.apart(ids, self._cancel)
        if states is None:
            raise ModelError("Cancelled while the recalled memories were read.")
        return states
