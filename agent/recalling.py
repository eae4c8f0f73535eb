"""What a dialogue asks of the memory before it speaks: what matters for the words, and what is pinned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent.models.memory_only import is_own_answer, plain, says_nothing
from agent.models.questions import is_only_a_question
from agent.prompt import ASSISTANT
from agent.turns import Turns
from memory_store.language.leaning import leans
from memory_store.records import Recollections, Superseded, Turn

if TYPE_CHECKING:
    from agent.settings import RecallSettings
    from memory_store import MemoryStore


def recall(
    store: MemoryStore,
    settings: RecallSettings,
    words: str,
    *,
    exclude: Collection[str],
    context: str,
    as_of: datetime | None,
) -> Recollections:
    """What matters for ``words``, without memory_only's old answers: what they quote is recalled itself.

    A question that was asked before is nothing like itself so much, and answers nothing: it would stand before what
    does, and be taken for a sign that there is something. So it is asked again without its echoes.
    """

    def without(left_out: Collection[str]) -> Recollections:
        return store.recall(
            words,
            limit=settings.limit,
            budget=settings.budget,
            longest=longest(settings),
            context=context,
            as_of=as_of,
            exclude=left_out,
            leave_out=is_own_answer,
        )

    found = without(exclude)
    echoes = _echoes(words, found) if is_only_a_question(words) else set()
    return without({*exclude, *echoes}) if echoes else found


def _echoes(words: str, found: Recollections) -> set[str]:
    """Ids of what asks the same in the same words, marks and letter case aside."""
    asked = plain(words)
    same = [item for item in found if plain(item.memory.text) == asked]
    return {one for item in same for one in (item.memory.id, *item.folded)}


def longest(settings: RecallSettings) -> int:
    """Tokens of one memory in a prompt: a quarter of what all may take."""
    return max(1, settings.budget // 4)


def leant_on(turns: Turns, heard: Turn) -> str:
    """What the agent said just before, where the words lean on it ("and the second one?"); else nothing."""
    if not leans(heard.text):
        return ""
    earlier = turns.before(heard, most=3)
    said = [turn.text for turn in earlier if turn.speaker == ASSISTANT and not says_nothing(turn.text)]
    return said[-1] if said else ""


def still_pinned(
    store: MemoryStore, without: Collection[str], as_of: datetime | None
) -> tuple[list[Turn], dict[str, Superseded]]:
    """The pinned memories, with what holds now where one no longer does, and which those are."""
    pinned = [memory for memory in _pinned(store, as_of) if memory.id not in without]
    if not pinned:
        return [], {}
    superseded = store.superseded([memory.id for memory in pinned], as_of=as_of)
    missing = {told.by for told in superseded.values()} - {memory.id for memory in pinned} - {*without}
    return [*pinned, *(store.get(one) for one in sorted(missing))], superseded


def _pinned(store: MemoryStore, as_of: datetime | None) -> list[Turn]:
    """The pinned memories; of a day that was asked for, those of then in the words of then."""
    pinned = store.memories(pinned=True)
    if as_of is None:
        return pinned
    return [_worded_then(store, turn, as_of) for turn in pinned if turn.said_at <= as_of]


def _worded_then(store: MemoryStore, turn: Turn, day: datetime) -> Turn:
    since = [old for old in store.revisions(turn.id) if old.superseded_at > day]
    return replace(turn, text=since[0].text, revision=since[0].revision) if since else turn
