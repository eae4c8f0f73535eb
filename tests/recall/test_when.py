"""Time in words, on a clock that stands still: Wednesday, 25 November 2026, half past two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_store import MemoryStore, NewTurn, VirtualClock
from memory_store.language.calendar import BEGINNING, END
from memory_store.language.when import asks_only_for_a_time, events, intervals
from tests.conftest import OpenStore

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)

DAYS = """
yesterday                     2026-11-24 2026-11-25
the day before yesterday      2026-11-23 2026-11-24
10 days ago                   2026-11-15 2026-11-16
last week                     2026-11-16 2026-11-23
this week                     2026-11-23 2026-11-30
last weekend                  2026-11-21 2026-11-23
last month                    2026-10-01 2026-11-01
last year                     2025-01-01 2026-01-01
last Friday                   2026-11-20 2026-11-21
on Monday                     2026-11-23 2026-11-24
on 3 May                      2026-05-03 2026-05-04
December 3rd, 2024            2024-12-03 2024-12-04
2023-05-07                    2023-05-07 2023-05-08
7.5.2023                      2023-05-07 2023-05-08
in May 2023                   2023-05-01 2023-06-01
in December                   2025-12-01 2026-01-01
early May 2023                2023-05-01 2023-05-11
at the end of June            2026-06-21 2026-07-01
the week of May 8             2026-05-04 2026-05-11
in 2019                       2019-01-01 2020-01-01
last spring                   2026-03-01 2026-06-01
summer of 2023                2023-06-01 2023-09-01
last Christmas                2025-12-24 2025-12-27
on New Year's Eve             2025-12-31 2026-01-01
between May and July 2023     2023-05-01 2023-08-01
from November to February     2025-11-01 2026-03-01
from 2019 to 2021             2019-01-01 2022-01-01
昨天                          2026-11-24 2026-11-25
前天                          2026-11-23 2026-11-24
大前天                        2026-11-22 2026-11-23
二十天前                      2026-11-05 2026-11-06
十二天前                      2026-11-13 2026-11-14
上周                          2026-11-16 2026-11-23
上上周                        2026-11-09 2026-11-16
上周五                        2026-11-20 2026-11-21
周一                          2026-11-23 2026-11-24
上个周末                      2026-11-21 2026-11-23
上个月                        2026-10-01 2026-11-01
去年                          2025-01-01 2026-01-01
去年五月                      2025-05-01 2025-06-01
今年三月                      2026-03-01 2026-04-01
五月三号                      2026-05-03 2026-05-04
2023年5月                     2023-05-01 2023-06-01
2023年12月24日                2023-12-24 2023-12-25
三月到五月                    2026-03-01 2026-06-01
去年夏天                      2025-06-01 2025-09-01
去年下半年                    2025-07-01 2026-01-01
去年国庆                      2025-10-01 2025-10-08
"""


def told(text: str) -> list[tuple[str, str]]:
    return [(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}") for start, end in intervals(text, NOW)]


@pytest.mark.parametrize("line", DAYS.strip().splitlines())
@pytest.mark.parametrize("frame", ["{}", "What did I say {}?", "我{}说了什么？"])
def test_a_time_is_an_interval(line: str, frame: str) -> None:
    words, start, end = line.rsplit(maxsplit=2)
    assert told(frame.format(words)) == [(start, end)]


@pytest.mark.parametrize(
    ("words", "days", "slack"),
    [
        ("two weeks ago", 14, 5),
        ("a couple of months ago", 60, 16),
        ("half a year ago", 182, 100),
        ("a year and a half ago", 547, 200),
        ("两周前", 14, 5),
        ("半年前", 182, 100),
        ("两年半前", 912, 200),
        ("两个半月前", 75, 20),
        ("三个月前", 90, 16),
    ],
)
def test_some_time_ago_is_around_then(words: str, days: int, slack: int) -> None:
    [(start, end)] = intervals(words, NOW)
    then = NOW - timedelta(days=days)
    assert start <= then <= end
    assert then - timedelta(days=slack) <= start
    assert end <= then + timedelta(days=slack)


@pytest.mark.parametrize("words", ["an hour ago", "the other day", "the last few days", "前几天"])
def test_the_time_that_has_just_passed(words: str) -> None:
    [(start, end)] = intervals(words, NOW)
    assert end <= NOW + timedelta(minutes=1)
    assert NOW - timedelta(days=31) <= start < end


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("before March 2024", BEGINNING, datetime(2024, 3, 1, tzinfo=UTC)),
        ("until last week", BEGINNING, datetime(2026, 11, 23, tzinfo=UTC)),
        ("since January", datetime(2026, 1, 1, tzinfo=UTC), END),
        ("since 3 May", datetime(2026, 5, 3, tzinfo=UTC), END),
        ("after 2022", datetime(2023, 1, 1, tzinfo=UTC), END),
        ("the week before 15 May", datetime(2026, 5, 4, 12, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC)),
        ("two days after 15 May", datetime(2026, 5, 16, tzinfo=UTC), datetime(2026, 5, 19, tzinfo=UTC)),
        ("on the Sunday before 15 May", datetime(2026, 5, 4, 12, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC)),
        ("去年之前", BEGINNING, datetime(2025, 1, 1, tzinfo=UTC)),
        ("5月以来", datetime(2026, 5, 1, tzinfo=UTC), END),
    ],
)
def test_a_side_of_a_time(words: str, start: datetime, end: datetime) -> None:
    assert intervals(f"What did we plan {words}?", NOW) == [(start, end)]


@pytest.mark.parametrize(
    "words",
    [
        "may I ask",
        "march on",
        "tomorrow",
        "next week",
        "31 February",
        "recently",
        "下周三",
        "明天",
        "三周三次",
        "sunny",
        "12:30",
    ],
)
def test_what_is_no_time_that_has_passed(words: str) -> None:
    assert intervals(words, NOW) == []


def test_two_times_are_two_intervals() -> None:
    assert told("in May 2023 or last week") == [("2023-05-01", "2023-06-01"), ("2026-11-16", "2026-11-23")]


def test_events_are_dated_by_memory_and_dates_by_the_calendar() -> None:
    assert [(event.words, event.before) for event in events("What did I eat before I moved to Lisbon?", NOW)] == [
        ("I moved to Lisbon", True)
    ]
    assert [(event.words, event.before) for event in events("我搬家之后说了什么", NOW)] == [("我搬家", False)]
    assert events("before May 2023", NOW) == []


@given(st.text(alphabet="0123456789 agoMylstwek-./年月日周前上去今半十二三个天", max_size=40))
def test_no_text_fails(text: str) -> None:
    for interval in intervals(text, NOW):
        assert BEGINNING <= interval.start <= interval.end <= END


@pytest.fixture
def diary(open_store: OpenStore, virtual_clock: VirtualClock) -> MemoryStore:
    """A walk every ten days, for a year."""
    store = open_store()
    now = virtual_clock()
    store.remember_many(
        NewTurn(f"We went for walk number {days}.", conversation=f"c{days}", said_at=now - timedelta(days=days))
        for days in range(0, 360, 10)
    )
    store.index_now()
    return store


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("Where did we walk ten days ago?", {10}),
        ("Which walk was in October?", {30, 40, 50}),
        ("a walk last spring", {180, 190, 200, 210, 220, 230, 240, 250, 260}),
        ("我们去年之前的 walk", set()),
        ("our walk since 12 November", {0, 10}),
    ],
)
def test_a_time_brings_up_what_was_said_then(diary: MemoryStore, asked: str, days: set[int]) -> None:
    found = diary.recall(asked, limit=50)
    inside = {item.memory.text for item in found if item.reasons.get("date", 0) > 0.299}
    assert inside == {f"We went for walk number {number}." for number in days}
    assert not days or found[0].reasons.get("date", 0) > 0.1


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("what did I say last spring", True),
        ("What did we talk about two weeks ago?", True),
        ("what did I tell you before May 2023?", True),
        ("what happened yesterday", True),
        ("我上周说了什么", True),
        ("上个月我们聊过什么？", True),
        ("what did I buy in May", False),
        ("我上周买了什么", False),
        ("when did I move", False),
        ("where was I in May", False),
        ("where did we go in the summer?", False),
        ("我五月去了哪里", False),
        ("what did I say", False),
    ],
)
def test_what_asks_for_nothing_but_a_time(text: str, only: bool) -> None:
    assert asks_only_for_a_time(text, NOW) is only
