"""Instants and lengths of time, as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.replay.times import UNITS, parse_instant, parse_length, shift_months, show_instant

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "months", "seconds"),
    [
        ("3 weeks", 0, 3 * 604_800),
        ("a month", 1, 0),
        ("an hour", 0, 3600),
        ("One Year", 12, 0),
        ("2 days 6 hours", 0, 2 * 86_400 + 6 * 3600),
        ("1 year, 2 months and 3 days", 14, 3 * 86_400),
        ("90minutes", 0, 5400),
        ("  0 days ", 0, 0),
        ("twelve seconds", 0, 12),
    ],
)
def test_lengths_are_read(text: str, months: int, seconds: int) -> None:
    length = parse_length(text)
    assert (length.months, length.seconds) == (months, seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "soon", "3", "weeks", "3 wks", "-3 days", "1.5 hours", "3 weeks later", "3 weeks,", "½ day", "3 周"],
)
def test_what_is_no_length_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it as '3 weeks'.*units: seconds, minutes"):
        parse_length(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-20", datetime(2026, 10, 20, tzinfo=UTC)),
        ("2026-10-20 09:30", datetime(2026, 10, 20, 9, 30, tzinfo=UTC)),
        ("2026-10-20T09:30+02:00", datetime(2026, 10, 20, 7, 30, tzinfo=UTC)),
        (" 2026-10-20T09:30:15Z ", datetime(2026, 10, 20, 9, 30, 15, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_utc(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "20/10/2026", "09:30", "2026", "0001-01-01T00:00+05:00"]
)
def test_what_is_no_instant_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="not a date that exists; write it as 2026-10-20"):
        parse_instant(text)


def test_months_are_those_of_the_calendar() -> None:
    assert shift_months(NOON, 1) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert shift_months(NOON, 25) == datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert shift_months(NOON, -2) == datetime(2025, 11, 30, 12, tzinfo=UTC)
    with pytest.raises(OverflowError):
        shift_months(NOON, 12 * 8000)


@given(count=st.integers(0, 5000), unit=st.sampled_from(UNITS), start=INSTANTS)
def test_a_length_and_its_way_back(count: int, unit: str, start: datetime) -> None:
    length = parse_length(f"{count} {unit}s")
    if not length.months:
        assert length.before(length.after(start)) == start
    elif length.months < 12_000:
        back = length.before(length.after(start))
        assert start - timedelta(days=3) <= back <= start  # a 31st may come back as a 28th, never as a later day


@given(parts=st.lists(st.tuples(st.integers(0, 999), st.sampled_from(UNITS)), min_size=1, max_size=5))
def test_parts_add_up(parts: list[tuple[int, str]]) -> None:
    whole = parse_length(" ".join(f"{count} {unit}" for count, unit in parts))
    single = [parse_length(f"{count} {unit}") for count, unit in parts]
    assert whole.months == sum(part.months for part in single)
    assert whole.seconds == sum(part.seconds for part in single)


@given(text=st.text(max_size=30))
def test_any_text_is_a_length_or_a_clear_refusal(text: str) -> None:
    try:
        outcome = str(parse_length(text).seconds)
    except ValueError as error:
        outcome = str(error)
    assert outcome.isdigit() or ("\n" not in outcome and "3 weeks" in outcome)


@given(instant=INSTANTS)
def test_shown_instants_are_read_back(instant: datetime) -> None:
    assert parse_instant(show_instant(instant)) == instant.replace(microsecond=0)
