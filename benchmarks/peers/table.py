"""The one table: what each found, how early, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.bench.running import OURS


def print_set(report: Mapping[str, Any], console: Console) -> None:
    """One data set: mneme, the peers, and the baselines that mneme's own benchmark computes."""
    peers = report["peers"]
    by_title = {peer["title"]: peer for peer in peers.values()}
    table = Table(
        title=f"{report['name']}: {report['questions']:,} questions, {report['turns']:,} turns, "
        f"stores: {report['stores']}; evidence is {report['unit']}s",
        title_justify="left",
    )
    table.add_column("")
    for heading in ("version", "R@5", "R@10", "MRR", "ms a query", "p95"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("mneme ahead in R@10")
    methods = report["methods"]
    for name in [OURS, *(name for name in by_title if name in methods), *_others(methods, by_title)]:
        peer = by_title.get(name, {})
        times = report["ms"]["recall"] if name == OURS else peer.get("ms")
        lead = "" if name == OURS else _lead(methods[name])
        table.add_row(name, peer.get("version", ""), *_figures(methods[name]), *_times(times), lead)
    console.print(table)
    for peer in peers.values():
        if "failed" in peer:
            console.print(f"{peer['title']} was not measured: {peer['failed']}", soft_wrap=True, markup=False)
        elif peer["reached_for"]:
            hosts = ", ".join(peer["reached_for"])
            console.print(f"{peer['title']} tried to reach {hosts}, and was not let.", soft_wrap=True, markup=False)
    for remark in report["remarks"]:
        console.print(f"({remark})", markup=False)


def _others(methods: Mapping[str, Any], by_title: Mapping[str, Any]) -> list[str]:
    return [name for name in methods if name != OURS and name not in by_title]


def _figures(method: Mapping[str, Any]) -> tuple[str, str, str]:
    found = method["figures"]
    five, ten = (f"{100 * found[name]['value']:.1f}" for name in ("recall@5", "recall@10"))
    return five, ten, f"{found['mrr']['value']:.3f}"


def _times(times: Mapping[str, float] | None) -> tuple[str, str]:
    return (f"{times['median']:.1f}", f"{times['p95']:.1f}") if times else ("", "")


def _lead(method: Mapping[str, Any]) -> str:
    ahead = method["mneme_ahead_by"]["recall@10"]
    return f"{100 * ahead['value']:+.1f} \\[{100 * ahead['low']:+.1f}, {100 * ahead['high']:+.1f}]"
