"""`mneme learn`, from labels to a head in force, or to the reason why the fixed formula stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.bench.embedding import CachingEmbedder
from agent.bench.metrics import FIGURES
from agent.bench.site import Progress
from agent.learning.labelled import Gathered, as_examples, gathered
from agent.learning.trial import DECIDES, FEWEST, Trial, tried
from memory_store import MemoryStore
from memory_store.embedding import Embedder
from memory_store.learning.examples import Example
from memory_store.learning.files import Provenance


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    sources: Counter[str] = field(default_factory=Counter)
    """What is known from where -> pairs of query and memory."""
    skipped: Counter[str] = field(default_factory=Counter)
    queries: int = 0
    trial: Trial | None = None
    weights: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Constant -> before and, in the mean over the queries, after; with ``sharpness``."""
    says: float = 0.0
    """How much the network says of the best, in points of the score: its spread."""
    adopted: bool = False
    reason: str = ""
    """Why it was adopted or not."""

    @property
    def pairs(self) -> int:
        return self.sources.total()


def learn(
    store: MemoryStore,
    embedder: Embedder,
    progress: Progress,
    *,
    files: Sequence[Path] = (),
    format: str | None = None,
    dry_run: bool = False,
    seed: int = 0,
) -> Outcome:
    """Learn from the user's own signals and from labelled files, and adopt what is better on what it has not seen.

    Raises DataError for a file that cannot be read, NotLearned where learning went wrong, EmbedderError,
    StoreUnavailable. Whatever is raised, what was in force before stays so.
    """
    outcome = Outcome()
    given = store.labels_given()
    found: Gathered[Example] = gathered(files, store, CachingEmbedder(embedder), progress, format, as_examples)
    outcome.sources = given.sources + found.own.sources + found.sources
    outcome.skipped = given.skipped + found.skipped
    labels = [*given.items, *found.own.items]
    with progress("asking again what you asked") as move:
        examples = store.examples_of(labels, progress=move) if labels else []
    own = len(examples)
    examples += found.examples
    outcome.queries = len(examples)
    outcome.reason = too_little(examples)
    if outcome.reason:
        return outcome
    with progress("learning") as move:
        _tried_and_trained(store, embedder, examples, own, outcome, move, dry_run=dry_run, seed=seed)
    return outcome


class Judged(Protocol):
    """Candidates of one query, of which some were wanted or wrong."""

    @property
    def gold(self) -> NDArray[np.bool_]: ...
    @property
    def wrong(self) -> NDArray[np.bool_]: ...


def too_little(examples: Sequence[Judged]) -> str:
    """Why nothing can be learned from these; nothing where something can."""
    if not examples:
        return (
            "There is nothing to learn from yet. Mark memories under a reply as helpful or wrong, or give labelled "
            "files with --from."
        )
    wanted = sum(one.gold.any() for one in examples)
    if not wanted and any(one.wrong.any() for one in examples):
        return "All there is says what was wrong, and nothing what was wanted: that cannot tell what to put first."
    if wanted < FEWEST:
        return f"Too little to tell whether it is better: {wanted} of the {FEWEST} queries needed."
    return ""


def _tried_and_trained(
    store: MemoryStore,
    embedder: Embedder,
    examples: Sequence[Example],
    own: int,
    outcome: Outcome,
    move: Callable[[int, int], object],
    *,
    dry_run: bool,
    seed: int,
) -> None:
    from memory_store.learning.training import train

    trial, gains, places = tried(examples, seed=seed, progress=move)
    outcome.trial = trial
    trained = train(examples, seed=seed)
    head = trained.head()
    outcome.weights, outcome.says = trained.changed(examples)
    mine = gains[places < own]
    if not trial.better:
        outcome.reason = "Not better than the fixed formula beyond chance, on what it was not trained on."
    elif len(mine) >= FEWEST and mine.mean(0)[FIGURES.index(DECIDES)] < 0:
        outcome.reason = "Better on the labelled files, but worse on what you said yourself."
    elif dry_run:
        outcome.reason = "Better than the fixed formula. Nothing was changed (--dry-run)."
    else:
        store.adopt_head(head, provenance_of(store, embedder, outcome))
        outcome.adopted = True
        outcome.reason = "Better than the fixed formula: recall uses it from now on."


def provenance_of(store: MemoryStore, embedder: Embedder, outcome: Outcome) -> Provenance:
    """Where it comes from, on the day."""
    assert outcome.trial is not None
    return Provenance(
        learned_at=store.clock().isoformat(),
        embedder=embedder.fingerprint,
        embedder_name=embedder.name,
        sources=dict(outcome.sources),
        queries=outcome.queries,
        pairs=outcome.pairs,
        skipped=dict(outcome.skipped),
        held_out={name: one.row() for name, one in outcome.trial.compared.items()},
        weights={name: after for name, (_, after) in outcome.weights.items()},
        mneme=version("mneme"),
    )
