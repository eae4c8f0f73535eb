"""How a prompt looks: the product's own functions, so that the model is trained on what it will be given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.quoting import in_time_order, last_message, memory_line, system_text
from memory_store.records import Turn

Message = dict[str, str]


def said(text: str, *, speaker: str, at: datetime) -> Turn:
    """A remembered turn."""
    return Turn(id="", conversation_id=None, position=0, speaker=speaker, text=text, said_at=at)


def message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def asked(words: str, memories: Sequence[Turn], now: datetime, *, pins: int = 0) -> Message:
    """The last user message of a prompt, with what was recalled; ``pins`` memories have their numbers already."""
    return message("user", last_message(words, _lines(memories, first=pins + 1), now))


def told(system: str, pinned: Sequence[Turn]) -> Message:
    """The system message of a prompt, with what is pinned."""
    return message("system", system_text(system, _lines(pinned, first=1)))


def number_of(memory: Turn, pinned: Sequence[Turn], memories: Sequence[Turn]) -> int:
    """The number by which a reply cites ``memory``."""
    return [*in_time_order(pinned), *in_time_order(memories)].index(memory) + 1


def _lines(memories: Sequence[Turn], *, first: int) -> list[str]:
    return [memory_line(number, memory) for number, memory in enumerate(in_time_order(memories), start=first)]
