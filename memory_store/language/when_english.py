"""Time in English words, as rules: a pattern over lower-case text, and the interval it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from memory_store.language.calendar import (
    MONTHS,
    WEEKDAYS,
    Interval,
    ago,
    date,
    day,
    feast,
    last_weekday,
    latest,
    month,
    part_of_month,
    past,
    season,
    unit_back,
    weekend,
)

Reader = Callable[[re.Match[str], datetime], Interval]
Rule = tuple[str, Reader]

_NUMBERS: dict[str, float] = dict(
    zip("one two three four five six seven eight nine ten eleven twelve".split(), range(1, 13), strict=True)
)
_NUMBERS |= {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 4, "half a": 0.5, "half an": 0.5}
_NAMES = "|".join(name.lower() for name in MONTHS) + "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
_MONTH = f"(?P<month>{_NAMES})"
_YEAR = r"(?:,? (?P<year>\d{4}))?"
COUNT = rf"(?:(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?: of)?)"
_UNIT = "(?P<unit>minute|hour|day|week|fortnight|month|year)"
_WEEKDAY = f"(?P<weekday>{'|'.join(WEEKDAYS)})"
_SEASON = "(?P<season>spring|summer|autumn|fall|winter)"
_FEAST = r"(?P<feast>christmas(?: eve)?|boxing day|new year['’]?s eve|new year|halloween|valentine['’]?s day)"
_PARTS = {"beginning": "early", "start": "early", "middle": "mid", "end": "late"}


def _count(match: re.Match[str]) -> float:
    return counted(match["count"]) + (0.5 if match.groupdict().get("half") else 0)


def counted(word: str | None) -> float:
    """A number written as a word or in digits; None is one. Raises KeyError."""
    if word is None:
        return 1
    return float(word) if word.isdigit() else _NUMBERS[word]


def _number(name: str) -> int:
    return next(place for place, known in enumerate(MONTHS, start=1) if known.lower().startswith(name[:3]))


def _written(match: re.Match[str], now: datetime) -> Interval:
    """A date: year and day may be missing."""
    parts = match.groupdict()
    named = parts["month"]
    number = int(named) if named.isdigit() else _number(named)
    given = [int(parts[name]) if parts.get(name) else None for name in ("day", "year")]
    return date(now, number, *given)


def _part(match: re.Match[str], now: datetime) -> Interval:
    number, part = _number(match["month"]), match["part"]
    year = int(match["year"]) if match["year"] else latest(now, number)
    return part_of_month(year, number, _PARTS.get(part, part))


def _months(match: re.Match[str], now: datetime) -> Interval:
    first, last = _number(match["month"]), _number(match["last"])
    until = int(match["year"]) if match["year"] else latest(now, last)
    since = int(match["first_year"]) if match["first_year"] else until - (first > last)
    return Interval(month(since, first).start, month(until, last).end)


def _years(match: re.Match[str], _: datetime) -> Interval:
    return Interval(month(int(match["first"]), 1).start, month(int(match["year"]), 12).end)


def _past_units(match: re.Match[str], now: datetime) -> Interval:
    return past(_count(match), match["unit"], now)


def _feast(match: re.Match[str], now: datetime) -> Interval:
    name = match["feast"].replace("’", "'").replace("years", "year's").replace("valentines", "valentine's")
    return feast(name, now, int(match["year"]) if match["year"] else None)


def _week_of(match: re.Match[str], now: datetime) -> Interval:
    there = _written(match, now).start
    return day(there - timedelta(days=there.weekday()), 7)


MARKS = (
    rf"\d|\b(?:{_NAMES}|{'|'.join(WEEKDAYS)}|ago|back|earlier|last|past|this|other day|yesterday|today"
    r"|tonight|weekend|spring|summer|autumn|fall|winter|christmas|boxing|new year|halloween|valentine)"
)
"""What every rule has in it: words without any need not be tried against all."""

RULES: tuple[Rule, ...] = (
    (r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b", _written),
    (r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\b", _written),
    (
        rf"\b(?:from|between) {_MONTH}(?: (?P<first_year>\d{{4}}))? (?:and|to|until|till|through)"
        rf" (?P<last>{_NAMES})\b{_YEAR}",
        _months,
    ),
    (r"\b(?:from|between) (?P<first>(?:19|20)\d\d) (?:and|to|until|till|through) (?P<year>(?:19|20)\d\d)\b", _years),
    (rf"\bweek of {_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}", _week_of),
    (rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b{_YEAR}", _written),
    (rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?! days?\b){_YEAR}", _written),
    (rf"\b(?P<part>early|mid|late|beginning|start|middle|end)(?: in| of|-)? {{0,1}}{_MONTH}\b{_YEAR}", _part),
    (rf"\b{_MONTH},? (?:of )?(?P<year>\d{{4}})\b", _written),
    (rf"\b(?:in|last|since|during|this|of|before|after|until|till|by) {_MONTH}\b", _written),
    (
        rf"\b{COUNT} {_UNIT}s?(?P<half> and a half)? (?:ago|back|earlier)\b",
        lambda m, now: ago(_count(m), m["unit"], now),
    ),
    (
        rf"\ban? {_UNIT} and a half (?:ago|back|earlier)\b",
        lambda m, now: ago(1.5, m["unit"], now),
    ),
    (rf"\b(?:past|last) (?:{COUNT} )?{_UNIT}s\b", _past_units),
    (r"\bthe other day\b", lambda _, now: past(7, "day", now)),
    (rf"\blast {_SEASON}\b", lambda m, now: season(m["season"], now, over=True)),
    (
        rf"\b{_SEASON}(?: of)? (?P<year>\d{{4}})\b",
        lambda m, now: month(int(m["year"]), season(m["season"], now, over=False).start.month, 3),
    ),
    (rf"\b(?:this|in the|in|over the|during the) {_SEASON}\b", lambda m, now: season(m["season"], now, over=False)),
    (
        rf"\b(?:last|this|at|on|for|over|since|before|after|during|until) (?:the )?{_FEAST}\b"
        r"(?:,? (?:of |in )?(?P<year>\d{4}))?",
        _feast,
    ),
    (r"\blast (?P<unit>week|month|year)\b", lambda m, now: unit_back(m["unit"], now)),
    (r"\bthis (?P<unit>week|month|year)\b", lambda m, now: unit_back(m["unit"], now, 0)),
    (r"\b(?:last|(?:over|at|on|during) the) weekend\b", lambda _, now: weekend(now, 1)),
    (r"\bthis weekend\b", lambda _, now: weekend(now, 0)),
    (rf"\b(?:last|on|past|this|since) {_WEEKDAY}\b", lambda m, now: last_weekday(WEEKDAYS.index(m["weekday"]), now)),
    (r"\bday before yesterday\b", lambda _, now: unit_back("day", now, 2)),
    (r"\byesterday\b|\blast night\b", lambda _, now: unit_back("day", now)),
    (r"\btoday\b|\bthis (?:morning|afternoon|evening)\b|\btonight\b", lambda _, now: day(now)),
    (
        r"\b(?:in|since|during|of|before|after|until|till|by) (?P<year>(?:19|20)\d\d)\b",
        lambda m, _: month(int(m["year"]), 1, 12),
    ),
)
"""The first that fits a place in the text has it."""
