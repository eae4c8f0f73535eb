"""The figures of ``bench answers`` as a table of at most 100 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.text import show

Report = Mapping[str, Any]
HEADINGS = ("", "exact", "F1", "contains", "cited right", "s/answer", "p95", "tokens")


def print_report(report: Report, model: str) -> None:
    """One data set."""
    from agent.bench.answers.answering import NAMES

    asked, turns = show.count(report["questions"], "question"), show.count(report["turns"], "turn")
    show.line(f"{report['name']}: {asked} to {model}, {turns}, {show.count(report['stores'], 'store')}")
    for remark in report["remarks"]:
        show.line(f"({remark})")
    show.line()
    modes = report["modes"]
    show.table(HEADINGS, [_row(NAMES[mode], found) for mode, found in modes.items()], width=100)
    show.line()
    for mode, found in modes.items():
        said = f"{NAMES[mode]}: F1 {_interval(found['f1'])}"
        if "ahead_of_none" in found:
            said += f"; ahead of none by {_interval(found['ahead_of_none']['f1'], signed=True)}"
        if "history_read" in found:
            said += f"; {found['history_read']:.0%} of the history fitted"
        show.line(said)
    show.line("In brackets: 95 % intervals. Tokens: of the prompt, median.")


def _row(name: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    right = found["citation_precision"]
    return (
        name,
        *(f"{100 * found[score]['value']:.1f}" for score in ("exact_match", "f1", "contains")),
        "-" if right is None else f"{100 * right:.1f}",
        *(f"{found['seconds'][which]:.2f}" for which in ("median", "p95")),
        f"{found['prompt_tokens']:,}",
    )


def _interval(one: Mapping[str, float], *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{100 * one['value']:{sign}.1f} [{100 * one['low']:{sign}.1f}, {100 * one['high']:{sign}.1f}]"
