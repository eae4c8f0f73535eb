"""What was learned, and what is in force of it, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.text import show

if TYPE_CHECKING:
    from agent.learning.common import Outcome
    from agent.settings import RecallSettings
    from memory_store.learning.files import Provenance
    from memory_store.learning.tuned import Rerankers


def row_of(outcome: Outcome) -> dict[str, Any]:
    """As JSON."""
    from agent.learning.rerank import Reranked

    trial = outcome.trial
    found: dict[str, Any] = {
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
    }
    if isinstance(outcome, Reranked):
        return {**found, "weight": outcome.weight, "milliseconds": round(outcome.milliseconds, 1)}
    found["weights"] = {
        name: {"before": round(before, 4), "after": round(after, 4)}
        for name, (before, after) in outcome.weights.items()
    }
    return found


def print_outcome(outcome: Outcome, *, used: bool) -> None:
    """What came of learning a head, or of tuning a reranker."""
    from agent.learning.rerank import Reranked

    tuned = isinstance(outcome, Reranked)
    _print_tried(outcome, ("without", "with it") if tuned else ("formula", "learned"))
    if outcome.trial is not None:
        if isinstance(outcome, Reranked):
            show.line(
                f"Its favourite gains {outcome.weight:g}. It takes {outcome.milliseconds:,.0f} ms for a query here."
            )
        else:
            _print_constants(outcome)
        show.line()
    show.line(outcome.reason)
    if outcome.adopted and not used:
        what = "it is not used" if tuned else "the fixed formula weighs"
        show.say(f"But recall.learned is false in the settings, so {what}.")
    elif outcome.adopted:
        show.say(f"`mneme learn {'--reranker --undo` takes it away' if tuned else '--undo` goes back'}.")


def _print_constants(outcome: Outcome) -> None:
    show.line(f"{'constant':<16}{'before':>9}{'after':>9}   (mean over the queries)")
    for name, (before, after) in outcome.weights.items():
        show.line(f"{name.replace('_', ' '):<16}{before:>9.3f}{after:>9.3f}")
    show.line(f"{'learned':<16}{'-':>9}{outcome.says:>9.3f}   (the network's word: its spread)")


def _print_tried(outcome: Outcome, columns: tuple[str, str]) -> None:
    from agent.bench.data import counted

    for source, pairs in sorted(outcome.sources.items()):
        show.line(f"{show.count(pairs, 'pair')} {'' if _is_deed(source) else 'from '}{source}")
    for what, how_many in sorted(outcome.skipped.items()):
        show.line(f"left out: {counted(how_many, what)}")
    trial = outcome.trial
    if trial is None:
        return
    show.line()
    show.line(f"On {show.count(trial.queries, 'query', 'queries')} it was not trained on ({trial.folds} parts):")
    show.line(f"{'':<12}{columns[0]:>9}{columns[1]:>9}   difference, 95 % interval")
    for name, one in trial.compared.items():
        gain = one.gain
        show.line(
            f"{name:<12}{100 * one.formula:>9.1f}{100 * one.head:>9.1f}"
            f"   {100 * gain.value:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
        )
    show.line()


def _is_deed(source: str) -> bool:
    return source.split(maxsplit=1)[0] in {"marked", "cited", "pinned", "opened", "labelled"}


def print_status(
    heads: list[tuple[Provenance | None, str]], rerankers: Rerankers, recall: RecallSettings, *, as_json: bool
) -> None:
    """What is in force, and where it comes from."""
    from dataclasses import asdict

    newest, refusal = heads[-1] if heads else (None, "")
    if as_json:
        tuned, why_not = rerankers.newest()
        show.document(
            {
                "in_force": bool(heads) and not refusal and recall.learned,
                "switched_on": recall.learned,
                "refused": refusal,
                "kept": len(heads),
                "head": None if newest is None else asdict(newest),
                "reranker": None if tuned is None else {**asdict(tuned), "refused": why_not},
            }
        )
        return
    _print_head(heads, used=recall.learned)
    _print_reranker(rerankers, recall)


def _print_head(heads: list[tuple[Provenance | None, str]], *, used: bool) -> None:
    newest, refusal = heads[-1] if heads else (None, "")
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
        _print_origin(newest)
    if len(heads) > 1:
        show.line(
            f"`mneme learn --undo` goes back to what was learned before ({show.count(len(heads) - 1, 'head')} kept)."
        )
    else:
        show.line("`mneme learn --undo` goes back to the fixed formula.")


def _print_reranker(rerankers: Rerankers, recall: RecallSettings) -> None:
    tuned, refusal = rerankers.newest()
    if tuned is None and not refusal:
        return
    show.line()
    if refusal:
        show.line(f"A reranker was tuned, and cannot be used: {refusal}.")
    elif not recall.learned:
        show.line("A reranker was tuned, and is not used: recall.learned is false in the settings.")
    elif recall.reranker is not None:
        show.line("A reranker was tuned, and is not used: recall.reranker names another.")
    else:
        show.line("A tuned reranker looks again at the best.")
    if tuned is not None:
        _print_origin(tuned.provenance)
        show.line(f"cost      {tuned.milliseconds:,.0f} ms for a query, where it was tuned")
    show.line("`mneme learn --reranker --undo` takes it away.")


def _print_origin(origin: Provenance) -> None:
    show.line(f"learned   {origin.learned_at[:16].replace('T', ' ')} UTC, with {origin.embedder_name}")
    known = ", ".join(f"{pairs:,} {source}" for source, pairs in sorted(origin.sources.items()))
    show.line(f"from      {show.count(origin.queries, 'query', 'queries')}: {known}")
    for name, one in origin.held_out.items():
        show.line(
            f"{name:<10}{100 * one['formula']:.1f} -> {100 * one['head']:.1f} on what it was not trained on"
            f" ({100 * one['gain']:+.1f} [{100 * one['low']:+.1f}, {100 * one['high']:+.1f}])"
        )
