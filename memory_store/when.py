"""Time in words: "two weeks ago", "last spring", "in May 2023", 上周 -> intervals on the clock. Pure functions.

Rules instead of a date library: a query is read in microseconds, English and Chinese alike, and what is not plainly a
time ("may I", "in march order") is left alone. All instants are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from memory_store.addressing import EVER, EVER_AFTER
from memory_store.lexical import MONTHS
from memory_store.words import terms


class Interval(NamedTuple):
    """From ``start``, inclusive, to ``end``, exclusive."""

    start: datetime
    end: datetime


class Event(NamedTuple):
    """Something that splits time: "before I moved". When it was, only memory can tell."""

    words: str
    before: bool

    def side_of(self, instant: int) -> tuple[int, int]:
        """The interval before or after ``instant``; all in microseconds."""
        return (EVER, instant) if self.before else (instant, EVER_AFTER)


_EVENT = re.compile(
    r"\b(?P<side>before|until|till|after|since)\s+(?P<words>(?:i|we|he|she|they|my|our|his|her|their|the)\b[^,.;:?!\n]*)"
    r"|(?P<han>(?:我们|我|他|她)[^，。？！,?!\n]{1,12}?)(?P<han_side>之前|以前|之后|以后)",
    re.IGNORECASE,
)
_BEFORE = frozenset({"before", "until", "till", "之前", "以前"})
_NUMBERS = dict(
    zip("one two three four five six seven eight nine ten eleven twelve".split(), range(1, 13), strict=True)
)
_NUMBERS |= {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 4}
_HAN = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"两": 2, "几": 3, "半": 1}
_DAYS = {
    "day": 1,
    "week": 7,
    "month": 30,
    "year": 365,
    "天": 1,
    "日": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
    "月": 30,
    "年": 365,
}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "春": 3, "夏": 6, "秋": 9, "冬": 12}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_HAN_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}

_MONTH = "(?P<month>" + "|".join(name.lower() for name in MONTHS) + "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_COUNT = r"(?P<count>\d{1,3}|" + "|".join(_NUMBERS) + r")(?: of)?"
_HAN_COUNT = r"(?P<count>\d{1,3}|[一二三四五六七八九十两几半]+)"
_WEEKDAY = "(?P<weekday>" + "|".join(_WEEKDAYS) + ")"
_SEASON = "(?P<season>spring|summer|autumn|fall|winter)"
_UNIT = "(?P<unit>day|week|month|year)"


def intervals(text: str, now: datetime) -> list[Interval]:
    """The times ``text`` speaks of, seen from ``now``; an expression inside a longer one counts once."""
    found: list[tuple[int, int, Interval]] = []
    lowered = text.lower()
    for pattern, read in _RULES:
        for match in pattern.finditer(lowered):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.extend((*match.span(), interval) for interval in _guarded(read, match, now))
    return [interval for _, _, interval in sorted(found)]


def events(text: str, now: datetime) -> list[Event]:
    """The events that ``text`` places something before or after, unless it dates them itself ("before May 2023")."""
    found = []
    for match in _EVENT.finditer(text):
        words, side = match["words"] or match["han"], match["side"] or match["han_side"]
        if any(terms(words)) and not intervals(match[0], now):
            found.append(Event(words.strip(), side.lower() in _BEFORE))
    return found


def _guarded(
    read: Callable[[re.Match[str], datetime], Interval], match: re.Match[str], now: datetime
) -> Iterator[Interval]:
    try:
        yield read(match, now)
    except (ValueError, KeyError, OverflowError):  # 31 February, the last odd months: words that name no time
        return


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _day(instant: datetime, days: int = 1) -> Interval:
    start = _midnight(instant)
    return Interval(start, start + timedelta(days=days))


def _month(year: int, month: int, months: int = 1) -> Interval:
    last = year * 12 + month - 1 + months
    return Interval(datetime(year, month, 1, tzinfo=UTC), datetime(last // 12, last % 12 + 1, 1, tzinfo=UTC))


def _count(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word in _NUMBERS:
        return _NUMBERS[word]
    if len(word) > 1 and word[0] == "十":
        return 10 + _HAN[word[1]]
    return _HAN[word[0]]


def _number_of_month(name: str) -> int:
    return next(place for place, known in enumerate(MONTHS, start=1) if known.lower().startswith(name[:3]))


def _latest(now: datetime, month: int) -> int:
    """The year of the last such month that has begun."""
    return now.year if month <= now.month else now.year - 1


def _ago(match: re.Match[str], now: datetime) -> Interval:
    """Around that long ago, as loosely as people mean it: to a sixth of the distance, and to half the unit."""
    unit = _DAYS[match["unit"]]
    distance = _count(match["count"]) * unit
    centre, slack = _midnight(now) - timedelta(days=distance), max(unit / 2, distance / 6) if unit > 1 else 0
    return Interval(centre - timedelta(days=slack), centre + timedelta(days=slack + 1))


def _past(match: re.Match[str], now: datetime) -> Interval:
    return Interval(_midnight(now) - timedelta(days=_count(match["count"] or "one") * _DAYS[match["unit"]]), now)


def _last_unit(unit: str, now: datetime, back: int = 1) -> Interval:
    if unit in {"year", "年"}:
        return _month(now.year - back, 1, 12)
    if unit in {"month", "月"}:
        earlier = now.year * 12 + now.month - 1 - back
        return _month(earlier // 12, earlier % 12 + 1)
    return _day(now - timedelta(days=now.weekday() + 7 * back), 7)


def _season(name: str, now: datetime, *, last: bool) -> Interval:
    first = _SEASONS[name]
    year = _latest(now, first)
    return _month(year - 1 if last and _month(year, first, 3).end > now else year, first, 3)


def _weekday(number: int, now: datetime) -> Interval:
    return _day(now - timedelta(days=(now.weekday() - number - 1) % 7 + 1))


def _written(match: re.Match[str], now: datetime) -> Interval:
    """A date: year and day may be missing."""
    parts = match.groupdict()
    named = parts["month"]
    month = int(named) if named.isdigit() else _number_of_month(named)
    year = int(parts["year"]) if parts.get("year") else _latest(now, month)
    return _day(datetime(year, month, int(parts["day"]), tzinfo=UTC)) if parts.get("day") else _month(year, month)


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], datetime], Interval]]
_RULES: tuple[_Rule, ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b", _written),
        (rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? (?P<year>\d{{4}}))?", _written),
        (rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?", _written),
        (rf"\b{_MONTH},? (?:of )?(?P<year>\d{{4}})\b", _written),
        (rf"\b(?:in|last|since|during|this|early|late|mid|of) {_MONTH}\b", _written),
        (rf"\b{_COUNT} {_UNIT}s? (?:ago|back|earlier)\b", _ago),
        (rf"\b(?:past|last) (?:(?P<count>\d{{1,3}}|few|couple(?: of)?|several|\w+) )?{_UNIT}s\b", _past),
        (rf"\blast {_SEASON}\b", lambda m, now: _season(m["season"], now, last=True)),
        (
            rf"\b{_SEASON}(?: of)? (?P<year>\d{{4}})\b",
            lambda m, _: _month(int(m["year"]), _SEASONS[m["season"]], 3),
        ),
        (rf"\b(?:this|in the|in) {_SEASON}\b", lambda m, now: _season(m["season"], now, last=False)),
        (rf"\blast {_UNIT}\b", lambda m, now: _last_unit(m["unit"], now)),
        (r"\bthis (?P<unit>week|month|year)\b", lambda m, now: _last_unit(m["unit"], now, 0)),
        (r"\blast weekend\b", lambda _, now: _day(now - timedelta(days=now.weekday() + 2), 2)),
        (rf"\b(?:last|on|past) {_WEEKDAY}\b", lambda m, now: _weekday(_WEEKDAYS.index(m["weekday"]), now)),
        (r"\bday before yesterday\b|前天", lambda _, now: _day(now - timedelta(days=2))),
        (r"\byesterday\b|\blast night\b|昨天|昨晚", lambda _, now: _day(now - timedelta(days=1))),
        (r"\btoday\b|\bthis (?:morning|afternoon|evening)\b|\btonight\b|今天|今早|今晚", lambda _, now: _day(now)),
        (r"\b(?:in|since|during|of) (?P<year>(?:19|20)\d\d)\b", lambda m, _: _month(int(m["year"]), 1, 12)),
        (r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号])?", _written),
        (r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]", _written),
        (rf"{_HAN_COUNT}个?(?P<unit>天|日|周|星期|礼拜|月|年)(?:之|以)?前", _ago),
        (r"上(?:个?)(?:周|星期|礼拜)(?P<day>[一二三四五六日天])", lambda m, now: _han_weekday(m["day"], now)),
        (r"上上个?(?P<unit>周|星期|礼拜|月)", lambda m, now: _last_unit(m["unit"], now, 2)),
        (r"上个?(?P<unit>周|星期|礼拜|月)", lambda m, now: _last_unit(m["unit"], now)),
        (r"[这本]个?(?P<unit>周|星期|礼拜|月)", lambda m, now: _last_unit(m["unit"], now, 0)),
        (r"前年", lambda _, now: _month(now.year - 2, 1, 12)),
        (r"去年(?P<season>[春夏秋冬])", lambda m, now: _month(now.year - 1, _SEASONS[m["season"]], 3)),
        (r"去年(?P<month>\d{1,2})月", lambda m, now: _month(now.year - 1, int(m["month"]))),
        (r"去年", lambda _, now: _month(now.year - 1, 1, 12)),
        (r"今年", lambda _, now: _month(now.year, 1, 12)),
        (r"(?P<year>(?:19|20)\d\d)年", lambda m, _: _month(int(m["year"]), 1, 12)),
    )
)


def _han_weekday(day: str, now: datetime) -> Interval:
    monday = now - timedelta(days=now.weekday() + 7)
    return _day(monday + timedelta(days=_HAN_WEEKDAYS[day]))
