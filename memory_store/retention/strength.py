"""How strong a memory still is. Pure functions.

**Strength** follows the forgetting curve of Ebbinghaus (1885), ``exp(-t / S)``, with MemoryBank's idea (Zhong et al.
2024, arXiv 2305.10250) that each recall makes a memory more stable. MemoryBank's published code multiplies where it
should divide, so there a recalled memory fades *faster*; here the stability ``S`` is in the denominator and grows with
usage ``u``, which with what frees it (``psi``) is the differentiable neural computer's (usage.py):

    strength = psi * 2 ** (-age / half_life),   half_life = 180 days * (1 - ln(1 - u)) * (2 for what was meant to last)

Age counts from when a memory was said. Half a year is a choice, not a measurement: a memory that was never used falls
below .1 after 20 months, one used ten times after 5 years and a half. Notes, and the user's own standing instructions
and preferences ("always ...", "I prefer ..."), last twice as long; a pinned memory does not fade. Strength never
decides by itself: only a policy that asks for it (``prune --weaker-than``, ``--at-most``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike

from memory_store.language.standing import is_standing
from memory_store.records import Turn
from memory_store.retention.usage import NONE, Floats, Uses, retained, usage

HALF_LIFE_DAYS = 180.0
LASTING = 2.0
"""How much longer the half-life is of what was written down or asked for on purpose."""

DAY = timedelta(days=1)


def strength(
    age_days: ArrayLike,
    times: ArrayLike = 0,
    pinned: ArrayLike = False,
    lasting: ArrayLike = False,
    wrong: ArrayLike = 0,
) -> Floats:
    """Strength in [0, 1] of memories; the arguments broadcast against each other as NumPy arrays do.

    ``age_days``: since it was said (a negative age counts as 0); ``times``: how often it was used (:attr:`Uses.times`);
    ``lasting``: a note or a standing instruction; ``wrong``: how often it was marked so. Falls with age and with marks
    as wrong, rises with use, is 1 when pinned.
    """
    age = np.maximum(np.asarray(age_days, np.float64), 0.0)
    steady = 1.0 - np.log1p(-usage(times, wrong))
    half_life = HALF_LIFE_DAYS * steady * np.where(np.asarray(lasting, bool), LASTING, 1.0)
    return np.where(np.asarray(pinned, bool), 1.0, retained(wrong) * np.exp2(-age / half_life))


def is_lasting(memory: Turn) -> bool:
    """Whether it was meant to last: a note, or what the user wants done from now on."""
    return memory.is_note or (memory.speaker.casefold() == "user" and is_standing(memory.text))


def strengths(memories: Sequence[Turn], used: Mapping[str, Uses], now: datetime) -> Floats:
    """:func:`strength` of each memory at ``now``; shape (len(memories),). Ids absent from ``used`` were never used."""
    uses = [used.get(memory.id, NONE) for memory in memories]
    return strength(
        days_since(memories, now),
        [one.times for one in uses],
        [memory.pinned for memory in memories],
        [is_lasting(memory) for memory in memories],
        [one.wrong for one in uses],
    )


def days_since(memories: Sequence[Turn], now: datetime) -> Floats:
    """Days since each was said; shape (len(memories),)."""
    return np.array([(now - memory.said_at) / DAY for memory in memories], np.float64)
