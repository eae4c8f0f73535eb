"""``mneme bench retention``: what a memory still finds when a share of it was forgotten, by each order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tui.commands.bench.options import Seed
from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.text import show


def retention(
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="Files or folders.", show_default=False)],
    *,
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="locomo, realmem, madial, beam or jsonl; without: as it looks."),
    ] = None,
    limit_questions: Annotated[
        int | None, typer.Option("--limit-questions", metavar="N", min=2, help="Only the first N: a quick look.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Measure recall after a share of the memory was forgotten.

    By every order in which memories can give way (`mneme memory policy` names them), beside random. Half of the
    questions are asked first and give memories their use; the other half is measured, and then the halves change
    places. Everything happens in scratch stores: no profile is read or written.

    \b
    mneme bench retention locomo10.json
    mneme bench retention locomo10.json --limit-questions 100 --json
    """
    from agent.bench.embedding import CachingEmbedder
    from agent.bench.forgetting import forgetting_report, measure_forgetting
    from agent.bench.formats.loading import FORMATS, load
    from memory_store.embedding import embedder_named

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    settings = open_settings(home, profile)
    embedder = CachingEmbedder(embedder_named(settings.recall.embedder))
    sets = [one if limit_questions is None else one.limited(limit_questions) for one in load(data, format)]
    reports = [forgetting_report(measure_forgetting(one, embedder, progress, seed=seed), seed=seed) for one in sets]
    if as_json:
        show.document({"embedder": embedder.name, "seed": seed, "sets": reports})
        return
    for number, report in enumerate(reports):
        if number:
            show.line()
        _print(report)


def _print(report: Mapping[str, Any]) -> None:
    from tui.commands.bench.printing import table

    show.line(
        f"{report['name']}: {show.count(report['questions'], 'question')}, {show.count(report['turns'], 'turn')}, "
        f"{show.count(report['stores'], 'store')}; each half of the questions was the past of the other"
    )
    for remark in report["remarks"]:
        show.line(f"({remark})")
    methods = dict(report["methods"])
    [whole] = methods.pop("nothing forgotten").values()
    shares = list(next(iter(methods.values())))
    rows = [
        (name, *(f"{_percent(found[share]['recall@10'])} {_ahead(found[share])}".strip() for share in shares))
        for name, found in methods.items()
    ]
    show.line()
    show.line(
        f"R@10 with nothing forgotten: {_percent(whole['recall@10'])}. Forgotten, and in brackets ahead of random:"
    )
    table(("", *shares), rows)


def _percent(one: Mapping[str, float]) -> str:
    return f"{100 * one['value']:.1f}"


def _ahead(found: Mapping[str, Any]) -> str:
    one = found["ahead_of_random"]
    return f"[{100 * one['low']:+.1f}, {100 * one['high']:+.1f}]"
