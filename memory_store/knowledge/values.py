"""Values of a kind that can be told by its form: weekdays, times of day, dates, numbers, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = rf"(?:{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_HAN = "零〇一二三四五六七八九十两半0-9"

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("email", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
        (
            "date",
            rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"
            rf"|\b(?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month2>{_MONTH})(?!\w)"
            r"|\b\d{4}-(?P<month3>\d{2})-(?P<day3>\d{2})\b|\bthe (?P<day4>\d{1,2})(?:st|nd|rd|th)\b"
            rf"|(?P<month5>[{_HAN}]{{1,3}})月(?P<day5>[{_HAN}]{{1,3}})[日号]",
        ),
        ("clock", r"\b\d{1,2}(?::\d{2})? ?(?:[ap]m\b|[ap]\.m\b\.?|o'clock)|\b\d{1,2}:\d{2}\b|\b(?:noon|midnight)\b"
                  rf"|(?:[上下中]午|早上|晚上|凌晨)?[{_HAN}]{{1,3}}点(?:半|钟|[{_HAN}]{{1,3}}分?)?"),
        ("weekday", rf"\b(?:{'|'.join(_DAYS)})\b|(?:周|星期|礼拜)[一二三四五六日天]"),
        ("month", r"\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
                  r"|(?<=in )may\b"),
        ("number", rf"[$€£¥]?\d[\d,]*(?:\.\d+)?%?|[{_HAN}]{{1,4}}(?=[块元岁个万千百人])"),
    )
)  # fmt: skip
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_NO_NAME = frozenset({*_DAYS, *_MONTHS, "i", "i'm", "i'll", "i've", "i'd", "ok", "okay", "no", "the", "it", "yes"})


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a known kind in a text."""

    kind: str
    form: str
    """The same for the same value, however it is written."""
    text: str
    start: int


def values_in(text: str) -> list[Value]:
    """In the order in which they stand; what belongs to a date is no number as well."""
    taken: list[tuple[int, int]] = []
    found: list[Value] = []
    for value in (*_by_form(text), *_names(text)):
        end = value.start + len(value.text)
        if all(end <= start or value.start >= stop for start, stop in taken):
            taken.append((value.start, end))
            found.append(value)
    return sorted(found, key=lambda value: value.start)


def _by_form(text: str) -> Iterator[Value]:
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            yield Value(kind, _form(kind, match), match[0], match.start())


def _names(text: str) -> Iterator[Value]:
    for match in _NAME.finditer(text):
        if match[0].casefold() not in _NO_NAME:
            yield Value("name", match[0].casefold(), match[0], match.start())


def _form(kind: str, match: re.Match[str]) -> str:
    text = match[0].casefold()
    if kind == "weekday":
        return str(_DAYS.index(text)) if text in _DAYS else str("一二三四五六日天".index(text[-1]) % 7)
    if kind == "date":
        parts = {name.rstrip("2345"): value for name, value in match.groupdict().items() if value}
        return f"{_month(parts.get('month', ''))}-{int(parts['day']) if parts['day'].isdigit() else parts['day']}"
    if kind == "clock":
        return re.sub(r"[\s.]|o'clock|钟|:00", "", text)
    return text.strip(".,$€£¥").replace(",", "")


def _month(text: str) -> str:
    if not text or text.isdigit():
        return str(int(text)) if text else ""
    return next((str(place + 1) for place, name in enumerate(_MONTHS) if name[:3] == text[:3].casefold()), text)


_COUNTRIES = frozenset(
    """
    argentina australia austria bangladesh belgium brazil bulgaria canada chile china colombia croatia cuba cyprus
    czechia denmark egypt england estonia ethiopia europe finland france germany ghana greece hungary iceland india
    indonesia iran iraq ireland israel italy jamaica japan jordan kenya korea latvia lebanon lithuania luxembourg
    malaysia malta mexico morocco nepal netherlands nigeria norway pakistan peru philippines poland portugal romania
    russia scotland serbia singapore slovakia slovenia spain sweden switzerland syria taiwan thailand tunisia turkey uk
    ukraine us usa vietnam wales california texas florida oregon washington ontario bavaria asia africa america
    中国 日本 美国 英国 法国 德国 加拿大 澳大利亚 意大利 西班牙 韩国 泰国 新加坡 欧洲 广东 浙江 江苏 四川
    """.split()
)


def is_country(value: str) -> bool:
    """Whether it is a country, a state or larger: being in it goes with being in a town."""
    words = value.casefold().replace("the ", "")
    return words in _COUNTRIES or (len(words.split()) == 2 and words.split()[1] in _COUNTRIES)
