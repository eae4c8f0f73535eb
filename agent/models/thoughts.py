"""Telling a model's thoughts from its reply: by the marks it writes around them.

A reply may begin with thoughts between two marks; what comes after the closing one is the reply. Some templates write
the opening mark themselves, at the end of the prompt.
"""

from __future__ import annotations

from agent.models.base import Piece, Thought

MARKS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
)
"""Opening and closing: Qwen, DeepSeek and most others use the first; the last three are Seed's, Mistral's, Cohere's."""


class ThoughtSplitter:
    """Takes a reply's text as it comes and says which of it is thought. Holds back what may be half a mark."""

    def __init__(self, prompt: str) -> None:
        ending = prompt.rstrip()
        self._closing = next((closing for opening, closing in MARKS if ending.endswith(opening)), "")
        self._replying = False
        self._held = ""

    @property
    def thinking(self) -> bool:
        return bool(self._closing)

    @property
    def closing(self) -> str:
        """The mark that would end the present thought; empty when there is none."""
        return self._closing

    def add(self, text: str) -> list[Piece]:
        """What ``text`` adds to the thoughts and to the reply, in order."""
        self._held += text
        pieces: list[Piece] = []
        while self._held and not self._replying:
            before = self._held
            pieces += self._thought() if self._closing else self._beginning()
            if self._held == before and not self._replying:
                return pieces
        if self._held:
            pieces.append(self._held)
            self._held = ""
        return pieces

    def rest(self) -> list[Piece]:
        """What was held back and turned out to be no mark."""
        held, self._held = self._held, ""
        if not held:
            return []
        return [Thought(held) if self._closing else held]

    def _beginning(self) -> list[Piece]:
        """Nothing but space so far: a mark, perhaps half of one, or the reply."""
        text = self._held.lstrip()
        for opening, closing in MARKS:
            if text.startswith(opening):
                self._held, self._closing = text.removeprefix(opening), closing
                return []
        self._replying = bool(text) and not any(opening.startswith(text) for opening, _ in MARKS)
        return []

    def _thought(self) -> list[Piece]:
        thought, mark, rest = self._held.partition(self._closing)
        if mark:
            self._closing, self._held = "", rest
        else:
            kept = half_mark(thought, self._closing)
            thought, self._held = thought[: len(thought) - kept], thought[len(thought) - kept :]
        return [Thought(thought)] if thought else []


def half_mark(text: str, mark: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of ``mark``."""
    return next((n for n in range(min(len(mark) - 1, len(text)), 0, -1) if mark.startswith(text[-n:])), 0)
