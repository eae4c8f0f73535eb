"""``mneme bench recall``: labelled data sets, imported into scratch stores and asked through the public door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.bench.options import Budget, LateInteraction, NoTerms, Plot, RerankerFolder, Seed, second_looks
from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress

if TYPE_CHECKING:
    from agent.bench.data import DataSet
    from agent.bench.embedding import CachingEmbedder


def recall(
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="Files or folders.", show_default=False)],
    *,
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="locomo, realmem, madial, beam or jsonl; without: as it looks."),
    ] = None,
    pooled: Annotated[bool, typer.Option("--pooled", help="All of a set in one store.")] = False,
    budget: Budget = False,
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="Also: how well confidence knows a wrong store.")
    ] = False,
    limit_questions: Annotated[
        int | None, typer.Option("--limit-questions", metavar="N", min=1, help="Only the first N: a quick look.")
    ] = None,
    no_terms: NoTerms = False,
    late_interaction: LateInteraction = False,
    reranker: RerankerFolder = None,
    head: Annotated[
        bool, typer.Option("--head", help="Instead: what learned heads (key-value, NTM, DNC, full) find, in rotation.")
    ] = False,
    plot: Plot = None,
    seed: Seed = 0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Measure recall on labelled data, beside plain tools on the same data.

    LoCoMo, RealMem, MADial-Bench, BEAM, and mneme's own JSON lines with questions in them; docs/bench.md describes
    each. Everything happens in scratch stores: no profile is read or written.

    \b
    mneme bench recall locomo10.json
    mneme bench recall locomo10.json --pooled --budget --plot recall.png
    mneme bench recall realmem/ madial/ --limit-questions 50 --no-terms
    mneme bench recall locomo10.json --late-interaction --reranker ~/reranker
    mneme bench recall locomo10.json --head
    mneme bench recall questions.jsonl --json | jq '.sets[0].methods.mneme'
    """
    from agent.bench.embedding import CachingEmbedder
    from agent.bench.report import report
    from agent.bench.running import Wanted, measure
    from memory_store.embedding import embedder_named
    from tui.commands.bench.printing import conclude, prepare

    _refuse(format, beside_head=head and (plot or pooled or budget or elsewhere or late_interaction or reranker))
    prepare(plot)
    settings = open_settings(home, profile)
    raw = embedder_named(settings.recall.embedder)
    looks = second_looks(settings, raw, late_interaction=late_interaction, reranker=reranker)
    wanted = Wanted(terms=not no_terms, budgets=budget, elsewhere=elsewhere, second_looks=looks)

    sets = _sets(data, format, pooled=pooled, limit=limit_questions)
    embedder = CachingEmbedder(raw)
    if head:
        _compare_heads(sets, embedder, seed=seed, as_json=as_json)
        return
    reports = [report(measure(found, embedder, wanted, progress), seed=seed) for found in sets]
    conclude(reports, seed=seed, embedder=embedder.name, as_json=as_json, plot=plot)


def _refuse(format: str | None, *, beside_head: object) -> None:
    """What cannot be meant. Raises BadParameter."""
    from agent.bench.formats.loading import FORMATS

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    if beside_head:
        raise typer.BadParameter(
            "--head is a comparison of its own: give it DATA, --format, --limit-questions", param_hint="--head"
        )


def _sets(data: list[Path], format: str | None, *, pooled: bool, limit: int | None) -> list[DataSet]:
    from agent.bench.formats.loading import load

    found = [one.pooled() if pooled else one for one in load(data, format)]
    return found if limit is None else [one.limited(limit) for one in found]


def _compare_heads(sets: list[DataSet], embedder: CachingEmbedder, *, seed: int, as_json: bool) -> None:
    from agent.learning.comparing import compare
    from tui.commands.bench import printing_heads

    compared = [compare(one, embedder, progress, seed=seed) for one in sets]
    printing_heads.conclude(compared, seed=seed, embedder=embedder.name, as_json=as_json)
