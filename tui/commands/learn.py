"""``mneme learn``: recall learns from what its owner marked and did; adopted only where that is better."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui import show
from tui.commands.opening import caught_up, open_settings, store_of
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress

if TYPE_CHECKING:
    from agent.learning.learn import Outcome
    from memory_store.learning.files import Provenance


def learn(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="Labelled data too; may be given again.", show_default=False),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of the files: locomo, realmem, madial, beam or jsonl; without: as it looks."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, and change nothing.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to what was in force before.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what is in force, and where it comes from.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="For what is drawn by lot.")] = 0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Let recall learn from you: from what you marked, cited, pinned and opened.

    What is learned is tried on queries it was not trained on, and adopted only where it finds more than the fixed
    formula beyond chance. Everything stays on this machine; docs/learning.md says how it works.

    \b
    mneme learn --dry-run
    mneme learn
    mneme learn --from questions.jsonl
    mneme learn --status
    mneme learn --undo
    """
    if undo and (status or files or dry_run):
        raise typer.BadParameter("--undo goes alone", param_hint="--undo")
    settings = open_settings(home, profile)
    if undo or status:
        with store_of(settings) as store:
            if undo and not store.undo_head():
                show.say("Nothing was learned here, so the fixed formula is in force already.")
            _status(store.learned(), used=settings.recall.learned, as_json=as_json)
        return
    from agent.bench.formats.loading import FORMATS
    from agent.learning.learn import learn as learn_from
    from memory_store.embedding import embedder_named

    if format is not None and format not in FORMATS:
        raise typer.BadParameter(f"the formats are {', '.join(FORMATS)}", param_hint="--format")
    with store_of(settings, indexing="manual") as store:
        caught_up(store)
        embedder = embedder_named(settings.recall.embedder)
        outcome = learn_from(store, embedder, progress, files=files or (), format=format, dry_run=dry_run, seed=seed)
    if as_json:
        show.document(_row(outcome))
    else:
        _print(outcome, used=settings.recall.learned)


def _row(outcome: Outcome) -> dict[str, Any]:
    trial = outcome.trial
    return {
        "adopted": outcome.adopted,
        "reason": outcome.reason,
        "queries": outcome.queries,
        "pairs": outcome.pairs,
        "sources": dict(outcome.sources),
        "skipped": dict(outcome.skipped),
        "held_out": None
        if trial is None
        else {
            "queries": trial.queries,
            "folds": trial.folds,
            "figures": {name: one.row() for name, one in trial.compared.items()},
        },
        "weights": {
            name: {"before": round(before, 4), "after": round(after, 4)}
            for name, (before, after) in outcome.weights.items()
        },
    }


def _print(outcome: Outcome, *, used: bool) -> None:
    from agent.bench.data import counted

    for source, pairs in sorted(outcome.sources.items()):
        show.line(f"{show.count(pairs, 'pair')} {'' if _is_deed(source) else 'from '}{source}")
    for what, how_many in sorted(outcome.skipped.items()):
        show.line(f"left out: {counted(how_many, what)}")
    trial = outcome.trial
    if trial is not None:
        show.line()
        show.line(f"On {show.count(trial.queries, 'query', 'queries')} it was not trained on ({trial.folds} parts):")
        show.line(f"{'':<12}{'formula':>9}{'learned':>9}   difference, 95 % interval")
        for name, one in trial.compared.items():
            gain = one.gain
            show.line(
                f"{name:<12}{100 * one.formula:>9.1f}{100 * one.head:>9.1f}"
                f"   {100 * gain.value:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
            )
        show.line()
        show.line(f"{'constant':<16}{'before':>9}{'after':>9}   (mean over the queries)")
        for name, (before, after) in outcome.weights.items():
            show.line(f"{name.replace('_', ' '):<16}{before:>9.3f}{after:>9.3f}")
        show.line(f"{'learned':<16}{'-':>9}{outcome.says:>9.3f}   (the network's word: its spread)")
        show.line()
    show.line(outcome.reason)
    if outcome.adopted and not used:
        show.say("But recall.learned is false in the settings, so the fixed formula weighs.")
    elif outcome.adopted:
        show.say("`mneme learn --undo` goes back.")


def _is_deed(source: str) -> bool:
    return source.split(maxsplit=1)[0] in {"marked", "cited", "pinned", "opened", "labelled"}


def _status(heads: list[tuple[Provenance | None, str]], *, used: bool, as_json: bool) -> None:
    from dataclasses import asdict

    newest, refusal = heads[-1] if heads else (None, "")
    if as_json:
        found = None if newest is None else asdict(newest)
        in_force = bool(heads) and not refusal and used
        show.document(
            {"in_force": in_force, "switched_on": used, "refused": refusal, "kept": len(heads), "head": found}
        )
        return
    if not heads:
        show.line("The fixed formula is in force: nothing was learned here.")
        return
    if refusal:
        show.line(f"The fixed formula is in force: what was learned cannot be used, for {refusal}.")
    elif not used:
        show.line("The fixed formula is in force: recall.learned is false in the settings.")
    else:
        show.line("What was learned is in force.")
    if newest is not None:
        show.line(f"learned   {newest.learned_at[:16].replace('T', ' ')} UTC, with {newest.embedder_name}")
        known = ", ".join(f"{pairs:,} {source}" for source, pairs in sorted(newest.sources.items()))
        show.line(f"from      {show.count(newest.queries, 'query', 'queries')}: {known}")
        for name, one in newest.held_out.items():
            show.line(
                f"{name:<10}{100 * one['formula']:.1f} -> {100 * one['head']:.1f} on what it was not trained on"
                f" ({100 * one['gain']:+.1f} [{100 * one['low']:+.1f}, {100 * one['high']:+.1f}])"
            )
    if len(heads) > 1:
        show.line(
            f"`mneme learn --undo` goes back to what was learned before ({show.count(len(heads) - 1, 'head')} kept)."
        )
    else:
        show.line("`mneme learn --undo` goes back to the fixed formula.")
