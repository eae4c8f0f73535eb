"""A consolidation from end to end, part by part: each is kept in one transaction, so it can be stopped at any time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.consolidation.asking import messages
from agent.consolidation.chunks import chunks
from agent.consolidation.parsing import read
from agent.models.base import LanguageModel, Prompt, Sampling, Thought
from agent.prompt import room
from memory_store.records import Turn

if TYPE_CHECKING:
    from memory_store import MemoryStore

LONGEST_NOTES = 700
"""Tokens of one answer."""
ONE_TURN = 4
"""One turn takes at most this part of the room."""

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    parts: int = 0
    """Of conversations, that the model read."""
    left: int = 0
    """... that are still to be read."""
    kept: list[Turn] = field(default_factory=list)
    known: int = 0
    """Notes that were there already."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why what the model wrote was not kept -> how often."""


def consolidate(
    store: MemoryStore,
    model: LanguageModel,
    sampling: Sampling,
    *,
    limit: int | None = None,
    progress: Progress = lambda _done, _total: None,
    cancel: threading.Event | None = None,
    outcome: Outcome | None = None,
) -> Outcome:
    """Let ``model`` take notes on what was not consolidated yet, at most ``limit`` parts of it.

    ``outcome`` is told what was done, whatever ends it.

    Each part's notes, and that it was read, are kept in one transaction: what was done before a failure, a kill or a
    ``cancel`` stays, and the next run goes on there. Raises ModelError, StoreUnavailable.
    """
    stop = cancel or threading.Event()
    asked = replace(sampling, temperature=0.0, max_new_tokens=min(LONGEST_NOTES, model.context_size // 3))
    free = room(model, asked) - model.count_prompt(messages([], model.count, 1))
    longest = max(16, free // ONE_TURN)
    parts = list(chunks(store.unconsolidated(), free, model.count))
    wanted = parts if limit is None else parts[:limit]
    outcome = Outcome() if outcome is None else outcome
    outcome.left = len(parts)
    with store.as_one_act(), store.secrets_settled("keep"):  # it was asked about when it was said
        for number, part in enumerate(wanted):
            progress(number, len(wanted))
            answer = _answer(model, part, asked, longest, stop)
            if stop.is_set():
                break
            found = read(answer, part)
            kept = store.keep_derived(found.notes, model=model.name, through=part[-1].id)
            outcome.kept += kept
            outcome.known += len(found.notes) - len(kept)
            outcome.skipped.update(found.skipped)
            outcome.parts += 1
            outcome.left -= 1
        progress(outcome.parts, len(wanted))
    return outcome


def _answer(
    model: LanguageModel, part: Sequence[Turn], sampling: Sampling, longest: int, cancel: threading.Event
) -> str:
    prompt = Prompt(messages(part, model.count, longest), "")
    return "".join(piece for piece in model.stream(prompt, sampling, cancel) if not isinstance(piece, Thought))
