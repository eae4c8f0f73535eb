"""The figures behind the timeline: days, weeks or months with what was said in them, strengths, what a prune takes.

Pure functions: the screen and ``mneme memory timeline`` show the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.records import IndexState, StoreStats

Unit = Literal["day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
"""Strengths that `mneme memory prune --weaker-than` might be given."""
BINS = 10
STRENGTHS = tuple(f"{n / BINS:.1f}" for n in range(BINS))
"""Where each tenth of strength begins."""


@dataclass(frozen=True, slots=True)
class Span:
    """A day, week (from Monday), month or year, and how many turns were said in it."""

    begins: date
    turns: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the timeline shows."""

    days: tuple[Span, ...]
    """Days on which something was said, in the reader's time zone, in order."""
    strengths: tuple[int, ...]
    """Memories in each tenth of strength, weakest first."""
    prune: tuple[tuple[float, int], ...]
    """Threshold, and how many memories are weaker."""
    stats: StoreStats
    index: IndexState


def read(store: MemoryStore) -> Timeline:
    """Raises StoreError."""
    import numpy as np

    held = store.strengths()
    return Timeline(
        days_of(store.said_when()),
        tuple(np.histogram(held, BINS, (0.0, 1.0))[0].tolist()),
        tuple((threshold, int((held < threshold).sum())) for threshold in THRESHOLDS),
        store.stats(),
        store.index_state(),
    )


def days_of(said: Iterable[tuple[datetime, int]]) -> tuple[Span, ...]:
    """Quarters of hours, gathered into days of the reader's time zone."""
    counted: Counter[date] = Counter()
    for began, turns in said:
        counted[began.astimezone().date()] += turns
    return tuple(Span(day, counted[day]) for day in sorted(counted))


def gathered(days: Sequence[Span], unit: Unit) -> list[Span]:
    """Every unit from the first day to the last, those in which nothing was said too."""
    counted: Counter[date] = Counter()
    for day in days:
        counted[_beginning(day.begins, unit)] += day.turns
    spans: list[Span] = []
    at, last = (min(counted), max(counted)) if counted else (date.max, date.min)
    while at <= last:
        spans.append(Span(at, counted[at]))
        at = _next(at, unit)
    return spans


def fitting(days: Sequence[Span], most: int) -> Unit:
    """The finest unit of which all spans fit into ``most`` columns; years at worst."""
    if not days:
        return "day"
    length = (days[-1].begins - days[0].begins).days + 1
    longest: dict[Unit, int] = {"day": 1, "week": 7, "month": 30}
    return next((unit for unit, days_of_it in longest.items() if length / days_of_it + 1 <= most), "year")


def last(spans: Sequence[Span], most: int) -> tuple[Sequence[Span], int]:
    """The last ``most`` spans, and how many turns were said before them."""
    kept = spans[-most:]
    return kept, sum(span.turns for span in spans[: len(spans) - len(kept)])


def _beginning(day: date, unit: Unit) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "day":
            return day


def _next(day: date, unit: Unit) -> date:
    match unit:
        case "month":
            return _beginning(day + timedelta(days=31), unit)
        case "year":
            return day.replace(year=day.year + 1)
        case "day" | "week":
            return day + timedelta(days=7 if unit == "week" else 1)


def label(day: date, unit: Unit) -> str:
    """How a span is called below its column."""
    return {"year": f"{day:%Y}", "month": f"{day:%Y-%m}"}.get(unit, f"{day:%Y-%m-%d}")
