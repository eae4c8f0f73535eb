"""The comparison of learned heads as a table, or as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui.text import show

if TYPE_CHECKING:
    from agent.learning.comparing import Comparison

SHOWN = ("recall@1", "recall@5", "recall@10", "ndcg@10")


def conclude(found: Sequence[Comparison], *, seed: int, embedder: str, as_json: bool) -> None:
    """Print what was compared."""
    if as_json:
        show.document({"embedder": embedder, "seed": seed, "sets": [_row(one) for one in found]})
        return
    for number, one in enumerate(found):
        if number:
            show.line()
        _print(one)


def _row(found: Comparison) -> dict[str, Any]:
    return {
        "name": found.data.name,
        "unit": found.data.unit,
        "stores": len(found.data.corpora),
        "turns": found.data.turns,
        "questions": found.questions,
        "splits": found.splits,
        "held_out": found.by,
        "heads": {name: {figure: one.row() for figure, one in row.items()} for name, row in found.heads.items()},
    }


def _print(found: Comparison) -> None:
    from agent.learning.comparing import FORMULA

    show.line(
        f"{found.data.name}: {show.count(found.questions, 'question')}, {show.count(len(found.data.corpora), 'store')};"
        f" trained on some {found.by} and tried on the others, {found.splits} times"
    )
    show.line()
    show.line(f"{'':<32}{'R@1':>6}{'R@5':>6}{'R@10':>6}{'nDCG':>7}   gain in R@5         in nDCG@10")
    first = next(iter(found.heads.values()))
    show.line(f"{FORMULA:<32}" + _figures([first[name].formula for name in SHOWN]))
    for name, row in found.heads.items():
        gains = [row["recall@5"].gain, row["ndcg@10"].gain]
        spoken = [f"{100 * one.value:+.1f} [{100 * one.low:+.1f}, {100 * one.high:+.1f}]" for one in gains]
        show.line(f"{name:<32}" + _figures([row[figure].head for figure in SHOWN]) + f"   {spoken[0]:<20}{spoken[1]}")
    show.line("In brackets: 95 % intervals, question by question (paired bootstrap).")


def _figures(values: Sequence[float]) -> str:
    *shares, ndcg = values
    return "".join(f"{100 * one:>6.1f}" for one in shares) + f"{ndcg:>7.3f}"
