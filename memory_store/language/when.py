"""Time in words: "two weeks ago", "last spring", "since May 2023", 上周 -> intervals on the clock. Pure functions.

Rules instead of a date library: a query is read in microseconds, English and Chinese alike, and what is not plainly a
time ("may I", "march on") is left alone. All instants are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from memory_store.addressing import EVER, EVER_AFTER
from memory_store.language import when_chinese, when_english
from memory_store.language.calendar import BEGINNING, END, UNITS, Interval
from memory_store.language.words import CJK_FUNCTION, terms

__all__ = ["Event", "Interval", "asks_only_for_a_time", "events", "intervals"]


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
_RULES = (
    *((re.compile(pattern, re.ASCII), read) for pattern, read in when_english.RULES),  # a word ends where Han begins
    *((re.compile(pattern), read) for pattern, read in when_chinese.RULES),
)
_MARKS = re.compile(f"{when_english.MARKS}|{when_chinese.MARKS}", re.ASCII)
_SIDE = re.compile(r"\b(before|until|till|after|since)\s+(?:the\s+)?$", re.ASCII)
_DISTANCE = re.compile(
    rf"\b(?:{when_english.COUNT}\s+)?(?P<unit>day|week|month|year|weekend|\w{{3,6}}day)s?\s+(?P<side>before|after)\s+(?:the\s+)?$",
    re.ASCII,
)
_SIDE_INSIDE = re.compile(r"(before|until|till|after|since)\b", re.ASCII)
_HAN_SIDE = re.compile(r"(?:的时候)?(之前|以前|之后|以后|以来)")
_SIDES = re.compile(r"\b(?:before|until|till|after|since)\b|之前|以前|之后|以后|以来")
_OF_A_THING = re.compile(r"\b(?:where|who|whom|whose|why|how|when|which)\b|哪|谁|为什么|怎么|几")
_OF_TALK = frozenset(
    """
    say said saying tell told talk talked talking speak spoke spoken discuss discussed mention mentioned happen happened
    write wrote chat conversation thing things anything everything something remember remind recall
    """.split()
)
_OF_TALK_CJK = frozenset("说讲谈聊提做干过话事情谈话发生记得告诉")


def intervals(text: str, now: datetime) -> list[Interval]:
    """The times ``text`` speaks of, seen from ``now``; an expression inside a longer one counts once."""
    lowered = text.lower()
    return [_on_its_side(lowered, start, end, interval) for start, end, interval in _expressions(lowered, now)]


def asks_only_for_a_time(text: str, now: datetime) -> bool:
    """Whether nothing but a time tells what is wanted: "what did I say last spring", 我上周说了什么."""
    rest = lowered = text.lower()
    found = [] if _OF_A_THING.search(lowered) else _expressions(lowered, now)
    for start, end, _ in reversed(found):
        rest = f"{rest[:start]} {rest[end:]}"
    of_talk = CJK_FUNCTION | _OF_TALK_CJK
    return bool(found) and all(
        term in _OF_TALK if term.isascii() else of_talk.issuperset(term) for term in terms(_SIDES.sub(" ", rest))
    )


def _expressions(lowered: str, now: datetime) -> list[tuple[int, int, Interval]]:
    found: list[tuple[int, int, Interval]] = []
    if not _MARKS.search(lowered):
        return []
    for pattern, read in _RULES:
        for match in pattern.finditer(lowered):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.extend((*match.span(), interval) for interval in _guarded(read, match, now))
    return sorted(found)


def events(text: str, now: datetime) -> list[Event]:
    """The events that ``text`` places something before or after, unless it dates them itself ("before May 2023")."""
    found = []
    for match in _EVENT.finditer(text):
        words, side = match["words"] or match["han"], match["side"] or match["han_side"]
        if any(terms(words)) and not intervals(match[0], now):
            found.append(Event(words.strip(), side.lower() in _BEFORE))
    return found


def _guarded(read: when_english.Reader, match: re.Match[str], now: datetime) -> Iterator[Interval]:
    try:
        yield read(match, now)
    except (ValueError, KeyError, OverflowError):  # 31 February, the last odd months: words that name no time
        return


def _on_its_side(text: str, start: int, end: int, interval: Interval) -> Interval:
    """``interval``, or all that is before or after it ("since May", "before 2020", 去年之前), or a part of that ("the
    week before 3 May")."""
    if near := _DISTANCE.search(text, 0, start):
        return _beside(interval, near)
    inside = _SIDE_INSIDE.match(text, start, end)
    before = inside or _SIDE.search(text, 0, start)
    behind = _HAN_SIDE.match(text, end)
    side = before[1] if before else behind[1] if behind else ""
    if side in {"before", "之前", "以前"}:
        return Interval(BEGINNING, interval.start)
    if side in {"until", "till"}:
        return Interval(BEGINNING, interval.end)
    if side in {"since", "以来"}:
        return Interval(interval.start, END)
    return Interval(interval.end, END) if side else interval


def _beside(interval: Interval, near: re.Match[str]) -> Interval:
    """So many days, weeks or months before or after ``interval``, and half as many more: people count loosely."""
    reach = timedelta(days=1.5 * when_english.counted(near["count"]) * UNITS.get(near["unit"], UNITS["week"]))
    try:
        if near["side"] == "before":
            return Interval(interval.start - reach, interval.start)
        return Interval(interval.end, interval.end + reach)
    except OverflowError:
        return interval
