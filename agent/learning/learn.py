"""`mneme learn`, from labels to a head in force, or to the reason why the fixed formula stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.bench.site import Progress
from agent.learning.common import WISH, Outcome, Wish, asked_again, provenance_of, verdict
from agent.learning.labelled import as_examples
from agent.learning.trial import tried
from memory_store import MemoryStore
from memory_store.embedding import Embedder
from memory_store.learning.examples import Example


def learn(store: MemoryStore, embedder: Embedder, progress: Progress, wish: Wish = WISH) -> Outcome:
    """Learn from the user's own signals and from labelled files, and adopt what is better on what it has not seen.

    Raises DataError for a file that cannot be read, NotLearned where learning went wrong, EmbedderError,
    StoreUnavailable. Whatever is raised, what was in force before stays so.
    """
    outcome = Outcome()
    examples, own = asked_again(store, embedder, progress, wish, as_examples, outcome)
    if not outcome.reason:
        with progress("learning") as move:
            _tried_and_trained(store, embedder, examples, own, outcome, move, wish)
    return outcome


def _tried_and_trained(
    store: MemoryStore,
    embedder: Embedder,
    examples: Sequence[Example],
    own: int,
    outcome: Outcome,
    move: Callable[[int, int], object],
    wish: Wish,
) -> None:
    from memory_store.learning.training import train

    outcome.trial, gains, places = tried(examples, seed=wish.seed, progress=move)
    trained = train(examples, seed=wish.seed)
    outcome.weights, outcome.says = trained.changed(examples)
    outcome.reason = verdict(outcome.trial, gains[places < own], wish, than="the fixed formula")
    if not outcome.reason:
        store.adopt_head(trained.head(), provenance_of(store, embedder, outcome))
        outcome.adopted = True
        outcome.reason = "Better than the fixed formula: recall uses it from now on."
