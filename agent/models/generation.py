"""Next tokens, one at a time, on transformers' models: our own loop, so that it stops wherever it is asked to.

``model.generate`` would need a second thread to stream, draws from torch's global random numbers, and cannot stop while
it reads the prompt. This looks at the cancel event between any two layers of the model.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence

from agent.models.base import Adjust
from agent.models.choosing import Choose
from agent.models.reading import Reading, State


def next_tokens(
    reading: Reading,
    ids: Sequence[int],
    limit: int,
    choose: Choose,
    cancel: threading.Event,
    *,
    adjust: Adjust | None = None,
    forced: deque[int] | None = None,
) -> Iterator[int]:
    """Read on with ``ids``, then yield up to ``limit`` tokens; fewer once ``cancel`` is set.

    Tokens that the caller puts into ``forced`` are said before any other is chosen.
    """
    said: list[int] = []
    reading.keep_hidden = adjust is not None
    state = reading.read(ids, cancel)
    while state is not None and not cancel.is_set():
        token = forced.popleft() if forced else choose(_adjusted(state, adjust), said)
        said.append(token)
        yield token
        if len(said) == limit:
            return
        state = reading.read([token], cancel)


def _adjusted(state: State, adjust: Adjust | None) -> object:
    return state.logits if adjust is None else adjust(state.logits, state.hidden)
