"""What is known of one reply while it is being made."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from agent.citations import Citation
from agent.events import Finished, Thinking, Token, Usage
from agent.models.base import Generated, LanguageModel, Piece, Prompt, Thought
from memory_store.records import Recollections, Turn


@dataclass(slots=True)
class ReplyInProgress:
    """Filled as the reply goes on."""

    words: str
    cancel: threading.Event
    without: frozenset[str] = frozenset()
    """Memories that it must do without, by id."""
    instead_of: tuple[Turn, ...] = ()
    """Turns that it replaces once it is kept."""
    keep: bool = True
    """False: it is only shown."""
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

    @property
    def numbers(self) -> dict[str, int]:
        """Id of each memory listed in the prompt -> its number there."""
        return {memory.id: number for number, memory in enumerate(self.memories, start=1)}

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
