"""From the tokens a model says to the pieces of thought and reply that are shown, and to the end of the reply."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.models.base import Piece, Thought
from agent.models.decoding import StopText, TextPieces
from agent.models.thoughts import MARKS, ThoughtSplitter


class Codec:
    """Text to tokens and back: no special tokens, but those that mark thoughts."""

    def __init__(self, tokenizer: Any) -> None:
        vocabulary = tokenizer.get_vocab()
        marks = {vocabulary[mark] for pair in MARKS for mark in pair if mark in vocabulary}
        self._hidden = set(tokenizer.all_special_ids) - marks
        self._tokenizer = tokenizer

    def ids(self, text: str) -> list[int]:
        encoded = self._tokenizer(text, add_special_tokens=False, verbose=False)
        return [int(token) for token in encoded["input_ids"]]

    def text(self, ids: Sequence[int]) -> str:
        kept = [token for token in ids if token not in self._hidden]
        return str(self._tokenizer.decode(kept, skip_special_tokens=False, clean_up_tokenization_spaces=False))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The text that each token adds; empty where a character is not yet whole."""
        text = TextPieces(self.text)
        return [text.add(token) for token in ids]


@dataclass(frozen=True, slots=True)
class Limits:
    """Most tokens of a thought and of the reply after it."""

    thought: int
    reply: int

    @classmethod
    def within(cls, room: int, thought: int, reply: int) -> Limits:
        """Where ``room`` is short, the reply comes first and the thought takes what is left, at least half of it."""
        reply = min(reply, room)
        return cls(max(0, min(thought, max(room - reply, room // 2))), reply)


class Speech:
    """One reply while it is said. ``forced`` is what the model is made to say next: the end of an endless thought."""

    def __init__(
        self, codec: Codec, prompt: str, *, stops: Sequence[str], ends: Collection[int], limits: Limits
    ) -> None:
        self._codec = codec
        self._ends = ends
        self._limits = limits
        self._text = TextPieces(codec.text)
        self._split = ThoughtSplitter(prompt)
        self._stop = StopText(stops)
        self._silent = True
        self.forced: deque[int] = deque()
        self.thought_tokens = self.reply_tokens = 0
        self.complete = False
        """Whether the reply has come to its own end."""

    @property
    def over(self) -> bool:
        return self.complete or self.reply_tokens >= self._limits.reply

    def add(self, token: int) -> Iterator[Piece]:
        """The pieces that ``token`` completes."""
        self._count()
        if token in self._ends and not self.forced:
            self.complete = True
            return
        yield from self._shown(self._split.add(self._text.add(token)))
        self._end_long_thought()

    def rest(self) -> Iterator[Piece]:
        """What was still held back."""
        if not self._stop.found:
            yield from self._shown([*self._split.add(self._text.rest()), *self._split.rest()])
            yield from self._said(self._stop.rest())

    def _count(self) -> None:
        if self._split.thinking:
            self.thought_tokens += 1
        else:
            self.reply_tokens += 1

    def _shown(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            if isinstance(piece, Thought):
                yield piece
            elif not self._stop.found:
                yield from self._said(self._stop.add(piece))
                self.complete = self._stop.found

    def _said(self, text: str) -> Iterator[str]:
        """A reply begins with a word, not with the space before it."""
        text = text.lstrip() if self._silent else text
        if text:
            self._silent = False
            yield text

    def _end_long_thought(self) -> None:
        if self._split.thinking and self.thought_tokens >= self._limits.thought and not self.forced:
            text = f"\n{self._split.closing}\n\n"
            self.forced.extend(self._codec.ids(text))
