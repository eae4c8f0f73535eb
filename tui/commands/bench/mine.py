"""``mneme bench mine``: the same figures on the profile's own memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tui.commands.bench.options import Budget, LateInteraction, NoTerms, Plot, RerankerFolder, Seed, second_looks
from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress


def mine(
    *,
    questions: Annotated[
        int, typer.Option("--questions", "-n", metavar="N", min=1, max=100_000, help="Ask at most this many.")
    ] = 200,
    budget: Budget = False,
    no_terms: NoTerms = False,
    late_interaction: LateInteraction = False,
    reranker: RerankerFolder = None,
    plot: Plot = None,
    seed: Seed = 0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Measure recall on your own memory, with questions made from it.

    Memories are picked by lot; each is asked for by a few of its rarer words, in another order, and should come
    back. It works on a copy: the profile is not written.

    \b
    mneme bench mine
    mneme bench mine --questions 500 --plot mine.png
    mneme bench mine --json --no-terms | jq '.sets[0].methods.mneme'
    """
    from agent.bench.embedding import CachingEmbedder
    from agent.bench.mine import measure_mine, snapshot
    from agent.bench.report import report
    from agent.bench.running import Wanted
    from agent.opening import in_a_folder
    from memory_store.embedding import embedder_named
    from tui.commands.bench.printing import conclude, prepare
    from tui.commands.passphrases import unlocked

    prepare(plot)
    settings = open_settings(home, profile)
    raw = embedder_named(settings.recall.embedder)
    looks = second_looks(settings, raw, late_interaction=late_interaction, reranker=reranker)
    embedder = CachingEmbedder(raw)
    with tempfile.TemporaryDirectory(prefix="mneme-bench-") as folder:
        passphrase = unlocked(settings)
        snapshot(in_a_folder(settings, "Measuring on one's own memory"), Path(folder), passphrase)
        wanted = Wanted(terms=not no_terms, budgets=budget, second_looks=looks)
        measured = measure_mine(
            Path(folder),
            embedder,
            count=questions,
            seed=seed,
            wanted=wanted,
            progress=progress,
            passphrase=passphrase,
        )
    conclude([report(measured, seed=seed)], seed=seed, embedder=embedder.name, as_json=as_json, plot=plot)
