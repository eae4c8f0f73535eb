"""A benchmark's figures as tables of at most 100 columns, or as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.text import show

WIDTH = 100
SHARES = ("recall@1", "recall@3", "recall@5", "recall@10", "recall@25", "all@10")
HEADINGS = ("R@1", "R@3", "R@5", "R@10", "R@25", "all@10", "MRR", "nDCG")
OURS = "mneme"
WITHOUT = "without "

Report = Mapping[str, Any]


def prepare(plot: Path | None) -> None:
    """What can be refused before anything slow is begun. Raises MnemeError."""
    if plot is not None:
        from agent.bench.plot import check_drawable

        check_drawable(plot)


def conclude(reports: Sequence[Report], *, seed: int, embedder: str, as_json: bool, plot: Path | None) -> None:
    """Print what was measured, and draw it if that was asked for."""
    if as_json:
        show.document({"embedder": embedder, "seed": seed, "sets": list(reports)})
    for number, report in enumerate(() if as_json else reports):
        if number:
            show.line()
        print_report(report)
    if plot is not None:
        from agent.bench.plot import draw

        draw(reports, plot)
        show.say(f"Drawn: {plot}")


def print_report(report: Report) -> None:
    """One data set."""
    show.line(
        f"{report['name']}: {show.count(report['questions'], 'question')}, {show.count(report['turns'], 'turn')}, "
        f"{show.count(report['stores'], 'store')}; evidence is {report['unit']}s"
    )
    for remark in report["remarks"]:
        show.line(f"({remark})")
    show.line()
    _methods(report["methods"])
    own = _interval(report["methods"][OURS]["figures"]["recall@10"], signed=False)
    show.line(f"In brackets: 95 % intervals. {OURS}'s own R@10: {own}")
    _categories(report["categories"])
    _budgets(report.get("budgets"))
    _nothing(report.get("nothing_on_that"))
    _times(report["ms"])


def _methods(methods: Mapping[str, Any]) -> None:
    """Every method's figures, and by how much mneme is ahead of it."""
    rows = []
    for name, method in methods.items():
        values = {figure: one["value"] for figure, one in method["figures"].items()}
        lead = "" if name == OURS else _interval(method["mneme_ahead_by"]["recall@10"], signed=True)
        rows.append((name, *_figures(values), lead))
    table(("", *HEADINGS, "mneme's lead in R@10"), rows)


def _figures(values: Mapping[str, float]) -> tuple[str, ...]:
    return (*(f"{100 * values[name]:.1f}" for name in SHARES), f"{values['mrr']:.3f}", f"{values['ndcg@10']:.3f}")


def _interval(one: Mapping[str, float], *, signed: bool) -> str:
    sign = "+" if signed else ""
    return f"{100 * one['value']:{sign}.1f} [{100 * one['low']:{sign}.1f}, {100 * one['high']:{sign}.1f}]"


def _categories(categories: Mapping[str, Any]) -> None:
    """mneme's figures, and then recall@10 beside the baselines'."""
    if not categories:
        return
    methods = [name for name in next(iter(categories.values()))["methods"] if not name.startswith(WITHOUT)]
    own, beside = [], []
    for name, category in categories.items():
        count, figures = f"{category['questions']:,}", category["methods"]
        own.append((name, count, *_figures(figures[OURS])))
        beside.append((name, count, *(f"{100 * figures[method]['recall@10']:.1f}" for method in methods)))
    show.line()
    show.line(f"{OURS} by category")
    table(("", "n", *HEADINGS), own)
    show.line()
    show.line("R@10 by category")
    table(("", "n", *methods), beside)


def _budgets(budgets: Mapping[str, Any] | None) -> None:
    if budgets:
        sizes = list(next(iter(budgets.values())))
        rows = [(name, *(_interval(found[size], signed=False) for size in sizes)) for name, found in budgets.items()]
        show.line()
        show.line("Share of the evidence within a budget of tokens")
        table(("", *sizes), rows)


def _nothing(found: Mapping[str, Any] | None) -> None:
    if found:
        show.line()
        show.line(
            f'Put to the wrong store: AUROC of confidence {found["auroc"]:.3f}; "nothing on that" is said '
            f"of {found['denied_where_it_is_not']:.0%} there, and wrongly of {found['denied_where_it_is']:.0%}"
        )


def _times(times: Mapping[str, Any]) -> None:
    spoken = [
        f"{label} {spread['median']:.1f} (p95 {spread['p95']:.1f})"
        for label, spread in (("recall", times["recall"]), ("embedding the query", times["query_embedding"]))
        if spread
    ]
    show.line()
    show.line(f"Milliseconds a query, median: {', '.join(spoken)}")
    for row, spread in times.get("second_looks", {}).items():
        show.line(f"{row}: recall {spread['median']:.1f} (p95 {spread['p95']:.1f})")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column begins at the left, numbers end at the right."""
    lines = [tuple(headings), *map(tuple, rows)]
    names = [show.fit(line[0], max(show.cell_width(one[0]) for one in lines)) for line in lines]
    widths = [max(map(len, column)) for column in list(zip(*lines, strict=True))[1:]]
    for name, line in zip(names, lines, strict=True):
        cells = [cell.rjust(wide) for cell, wide in zip(line[1:], widths, strict=True)]
        show.line(show.fit("  ".join((name, *cells)), WIDTH).rstrip())
