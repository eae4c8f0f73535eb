"""One question put to the model: with memory, without, with the whole history, or with output-layer memory as well."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

from agent.bench.data import Question
from agent.bench.site import Site
from agent.dialogue import Dialogue
from agent.events import Failed, Finished
from agent.models.base import LanguageModel, Prompt, Sampling
from agent.prompt import Assembled, assemble
from memory_store.errors import MnemeError
from memory_store.records import Recollections, Turn

if TYPE_CHECKING:
    from agent.models.output_memory import OutputLayerMemory
    from agent.settings import Settings
    from memory_store import MemoryStore

Mode = Literal["memory", "none", "history", "output", "output-only"]
MODES: tuple[Mode, ...] = get_args(Mode)
NAMES: dict[Mode, str] = {
    "memory": "with memory",
    "none": "without memory",
    "history": "full history",
    "output": "output-layer memory as well",
    "output-only": "output-layer memory alone",
}
OUTPUT: frozenset[Mode] = frozenset({"output", "output-only"})
"""The modes that need an output-layer memory."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question."""

    text: str
    seconds: float
    """From the question to the end of the reply: recall, prompt and generation."""
    prompt_tokens: int
    cited: tuple[str, ...] = ()
    """Keys of what the reply cites."""
    history_read: float | None = None
    """In mode ``history``: the share of all turns that fitted the prompt."""


@dataclass(slots=True)
class Examiner:
    """Asks one model about one site. Greedy, whatever is set: the same questions get the same replies."""

    site: Site
    store: MemoryStore
    model: LanguageModel
    settings: Settings
    _all: list[Turn] = field(default_factory=list)

    def ask(self, question: Question, mode: Mode) -> Reply:
        """Raises MnemeError when the model fails."""
        with self._output_memory(on=mode in OUTPUT):
            if mode == "history":
                return self._with_history(question)
            if mode == "output-only":
                return self._with_slots_alone(question)
            return self._in_dialogue(question, mode != "none")

    def _in_dialogue(self, question: Question, memory: bool) -> Reply:
        dialogue = Dialogue(
            self.store, self.model, settings=self.settings, memory=memory, remember=False, sampling=self._sampling
        )
        for event in dialogue.reply(question.text):
            if isinstance(event, Failed):
                raise MnemeError(event.message)
            if isinstance(event, Finished):
                keys = self._keys([citation.memory.id for citation in event.citations])
                return Reply(event.text, event.usage.total_s, event.usage.prompt_tokens, keys)
        raise MnemeError(f"{self.model.name} gave no reply to: {question.text}")

    def _with_history(self, question: Question) -> Reply:
        """As if everything had been said in one conversation; the oldest does not fit where the context is short."""
        began = time.monotonic()
        if not self._all:
            self._all = self.store.memories(newest_first=False)
        assembled = self._assembled(question, self._all)
        left_out = assembled.omitted.history_turns if assembled.omitted else 0
        return self._said(assembled.prompt, began, history_read=1 - left_out / max(1, len(self._all)))

    def _with_slots_alone(self, question: Question) -> Reply:
        """The prompt of mode ``none``; what would have been recalled speaks through the output-layer memory alone."""
        began = time.monotonic()
        recall = self.settings.recall
        found = self.store.recall(question.text, limit=recall.limit, budget=recall.budget)
        prompt = self._assembled(question, []).prompt
        return self._said(replace(prompt, memories=tuple(item.memory for item in found)), began)

    def _assembled(self, question: Question, history: Sequence[Turn]) -> Assembled:
        return assemble(
            question.text,
            history=history,
            recollections=Recollections(),
            pinned=[],
            now=self.store.clock(),
            model=self.model,
            sampling=self._sampling,
            system=self.settings.chat.system,
        )

    def _said(self, prompt: Prompt, began: float, history_read: float | None = None) -> Reply:
        pieces = self.model.stream(prompt, self._sampling, threading.Event())
        text = "".join(piece for piece in pieces if isinstance(piece, str))
        took = time.monotonic() - began
        return Reply(text, took, self.model.count_prompt(prompt.messages), history_read=history_read)

    def _output_memory(self, *, on: bool) -> AbstractContextManager[None]:
        memory = output_memory_of(self.model)
        return memory.silent() if memory is not None and not on else nullcontext()

    @property
    def _sampling(self) -> Sampling:
        return replace(self.settings.model.sampling(), temperature=0.0)

    def _keys(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._keys_of(ids))

    def _keys_of(self, ids: Sequence[str]) -> Iterator[str]:
        for one in ids:
            if one in self.site.places:
                yield self.site.corpus.keys[self.site.places[one]]


def output_memory_of(model: LanguageModel) -> OutputLayerMemory | None:
    """The model's output-layer memory; None for one that can have none, or has it switched off."""
    return getattr(model, "output_memory", None)
