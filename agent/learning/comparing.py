"""The literature's external memories as addressing heads over real turns, one beside the other (docs/learning.md).

Each is trained on some of the stores and put to the others, in rotation: no query is answered by a head that was fitted
to anything from its own store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from agent.bench.data import DataSet
from agent.bench.embedding import CachingEmbedder
from agent.bench.metrics import FIGURES
from agent.bench.site import Progress
from agent.learning.labelled import corpus_examples
from agent.learning.trial import Compared, compared, folded, measured
from memory_store.errors import InvalidInput
from memory_store.learning.examples import Example
from memory_store.learning.training import FULL, Parts, formula_scores, train

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FORMULA = "fixed formula"
_CONTENT = ("words", "meaning", "phrase")
_SHIFT = (*_CONTENT, "next_turn", "previous_turn")
_LINKS = (*_SHIFT, "session", "session_words", "recency", "standing")
HEADS: dict[str, Parts] = {
    "KV: content": Parts(_CONTENT, adaptive=False, sharpens=False, network=False),
    "KV: content, hops": Parts(_CONTENT, adaptive=False, sharpens=False, network=False, hop=True),
    "NTM: + gates, shift, sharpening": Parts(_SHIFT, network=False, hop=True),
    "DNC: + links, usage": Parts(_LINKS, network=False, hop=True),
    "full, without its network": Parts(network=False),
    "full head": FULL,
    "full head, hops": Parts(hop=True),
}
MOST_SPLITS = 10
HELD_OUT = 0.4
"""Share of the stores that a split is tried on."""


@dataclass(frozen=True, slots=True)
class Comparison:
    data: DataSet
    questions: int
    splits: int
    by: str
    """What is held out: ``stores`` or ``questions``."""
    heads: dict[str, dict[str, Compared]]
    """Row -> figure -> beside the formula."""


def compare(
    data: DataSet, embedder: CachingEmbedder, progress: Progress, *, seed: int = 0, heads: Sequence[str] = tuple(HEADS)
) -> Comparison:
    """Every head on one data set. Raises InvalidInput where there is too little to hold anything out, NotLearned,
    EmbedderError, StoreUnavailable."""
    found: list[Example] = []
    for corpus in data.corpora:
        found += corpus_examples(corpus, embedder, progress, hops=True)
    with progress(f"{data.name}: training") as move:
        return compared_on(data, found, move, seed=seed, heads=heads)


def compared_on(
    data: DataSet,
    examples: Sequence[Example],
    move: Callable[[int, int], object],
    *,
    seed: int = 0,
    heads: Sequence[str] = tuple(HEADS),
) -> Comparison:
    """The same, of questions that were put to their stores already."""
    splits, by = rotation(examples)
    if len(splits) < 2:
        raise InvalidInput(f"{data.name} has too few questions to train on some and try others.")
    before = measured(examples, list(formula_scores(examples)))
    rows = {}
    for number, name in enumerate(heads):
        total, times = np.zeros((len(examples), len(FIGURES))), np.zeros(len(examples))
        for done, inside in enumerate(splits):
            outside = np.setdiff1d(np.arange(len(examples)), inside)
            head = train([examples[place] for place in outside], parts=HEADS[name], seed=seed)
            these = [examples[place] for place in inside]
            total[inside] += measured(these, list(head.scores(these)))
            times[inside] += 1
            move(number * len(splits) + done + 1, len(heads) * len(splits))
        rows[name] = compared(before, total / times[:, None], seed=seed)
    return Comparison(data, len(examples), len(splits), by, rows)


def rotation(examples: Sequence[Example]) -> tuple[list[Ints], str]:
    """Places of what each split is tried on. Of three stores and more, every choice of two fifths of them (or ten such
    choices, each store as often); else five parts of the questions."""
    groups = np.array([one.group for one in examples])
    names = list(dict.fromkeys(groups.tolist()))
    if len(names) < 3:
        return folded(groups.tolist(), [one.asked.tobytes().hex() for one in examples]), "questions"
    out = max(1, round(HELD_OUT * len(names)))
    choices: list[tuple[str, ...]] = list(combinations(names, out))
    if len(choices) > MOST_SPLITS:
        ring = names + names
        choices = [tuple(ring[place : place + out]) for place in range(len(names))]
    return [np.flatnonzero(np.isin(groups, choice)) for choice in choices], "stores"
