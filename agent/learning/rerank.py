"""`mneme learn --reranker`: a cross-encoder tuned from the embedder, tried on what it was not tuned on, adopted or
not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from agent.bench.metrics import FIGURES
from agent.bench.site import Progress
from agent.learning.common import WISH, Outcome, Wish, asked_again, provenance_of, verdict
from agent.learning.labelled import Move
from agent.learning.trial import DECIDES, Floats, Ints, Trial, compared, folded, measured
from memory_store import MemoryStore
from memory_store.embedding import Embedder, embedder_folder
from memory_store.learning.labels import Label
from memory_store.learning.lessons import LOOKED_AT, Lesson
from memory_store.learning.tuned import Rerankers, Tuned
from memory_store.reranking.base import between

if TYPE_CHECKING:
    from memory_store.learning.tuning import Tuning

FOLDS = 2
"""Each is answered by what was tuned on the other: five would take three times as long."""

WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.8)
"""What its favourite may gain. A fold's is the best for the other, so that none is chosen on what it is tried on."""


@dataclass(slots=True)
class Reranked(Outcome):
    """What came of it."""

    weight: float = 0.0
    milliseconds: float = 0.0
    """What it takes for a query, here."""


def learn_to_rerank(
    store: MemoryStore, rerankers: Rerankers, embedder: Embedder, progress: Progress, wish: Wish = WISH
) -> Reranked:
    """Tune one on what there is to learn from, and adopt it where it finds more than recall does now.

    Raises DataError for a file that cannot be read, NotLearned where learning went wrong, EmbedderError, RerankerError
    where the embedder cannot be tuned, StoreUnavailable. Whatever is raised, what was in force before stays so.
    """
    outcome = Reranked()
    folder = embedder_folder(embedder)
    lessons, own = asked_again(store, embedder, progress, wish, _as_lessons, outcome)
    if outcome.reason:
        return outcome
    with progress("trying it") as move:
        says = _cross_fitted(folder, lessons, wish.seed, move, outcome)
    outcome.trial, gains, places = _tried(lessons, says, wish.seed, outcome)
    outcome.reason = verdict(outcome.trial, gains[places < own], wish, than="recall without it")
    if outcome.reason:
        return outcome
    with progress("tuning it on everything") as move:
        tuning = _tuned(folder, lessons, wish.seed, move)
    provenance = replace(provenance_of(store, embedder, outcome), weights={"reranker": outcome.weight})
    rerankers.adopt(tuning.save, Tuned(provenance, outcome.weight, LOOKED_AT, round(outcome.milliseconds, 1)))
    store.note_learned("learn")
    outcome.adopted = True
    outcome.reason = "Better than recall without it: used from the next start on."
    return outcome


def _as_lessons(
    store: MemoryStore, labels: Sequence[Label], keys: Mapping[str, str] | None, move: Move
) -> list[Lesson]:
    return store.lessons_of(labels, keys=keys, progress=move)


def _tuned(folder: Path, lessons: Sequence[Lesson], seed: int, move: Callable[[int, int], object]) -> Tuning:
    from memory_store.learning.tuning import Tuning

    tuning = Tuning(folder, seed=seed)
    tuning.learn(lessons, progress=move)
    return tuning


def _cross_fitted(
    folder: Path, lessons: Sequence[Lesson], seed: int, move: Move, outcome: Reranked
) -> list[tuple[int, int, Floats]]:
    """(place, fold, what a cross-encoder that was not tuned on it says) of every lesson that wants something."""
    folds = folded([one.group for one in lessons], [one.query for one in lessons], FOLDS)
    found: list[tuple[int, int, Floats]] = []
    took = []
    for number, fold in enumerate(folds):
        outside = np.setdiff1d(np.arange(len(lessons)), fold)

        def moved(done: int, total: int, before: int = number) -> None:
            move(before * total + done, len(folds) * total)

        tuning = _tuned(folder, [lessons[place] for place in outside], seed, moved)
        for place in (int(one) for one in fold if lessons[one].wanted):
            began = perf_counter()
            found.append((place, number, tuning.says(lessons[place])))
            took.append(perf_counter() - began)
    outcome.milliseconds = 1000 * median(took) if took else 0.0
    return found


def _tried(
    lessons: Sequence[Lesson], says: Sequence[tuple[int, int, Floats]], seed: int, outcome: Reranked
) -> tuple[Trial, Floats, Ints]:
    """As :func:`agent.learning.trial.tried`; the weight goes into the outcome."""
    said = sorted(says, key=lambda row: row[0])
    these = [lessons[place] for place, _, _ in said]
    folds = np.array([fold for _, fold, _ in said])
    before = measured(these, [one.scores for one in these])
    after = np.stack([measured(these, [_with(*pair, weight) for pair in _pairs(lessons, said)]) for weight in WEIGHTS])
    column = FIGURES.index(DECIDES)
    chosen = np.zeros(len(these), np.int64)
    for fold in set(folds.tolist()):
        chosen[folds == fold] = after[:, folds != fold, column].mean(1).argmax()
    tried = after[chosen, np.arange(len(these))]
    outcome.weight = WEIGHTS[int(after[:, :, column].mean(1).argmax())]
    trial = Trial(len(these), len(set(folds.tolist())), compared(before, tried, seed=seed))
    return trial, tried - before, np.array([place for place, _, _ in said], np.int64)


def _pairs(lessons: Sequence[Lesson], said: Sequence[tuple[int, int, Floats]]) -> list[tuple[Lesson, Floats]]:
    return [(lessons[place], words) for place, _, words in said]


def _with(lesson: Lesson, said: Floats, weight: float) -> Floats:
    """Recall's scores with the reranker's word, as a second look adds it."""
    scores = lesson.scores.copy()
    if len(said) > 1:
        scores[: len(said)] += weight * between(said)
    return scores
