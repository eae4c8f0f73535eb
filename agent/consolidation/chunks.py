"""What was said, cut into parts that a model reads at once: of one conversation, without a long pause inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from agent.models.memory_only import is_own_answer
from agent.quoting import memory_line
from memory_store.records import Turn

PAUSE = timedelta(hours=6)
MOST_TURNS = 40


def chunks(turns: Sequence[Turn], room: int, count: Callable[[str], int]) -> Iterator[list[Turn]]:
    """Parts of at most ``room`` tokens, in order; a turn that is longer stands alone. Conversations follow each other
    in ``turns``. What memory_only quoted is left out."""
    part: list[Turn] = []
    taken = 0
    for turn in turns:
        if is_own_answer(turn):
            continue
        cost = count(memory_line(MOST_TURNS, turn) + "\n")
        if part and (taken + cost > room or len(part) == MOST_TURNS or not _goes_on(part[-1], turn)):
            yield part
            part, taken = [], 0
        part.append(turn)
        taken += cost
    if part:
        yield part


def _goes_on(before: Turn, turn: Turn) -> bool:
    return before.conversation_id == turn.conversation_id and turn.said_at - before.said_at <= PAUSE
