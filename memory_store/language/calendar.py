"""Days, weeks, months, seasons and feasts on the calendar, seen from an instant. Pure functions; all is UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MONTHS = (  # not strftime, which follows the locale: a key must be the same for ever
    "January February March April May June July August September October November December".split()
)
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
UNITS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "fortnight": 14.0, "month": 30.0, "year": 365.0}
"""Days."""

FEASTS = {  # month, first day, days
    "christmas": (12, 24, 3),
    "christmas eve": (12, 24, 1),
    "boxing day": (12, 26, 1),
    "new year's eve": (12, 31, 1),
    "new year": (1, 1, 1),
    "halloween": (10, 31, 1),
    "valentine's day": (2, 14, 1),
    "国庆": (10, 1, 7),
    "元旦": (1, 1, 1),
    "圣诞": (12, 24, 3),
    "情人节": (2, 14, 1),
    "万圣节": (10, 31, 1),
}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "春": 3, "夏": 6, "秋": 9, "冬": 12}
"""First month, in the north."""


class Interval(NamedTuple):
    """From ``start``, inclusive, to ``end``, exclusive."""

    start: datetime
    end: datetime


def midnight(instant: datetime) -> datetime:
    """The beginning of its day."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def day(instant: datetime, days: int = 1) -> Interval:
    """The day of ``instant``, or so many from it on."""
    start = midnight(instant)
    return Interval(start, start + timedelta(days=days))


def month(year: int, number: int, months: int = 1) -> Interval:
    """A month, or so many from it on; ``number`` may be beyond 12 or below 1."""
    first, last = year * 12 + number - 1, year * 12 + number - 1 + months
    return Interval(
        datetime(first // 12, first % 12 + 1, 1, tzinfo=UTC), datetime(last // 12, last % 12 + 1, 1, tzinfo=UTC)
    )


def part_of_month(year: int, number: int, part: str) -> Interval:
    """``early``: to the 10th; ``mid``: to the 20th; ``late``: the rest."""
    start, end = month(year, number)
    tenth, twentieth = start + timedelta(days=10), start + timedelta(days=20)
    return {"early": Interval(start, tenth), "mid": Interval(tenth, twentieth), "late": Interval(twentieth, end)}[part]


def ago(count: float, unit: str, now: datetime) -> Interval:
    """Around that long ago, as loosely as people mean it: to a sixth of the distance, and to half the unit."""
    size = UNITS[unit]
    distance = count * size
    if size < 1:
        return Interval(now - timedelta(days=2 * distance), now)
    slack = max(min(size, distance) / 2, distance / 6) if size > 1 else 0
    centre = midnight(now) - timedelta(days=int(distance))
    return Interval(centre - timedelta(days=slack), centre + timedelta(days=slack + 1))


def past(count: float, unit: str, now: datetime) -> Interval:
    """The last so many days, weeks, months or years, till now."""
    return Interval(midnight(now) - timedelta(days=count * UNITS[unit]), now)


def unit_back(unit: str, now: datetime, back: int = 1) -> Interval:
    """The calendar's week (from Monday), month or year; ``back`` 0 is the present one, 1 the one before."""
    if unit == "year":
        return month(now.year - back, 1, 12)
    if unit == "month":
        return month(now.year, now.month - back)
    if unit == "day":
        return day(now - timedelta(days=back))
    return day(now - timedelta(days=now.weekday() + 7 * back), 7)


def weekend(now: datetime, back: int) -> Interval:
    """Saturday and Sunday of this week (0), or of one before."""
    return day(now - timedelta(days=now.weekday() + 7 * back - 5), 2)


def weekday_of(number: int, now: datetime, back: int) -> Interval:
    """A day (Monday is 0) of this week (0), or of one before."""
    return day(now - timedelta(days=now.weekday() + 7 * back - number))


def last_weekday(number: int, now: datetime) -> Interval:
    """The latest such day before today (Monday is 0)."""
    return day(now - timedelta(days=(now.weekday() - number - 1) % 7 + 1))


def latest(now: datetime, number: int) -> int:
    """The year of the last such month that has begun."""
    return now.year if number <= now.month else now.year - 1


def season(name: str, now: datetime, *, over: bool) -> Interval:
    """The latest one that has begun; ``over``: the latest that has ended."""
    first = SEASONS[name]
    year = latest(now, first)
    return month(year - 1 if over and month(year, first, 3).end > now else year, first, 3)


def feast(name: str, now: datetime, year: int | None = None) -> Interval:
    """The latest one that has begun, or that of ``year``."""
    number, first, days = FEASTS[name]
    found = day(datetime(year or now.year, number, first, tzinfo=UTC), days)
    return found if year or found.start <= now else day(datetime(now.year - 1, number, first, tzinfo=UTC), days)


def date(now: datetime, number: int, of_month: int | None = None, year: int | None = None) -> Interval:
    """A day of a month, or a whole month; without a year, the latest one. Raises ValueError for 31 February."""
    known = year or latest(now, number)
    return month(known, number) if of_month is None else day(datetime(known, number, of_month, tzinfo=UTC))
