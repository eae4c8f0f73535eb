"""timeline: when things were said, how strong what is remembered still is, and what a prune would take."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import Home, Json, Profile
from tui.memories import timeline
from tui.text import plots, show

if TYPE_CHECKING:
    from tui.memories.timeline import Timeline, Unit

HEIGHT = 9
NARROWEST, WIDEST = 40, 120


def print_timeline(
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="UNIT", help="day, week, month or year; without: the finest that fits."),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Draw what was said when, how strong it is, and what a prune would take.

    Strength falls with age and rises with use (docs/recall.md); pinned memories do not fade and are not counted.

    \b
    mneme memory timeline
    mneme memory timeline --by week
    mneme memory timeline --json
    """
    unit = _unit(by)
    with open_store(home, profile) as store:
        found = timeline.read(store)
    if as_json:
        show.document(_document(found, unit or "day"))
    elif not found.days:
        show.say("Nothing is remembered yet.")
    else:
        _draw(found, unit, max(NARROWEST, min(WIDEST, shutil.get_terminal_size((show.WIDTH, 24)).columns)))


def _unit(by: str | None) -> Unit | None:
    for unit in timeline.UNITS:
        if by == unit:
            return unit
    if by is not None:
        raise typer.BadParameter(f"one of {', '.join(timeline.UNITS)}", param_hint="--by")
    return None


def _draw(found: Timeline, unit: Unit | None, width: int) -> None:
    chosen = unit or timeline.fitting(found.days, width - 8)
    spans, earlier = timeline.last(timeline.gathered(found.days, chosen), width - 8)
    show.line(f"Turns per {chosen}" + (f", the last {len(spans)}; earlier: {earlier:,}" if earlier else ""))
    labels = [timeline.label(span.begins, chosen) for span in spans]
    _print(plots.columns([span.turns for span in spans], labels, width=width, height=HEIGHT))
    show.line()
    show.line("Strength of what a prune could take")
    _print(plots.columns(found.strengths, timeline.STRENGTHS, width=width, height=HEIGHT))
    show.line()
    considered = sum(found.strengths)
    rows = [(f"{weaker:g}", f"{taken:,}", f"{taken / max(1, considered):.0%}") for weaker, taken in found.prune]
    show.table(("PRUNE --WEAKER-THAN", "WOULD FORGET", "OF THEM"), rows, width=width)


def _print(lines: list[str]) -> None:
    for line in lines:
        show.line(line)


def _document(found: Timeline, unit: Unit) -> dict[str, object]:
    spans = timeline.gathered(found.days, unit)
    return {
        "by": unit,
        "turns": [{"begins": span.begins.isoformat(), "turns": span.turns} for span in spans],
        "strength": [
            {"from": n / timeline.BINS, "to": (n + 1) / timeline.BINS, "memories": count}
            for n, count in enumerate(found.strengths)
        ],
        "prune": [{"weaker_than": weaker, "memories": taken} for weaker, taken in found.prune],
    }
