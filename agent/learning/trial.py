"""Is a learned head better than the fixed formula on queries it has not seen? Cross-fitting and a paired bootstrap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.bench.metrics import FIGURES, Estimate, estimates, figures, resampled
from memory_store.learning.examples import Example

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHOWN = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")
DECIDES = "ndcg@10"
"""What must be better, its interval above 0: it feels every change of order among the first ten."""
MUST_NOT_FALL = "recall@5"

FEWEST = 40
"""Queries with something wanted: fewer can show nothing."""

FOLDS = 5


class Ranked(Protocol):
    """Candidates of one query, whose order is measured."""

    @property
    def keys(self) -> Ints: ...
    @property
    def gold(self) -> NDArray[np.bool_]: ...
    @property
    def wanted(self) -> int: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both, over queries that neither was fitted to."""

    formula: float
    head: float
    gain: Estimate

    def row(self) -> dict[str, float]:
        """As JSON has it: shares from 0 to 1."""
        values = {"formula": self.formula, "head": self.head, "gain": self.gain.value}
        values |= {"low": self.gain.low, "high": self.gain.high}
        return {name: round(value, 4) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Trial:
    queries: int
    folds: int
    compared: dict[str, Compared]

    @property
    def better(self) -> bool:
        """Whether the head may take the formula's place."""
        return self.compared[DECIDES].gain.low > 0 and self.compared[MUST_NOT_FALL].gain.value >= 0


def folded(groups: Sequence[str], questions: Sequence[str], folds: int = FOLDS) -> list[Ints]:
    """Places of the examples, in folds: of one group together, where there are groups enough."""
    sizes, names = Counter(groups), groups
    if (
        len(sizes) < 3 or max(sizes.values()) > len(groups) / 2
    ):  # one long conversation: the same question goes together
        sizes, names = Counter(questions), questions
    parts: list[list[str]] = [[] for _ in range(min(folds, len(sizes)))]
    filled = [0] * len(parts)
    for name, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        smallest = filled.index(min(filled))
        parts[smallest].append(name)
        filled[smallest] += size
    return [np.flatnonzero(np.isin(names, part)) for part in parts]


def measured(examples: Sequence[Ranked], scores: Sequence[Floats]) -> Floats:
    """Shape (queries, figures): see :data:`agent.bench.metrics.FIGURES`."""
    rows = []
    for one, found in zip(examples, scores, strict=True):
        order = np.argsort(-found[: len(one)], kind="stable")
        wanted = {str(key) for key in set(one.keys[one.gold].tolist())}
        absent = {f"absent {number}" for number in range(one.wanted - len(wanted))}
        rows.append(figures(map(str, one.keys[order].tolist()), frozenset(wanted | absent)))
    return np.array(rows).reshape(len(rows), len(FIGURES))


def compared(formula: Floats, head: Floats, *, seed: int = 0) -> dict[str, Compared]:
    """Both arrays as :func:`measured` gives them, of the same queries in the same order."""
    gains = dict(zip(FIGURES, estimates(head - formula, resampled(len(formula), seed)), strict=True))
    before, after = (dict(zip(FIGURES, table.mean(0), strict=True)) for table in (formula, head))
    return {name: Compared(float(before[name]), float(after[name]), gains[name]) for name in SHOWN}


def tried(
    examples: Sequence[Example],
    *,
    seed: int = 0,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> tuple[Trial, Floats, Ints]:
    """A head for each fold, trained on the others and put to it. Also each query's gain in every figure, and the places
    of these queries: those that want something.

    Raises NotLearned.
    """
    from memory_store.learning.training import formula_scores, train

    folds = folded([one.group for one in examples], [one.asked.tobytes().hex() for one in examples])
    asked = np.array([one.wanted > 0 for one in examples])
    scores: dict[int, Floats] = {}
    for number, fold in enumerate(folds):
        outside = np.setdiff1d(np.arange(len(examples)), fold)

        def moved(done: int, total: int, before: int = number) -> None:
            progress(before * total + done, len(folds) * total)

        head = train([examples[place] for place in outside], seed=seed, progress=moved)
        inside = [int(place) for place in fold if asked[place]]
        if inside:
            scores.update(zip(inside, head.scores([examples[place] for place in inside]), strict=True))
    places = np.array(sorted(scores), np.int64)
    these = [examples[place] for place in places]
    after = measured(these, [scores[int(place)] for place in places])
    before = measured(these, list(formula_scores(these)))
    return Trial(len(these), len(folds), compared(before, after, seed=seed)), after - before, places
