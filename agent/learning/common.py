"""What learning a head and tuning a cross-encoder have in common: what is asked of them, where they begin, and when
what they made is adopted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from agent.bench.embedding import CachingEmbedder
from agent.bench.metrics import FIGURES
from agent.bench.site import Progress
from agent.learning.labelled import Ask, Asked, Gathered, Kind, gathered
from agent.learning.trial import DECIDES, FEWEST, Floats, Trial
from memory_store import MemoryStore
from memory_store.embedding import Embedder
from memory_store.learning.files import Provenance


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be learned from, beside the user's own signals, and what is to come of it."""

    files: Sequence[Path] = ()
    format: str | None = None
    """Of the files; None: as each looks."""
    dry_run: bool = False
    seed: int = 0


WISH = Wish()


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


def asked_again(
    store: MemoryStore, embedder: Embedder, progress: Progress, wish: Wish, ask: Ask[Kind], outcome: Outcome
) -> tuple[list[Kind], int]:
    """What came of every question there is to learn from, and how many of these are the user's own, which come first;
    the outcome is told where they are from, and the reason where they are too few."""
    given = store.labels_given()
    found: Gathered[Kind] = gathered(wish.files, store, CachingEmbedder(embedder), progress, wish.format, ask)
    outcome.sources = given.sources + found.own.sources + found.sources
    outcome.skipped = given.skipped + found.skipped
    labels = [*given.items, *found.own.items]
    with progress("asking again what you asked") as move:
        asked = ask(store, labels, None, move) if labels else []
    outcome.queries = len(asked) + len(found.examples)
    outcome.reason = too_little([*asked, *found.examples])
    return [*asked, *found.examples], len(asked)


def too_little(examples: Sequence[Asked]) -> str:
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


def verdict(trial: Trial, mine: Floats, wish: Wish, *, than: str) -> str:
    """Why what was tried is not adopted; nothing where it is. ``mine``: the gains of the user's own queries, as
    :func:`tried` has them; ``than``: what it was compared with."""
    if not trial.better:
        return f"Not better than {than} beyond chance, on what it was not trained on."
    if len(mine) >= FEWEST and mine.mean(0)[FIGURES.index(DECIDES)] < 0:
        return "Better on the labelled files, but worse on what you said yourself."
    return f"Better than {than}. Nothing was changed (--dry-run)." if wish.dry_run else ""


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
