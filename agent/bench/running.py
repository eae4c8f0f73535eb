"""One data set, measured: fill a scratch store for each corpus, ask it, ask the baselines, ask it without each term."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agent.bench.asking import BUDGET_DEPTH, BUDGETS, Answers, ask, ask_within_budgets, fitting, share
from agent.bench.baselines import Baselines, Bools, Ints
from agent.bench.data import DataSet, Question, Unit
from agent.bench.embedding import CachingEmbedder
from agent.bench.site import Progress, Site, imported
from agent.bench.switches import switched_off
from memory_store.addressing import Weights
from memory_store.reranking import Stage

OURS = "mneme"
WITHOUT, WITH = "without ", "with "

DEPTHS: Mapping[Unit, int] = {"turn": 25, "session": 100}
"""Turns asked for. Sessions are taken from more of them: many turns of one session make it once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure beside recall and the baselines."""

    terms: bool = True
    budgets: bool = False
    elsewhere: bool = False
    """Put each question to another corpus too, where its answer is not."""
    second_looks: tuple[Stage, ...] = ()
    """Each makes a row of its own, by the name of its reason."""


@dataclass(slots=True)
class Measured:
    """Answers by method, each over all questions of the set, in the set's order."""

    data: DataSet
    answers: dict[str, Answers] = field(default_factory=dict)
    elsewhere: Answers = field(default_factory=Answers)
    remarks: list[str] = field(default_factory=list)
    """What was asked for and could not be measured."""
    embedding: list[float] = field(default_factory=list)
    """Seconds for each query that was embedded by itself."""

    def of(self, method: str) -> Answers:
        return self.answers.setdefault(method, Answers())


def measure(data: DataSet, embedder: CachingEmbedder, wanted: Wanted, progress: Progress) -> Measured:
    """Everything about one data set. Each corpus is imported into a scratch store of its own, thrown away after it.

    Raises InvalidInput for words that no store accepts, EmbedderError, StoreUnavailable (disk full).
    """
    into = Measured(data)
    for number, corpus in enumerate(data.corpora):
        if not corpus.questions:
            continue
        with tempfile.TemporaryDirectory(prefix="mneme-bench-") as folder:
            site = imported(Path(folder), corpus, embedder, progress)
            measure_site(site, data.unit, wanted, progress, into)
            if wanted.elsewhere and len(data.corpora) > 1:
                others = data.corpora[(number + 1) % len(data.corpora)].questions
                _ask_elsewhere(site, others, progress, into.elsewhere)
    if wanted.elsewhere and not into.elsewhere.confidence:
        into.remarks.append("there is no other store to put the questions to")
    return into


def measure_site(site: Site, unit: Unit, wanted: Wanted, progress: Progress, into: Measured) -> None:
    """Put one corpus's questions to its store, to the baselines, and to the store without each term."""
    depth = DEPTHS[unit]
    timed = len(site.embedder.singles)
    _ask_ours(site, depth, wanted, progress, into.of(OURS))
    into.embedding += site.embedder.singles[timed:]
    _ask_baselines(site, depth, wanted, progress, into)
    for stage in wanted.second_looks:
        _ask_changed(site, depth, WITH + stage.reranker.reason, progress, into, stages=(stage,))
    for term, weights in switched_off().items() if wanted.terms else ():
        _ask_changed(site, depth, WITHOUT + term, progress, into, weights=weights)


def _ask_changed(
    site: Site,
    depth: int,
    row: str,
    progress: Progress,
    into: Measured,
    *,
    weights: Weights | None = None,
    stages: Sequence[Stage] = (),
) -> None:
    """The same questions, put to recall with something switched off or on."""
    with site.open(weights, stages=stages) as store, progress(f"{site.corpus.name}: {row}") as move:
        for done, question in enumerate(site.corpus.questions, start=1):
            ask(site, store, question, depth, into.of(row))
            move(done, len(site.corpus.questions))


def _ask_ours(site: Site, depth: int, wanted: Wanted, progress: Progress, into: Answers) -> None:
    with site.open() as store, progress(f"{site.corpus.name}: recalling") as move:
        store.recall(site.corpus.questions[0].text)  # a first query reads all vectors into memory
        for done, question in enumerate(site.corpus.questions, start=1):
            ask(site, store, question, depth, into)
            if wanted.budgets:
                ask_within_budgets(site, store, question, into)
            move(done, len(site.corpus.questions))


def _ask_elsewhere(site: Site, questions: tuple[Question, ...], progress: Progress, into: Answers) -> None:
    with site.open() as store, progress(f"{site.corpus.name}: what it cannot know") as move:
        for done, question in enumerate(questions, start=1):
            ask(site, store, Question(question.text, question.evidence), 1, into)
            move(done, len(questions))


def _ask_baselines(site: Site, depth: int, wanted: Wanted, progress: Progress, into: Measured) -> None:
    corpus = site.corpus
    with progress(f"{corpus.name}: embedding for the baselines") as move:
        baselines = Baselines([f"{turn.speaker}: {turn.text}" for turn in corpus.turns], site.embedder, move)
    deepest = max(depth, BUDGET_DEPTH if wanted.budgets else 0)
    with progress(f"{corpus.name}: baselines") as move:
        for done, question in enumerate(corpus.questions, start=1):
            for name, found in baselines.rankings(question.text, _allowed(site, question), deepest).items():
                answers = into.of(name)
                answers.ranked.append([corpus.keys[place] for place in found[:depth]])
                if wanted.budgets:
                    answers.packed.append(_packed(site, found, question))
            move(done, len(corpus.questions))


def _allowed(site: Site, question: Question) -> Bools:
    """Which turns may be recalled, shape (n,)."""
    turns = site.corpus.turns
    if question.as_of is None:
        return np.ones(len(turns), np.bool_)
    return np.array([(turn.said_at or site.now) <= question.as_of for turn in turns], np.bool_)


def _packed(site: Site, found: Ints, question: Question) -> list[float]:
    texts = [site.corpus.turns[place].text for place in found]
    return [share((site.corpus.keys[found[at]] for at in fitting(texts, budget)), question) for budget in BUDGETS]
