"""Time in Chinese words, as rules: a pattern, and the interval it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from memory_store.language.calendar import (
    Interval,
    ago,
    date,
    day,
    feast,
    last_weekday,
    latest,
    month,
    past,
    season,
    unit_back,
    weekday_of,
    weekend,
)

Reader = Callable[[re.Match[str], datetime], Interval]
Rule = tuple[str, Reader]

_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2, "几": 3}
_UNITS = {"分钟": "minute", "小时": "hour", "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week"}
_UNITS |= {"月": "month", "年": "year"}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_YEARS_BACK = {"今": 0, "去": 1, "前": 2}
_COUNT = r"(?P<count>\d{1,3}|[一二三四五六七八九十两几半]{1,3})"
_WEEK = "(?:周|星期|礼拜)"
_MONTH = r"(?<!\d)(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
_DAY = r"(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"
_YEAR_BACK = "(?P<year_back>[今去前])年"


def number(word: str) -> float:
    """十二 is 12, 二十 20, 二十三 23, 半 .5, 两 2, 几 a few. Raises KeyError for what is none."""
    if word.isdigit():
        return float(word)
    if word == "半":
        return 0.5
    tens, mark, ones = word.rpartition("十")
    if not mark:
        return _DIGITS[word]
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def _ago(match: re.Match[str], now: datetime) -> Interval:
    return ago(number(match["count"]) + (0.5 if match["half"] or match["and_half"] else 0), _UNITS[match["unit"]], now)


def _past_units(match: re.Match[str], now: datetime) -> Interval:
    return past(number(match["count"]), _UNITS[match["unit"]], now)


def _date(match: re.Match[str], now: datetime) -> Interval:
    parts = match.groupdict()
    of_month = int(number(parts["day"])) if parts.get("day") else None
    known = int(number(parts["month"]))
    if parts.get("year"):
        return date(now, known, of_month, int(parts["year"]))
    back = parts.get("year_back")
    return date(now, known, of_month, now.year - _YEARS_BACK[back] if back else None)


def _months(match: re.Match[str], now: datetime) -> Interval:
    first, last = int(number(match["month"])), int(number(match["last"]))
    year = int(match["year"]) if match["year"] else latest(now, last)
    return Interval(month(year - (first > last), first).start, month(year, last).end)


def _season(match: re.Match[str], now: datetime) -> Interval:
    back = match["year_back"]
    if back is None:
        return season(match["season"], now, over=False)
    return month(now.year - _YEARS_BACK[back], season(match["season"], now, over=False).start.month, 3)


def _year(match: re.Match[str], now: datetime) -> Interval:
    start = month(now.year - _YEARS_BACK[match["year_back"]], 1).start
    half = match["half"]
    return month(start.year, 7 if half == "下" else 1, 6 if half else 12)


MARKS = "[年月日天周今昨前刚近过国元圣情万礼星春夏秋冬]"
"""What every rule has in it."""

RULES: tuple[Rule, ...] = (
    (
        rf"(?:(?P<year>\d{{4}})年)?{_MONTH}份?(?:到|至)(?P<last>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月",
        _months,
    ),
    (rf"(?P<year>\d{{4}})年{_MONTH}(?:{_DAY})?", _date),
    (rf"{_COUNT}个?(?P<half>半)?(?P<unit>分钟|小时|天|日|周|星期|礼拜|月|年)(?P<and_half>半)?(?:之|以)?前", _ago),
    (
        rf"(?:过去|最近|近)(?:的|这)?{_COUNT}个?(?P<unit>小时|天|日|周|星期|礼拜|月|年)",
        _past_units,
    ),
    (r"前几天|前两天|这几天|前些天|前些日子", lambda _, now: past(7, "day", now)),
    (r"刚才|刚刚", lambda _, now: ago(1, "hour", now)),
    (r"大前天", lambda _, now: unit_back("day", now, 3)),
    (r"前天|前晚", lambda _, now: unit_back("day", now, 2)),
    (r"昨[天晚夜]", lambda _, now: unit_back("day", now)),
    (r"今[天早晚]", lambda _, now: day(now)),
    (r"上(?:个|一个)?周末", lambda _, now: weekend(now, 1)),
    (r"[这本]个?周末", lambda _, now: weekend(now, 0)),
    (rf"上上个?{_WEEK}(?P<day>[一二三四五六日天])", lambda m, now: weekday_of(_WEEKDAYS[m["day"]], now, 2)),
    (rf"上个?{_WEEK}(?P<day>[一二三四五六日天])", lambda m, now: weekday_of(_WEEKDAYS[m["day"]], now, 1)),
    (rf"[这本]个?{_WEEK}(?P<day>[一二三四五六日天])", lambda m, now: weekday_of(_WEEKDAYS[m["day"]], now, 0)),
    (
        rf"(?<![下一二两三四五六七八九十几每\d个]){_WEEK}(?P<day>[一二三四五六日])",
        lambda m, now: last_weekday(_WEEKDAYS[m["day"]], now),
    ),
    (r"上上个?(?P<unit>周|星期|礼拜|月)", lambda m, now: unit_back(_UNITS[m["unit"]], now, 2)),
    (r"上(?:个|一)?(?P<unit>周|星期|礼拜|月)", lambda m, now: unit_back(_UNITS[m["unit"]], now)),
    (r"[这本]个?(?P<unit>周|星期|礼拜|月)", lambda m, now: unit_back(_UNITS[m["unit"]], now, 0)),
    (rf"(?:{_YEAR_BACK}|这个)的?(?P<season>[春夏秋冬])[天季]?", _season),
    (rf"(?:{_YEAR_BACK}的?)?{_MONTH}份?(?:{_DAY})?", _date),
    (
        rf"(?:(?P<year>\d{{4}})年的?|{_YEAR_BACK}的?)?(?P<feast>国庆|元旦|圣诞|情人节|万圣节)",
        lambda m, now: feast(
            m["feast"],
            now,
            int(m["year"]) if m["year"] else now.year - _YEARS_BACK[m["year_back"]] if m["year_back"] else None,
        ),
    ),
    (rf"{_YEAR_BACK}(?:(?P<half>[上下])半年)?", _year),
    (r"(?P<year>(?:19|20)\d\d)年", lambda m, _: month(int(m["year"]), 1, 12)),
)
"""The first that fits a place in the text has it."""
