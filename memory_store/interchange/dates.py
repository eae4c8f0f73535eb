"""Instants as files write them: ISO 8601, seconds or milliseconds since 1970, and LoCoMo's own wording.

A time without a zone is taken as UTC: there is nothing better to go by, and it keeps an import the same everywhere.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from memory_store.clock import in_utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11
"""From here on milliseconds: as seconds it would be after the year 5138, as milliseconds it is 1973 or later."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPOKEN = re.compile(r"(\d\d?):(\d\d) *([ap])\.?m\.? +on +(\d\d?) +([a-z]{3})[a-z]*\.?,? +(\d{4})", re.A | re.I)
_DIGITS = re.compile(r"\d{10}|\d{13}", re.A)


def parse_instant(value: object) -> datetime:
    """``value`` as an aware UTC instant. Raises ValueError with a problem fit for a person."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return from_epoch(value)
    if not isinstance(value, str):
        raise ValueError(f"a date must be text or a number, not {_kind(value)}")
    words = value.strip()
    if _DIGITS.fullmatch(words):
        return from_epoch(int(words))
    spoken = _SPOKEN.fullmatch(words)
    try:
        return _from_spoken(spoken) if spoken else in_utc(datetime.fromisoformat(words))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_short(value)} is not a date: write it like 2023-05-08T13:56:00Z") from error


def from_epoch(number: float) -> datetime:
    """Seconds (or, from 1e11 on, milliseconds) since 1970, to the microsecond. Raises ValueError."""
    try:
        if not math.isfinite(number):
            raise OverflowError
        milliseconds = abs(number) >= _MILLISECONDS_FROM
        return _EPOCH + (timedelta(milliseconds=number) if milliseconds else timedelta(seconds=number))
    except OverflowError as error:
        raise ValueError("a date is out of range: seconds or milliseconds since 1970 are expected") from error


def to_iso(instant: datetime) -> str:
    """ISO 8601 in UTC with a ``Z``; :func:`parse_instant` reads it back exactly."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _from_spoken(found: re.Match[str]) -> datetime:
    """``1:56 pm on 8 May, 2023``. Month names are English whatever the locale."""
    hour, minute, half, day, month, year = found.groups()
    if not 1 <= int(hour) <= 12:
        raise ValueError(hour)
    hours = int(hour) % 12 + (12 if half.lower() == "p" else 0)
    return datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), hours, int(minute), tzinfo=UTC)


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:39] + "…")


def _kind(value: object) -> str:
    return "nothing (null)" if value is None else f"a {type(value).__name__}"
