"""What a head is trained and tried on: one query, its candidates, and which of them were wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace

import numpy as np

from memory_store.addressing import Bools, Floats, Ints, Weights
from memory_store.learning.features import candidate_features, query_features
from memory_store.learning.head import TOP
from memory_store.recall.looking import Look
from memory_store.recall.signals import Signals, ranked, weighed


@dataclass(frozen=True, slots=True)
class Example:
    """n candidates of one query, those that could come up and their neighbours, in the order of their conversations."""

    signals: Signals
    rows: Floats
    """(n, 53), see :func:`~memory_store.learning.features.candidate_features`."""
    asked: Floats
    """(15,), see :func:`~memory_store.learning.features.query_features`."""
    best: Bools
    """Whether the network looks at it."""
    keys: Ints
    """What counts as found when it is recalled: its own number, or its session's."""
    gold: Bools
    """Whether its key was wanted."""
    wrong: Bools
    """Whether it was said to be wrong there."""
    wanted: int
    """Keys wanted in all; those that no candidate has cannot be found."""
    group: str
    """Examples of one group are tried together: what is learned from one must not be tried on the other."""
    hop: Floats | None = None
    """A second hop's content, where that is compared."""

    def __len__(self) -> int:
        return len(self.keys)


def example(
    look: Look,
    own_traits: Floats,
    *,
    keys: Ints,
    gold: Collection[int],
    wrong: Collection[int] = (),
    group: str = "",
    hop: Floats | None = None,
) -> Example:
    """``keys``: of each candidate; ``gold``: the keys wanted; ``wrong``: keys that were said to be wrong there."""
    fixed = weighed(look.signals, Weights())
    rows, asked = candidate_features(look.signals, own_traits, fixed), query_features(look)
    is_gold, is_wrong = np.isin(keys, list(gold)), np.isin(keys, list(wrong))
    order = ranked(fixed, look.pool.seqs, look.pool.said_at)[:TOP]
    best = np.zeros(len(keys), np.bool_)
    best[order] = True
    kept = best | is_gold | is_wrong
    follows = look.signals.follows
    beside = kept.copy()
    beside[1:] |= kept[:-1] & follows[1:]
    beside[:-1] |= kept[1:] & follows[1:]
    return Example(
        signals=_only(look.signals, beside),
        rows=rows[beside],
        asked=asked,
        best=best[beside],
        keys=keys[beside],
        gold=is_gold[beside],
        wrong=is_wrong[beside],
        wanted=len(set(gold)),
        group=group,
        hop=None if hop is None else hop[beside],
    )


def _only(signals: Signals, kept: Bools) -> Signals:
    """Some of the candidates. What follows one that is not kept follows nothing."""
    arrays = {one.name: getattr(signals, one.name) for one in fields(signals) if one.name != "gate"}
    cut = {name: values[..., kept] for name, values in arrays.items()}
    together = np.zeros(len(signals), np.bool_)
    together[1:] = signals.follows[1:] & kept[:-1]
    return replace(signals, **{**cut, "follows": together[kept]})
