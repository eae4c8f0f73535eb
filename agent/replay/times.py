"""Instants and lengths of time, as a script writes them.

An instant is ``2026-10-20``, ``2026-10-20 09:30`` or any ISO 8601 form, in UTC unless it says otherwise. A length of
time is ``3 weeks``, ``an hour``, ``1 day 6 hours``; months and years are those of the calendar.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_WORDS |= {"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "year": 12}
UNITS = (*_SECONDS, *_MONTHS)
_PART = re.compile(r"(?P<count>[0-9]+|[a-z]+) *(?P<unit>[a-z]+?)s?(?: *,? *and +| *, *(?!$)| +|$)", re.IGNORECASE)
_INSTANT_HELP = "write it as 2026-10-20 or 2026-10-20 09:30 (UTC), or with a zone: 2026-10-20T09:30+02:00"
_LENGTH_HELP = "write it as '3 weeks', '1 month' or '2 days 6 hours'; units: " + ", ".join(f"{unit}s" for unit in UNITS)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: calendar months, and seconds. ``text`` is how the script wrote it."""

    months: int
    seconds: int
    text: str = ""

    def after(self, instant: datetime) -> datetime:
        """The instant this much later. Raises OverflowError past the year 9999."""
        return shift_months(instant, self.months) + timedelta(seconds=self.seconds)

    def before(self, instant: datetime) -> datetime:
        """The instant this much earlier. Raises OverflowError before the year 1."""
        return shift_months(instant, -self.months) - timedelta(seconds=self.seconds)


def shift_months(instant: datetime, months: int) -> datetime:
    """The same day and time ``months`` later; the last day of the month where that day does not exist there.

    Raises OverflowError outside the years 1 to 9999.
    """
    year, month0 = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("outside the years 1 to 9999")
    day = min(instant.day, calendar.monthrange(year, month0 + 1)[1])
    return instant.replace(year=year, month=month0 + 1, day=day)


def parse_instant(text: str) -> datetime:
    """An aware instant in UTC. Raises ValueError with what to write instead."""
    try:
        instant = datetime.fromisoformat(text.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a date that exists; {_INSTANT_HELP}") from None


def parse_length(text: str) -> Length:
    """A length of time. Raises ValueError with what to write instead."""
    months = seconds = 0
    rest = text.strip()
    problem = ValueError(f"{text!r} is not a length of time; {_LENGTH_HELP}")
    if not rest:
        raise problem
    while rest:
        part = _PART.match(rest)
        count = _count(part["count"]) if part else None
        if part is None or count is None or part["unit"].lower() not in UNITS:
            raise problem
        unit = part["unit"].lower()
        months += count * _MONTHS.get(unit, 0)
        seconds += count * _SECONDS.get(unit, 0)
        rest = rest[part.end() :]
    return Length(months, seconds, " ".join(text.split()))


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else _WORDS.get(text.lower())


def show_instant(instant: datetime) -> str:
    """``2026-10-20 09:30``, UTC; with seconds only where there are any."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds" if instant.second else "minutes")
