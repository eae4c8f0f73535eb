"""Any local chat model, in process: chat template, streaming, a stop within one token, one generation at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.errors import ModelError, one_line
from agent.models.base import Generated, Message, Progress, Prompt, Sampling, unwatched
from agent.models.chat_format import ChatFormat
from agent.models.checkpoint import Checkpoint, is_out_of_memory, load_checkpoint, out_of_memory
from agent.models.decoding import StopText, TextPieces
from agent.models.generation import Reading, chooser, next_tokens
from agent.models.installed import find_model

if TYPE_CHECKING:
    from agent.settings import ModelSettings


class TransformersModel:
    """A loaded checkpoint as a LanguageModel. Safe to use from several threads; generations wait for each other."""

    def __init__(self, checkpoint: Checkpoint, *, name: str, stops: Sequence[str] = ()) -> None:
        self._checkpoint: Checkpoint | None = checkpoint
        self._name = name
        self._format = ChatFormat(checkpoint.tokenizer)
        self._stops = (*stops, *self._format.stops)
        self._context_size = checkpoint.context_size
        self._busy = threading.Lock()

    @classmethod
    def load(cls, settings: ModelSettings, progress: Progress = unwatched) -> TransformersModel:
        """The model that ``settings.name`` means: a folder, or the id of a downloaded one. Raises ModelError."""
        checkpoint = load_checkpoint(find_model(settings.name), settings, progress)
        return cls(checkpoint, name=settings.name, stops=settings.stop)

    @property
    def name(self) -> str:
        return self._name

    @property
    def context_size(self) -> int:
        return self._context_size

    @property
    def remark(self) -> str:
        """What the user should know about this model; empty when there is nothing."""
        return self._format.remark

    def count(self, text: str) -> int:
        return len(self._loaded().tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return len(self._format.ids(messages))

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Generator[str, None, Generated]:
        """Yield the reply in pieces; each is whole characters. Raises ModelError."""
        ids = self._format.ids(prompt.messages)
        room = self._context_size - len(ids)
        if room < 1:
            raise ModelError(f"The prompt has {len(ids)} tokens and {self._name} reads {self._context_size}.")
        with self._turn(cancel) as mine:
            if not mine:
                return Generated("cancelled", len(ids), 0)
            return (yield from self._speak(ids, min(room, sampling.max_new_tokens), sampling, cancel))

    def close(self) -> None:
        """Let go of the weights; a generation that is still running keeps them until it ends."""
        self._checkpoint = None

    def _speak(
        self, ids: list[int], limit: int, sampling: Sampling, cancel: threading.Event
    ) -> Generator[str, None, Generated]:
        checkpoint = self._loaded()
        pieces, shown = TextPieces(_decoder(checkpoint)), StopText(self._stops)
        said, silent, ended = 0, True, False
        for token in self._tokens(checkpoint, ids, limit, sampling, cancel):
            said += 1
            ended = token in checkpoint.end_tokens
            text = "" if ended else shown.add(pieces.add(token))
            text = text.lstrip() if silent else text
            if text:
                silent = False
                yield text
            ended = ended or shown.found
            if ended:
                break
        rest = "" if shown.found else shown.add(pieces.rest()) + shown.rest()
        rest = rest.lstrip() if silent else rest
        if rest:
            yield rest
        return Generated("complete" if ended else "cancelled" if cancel.is_set() else "length", len(ids), said)

    def _tokens(
        self, checkpoint: Checkpoint, ids: list[int], limit: int, sampling: Sampling, cancel: threading.Event
    ) -> Iterator[int]:
        try:
            yield from next_tokens(Reading(checkpoint.model), ids, limit, chooser(sampling), cancel)
        except (RuntimeError, ValueError, IndexError, TypeError, MemoryError) as error:
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
            self._busy.release()


def _decoder(checkpoint: Checkpoint) -> Callable[[Sequence[int]], str]:
    def decode(ids: Sequence[int]) -> str:
        text = checkpoint.tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(text)

    return decode
